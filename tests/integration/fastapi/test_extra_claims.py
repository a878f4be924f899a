"""The host's own claims, from its function to the identity that a route is given."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from bymax_auth.engine import AuthEngine
from bymax_auth.fastapi import CurrentUser, install
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import ASGIApp
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.jwt import base64url
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock, RecordingEvents
from bymax_auth.types.account import AuthUser
from bymax_auth.types.claims import DashboardClaims
from tests.integration.http.driver import Driver
from tests.integration.http.world import LOGIN, UNLIMITED, settings, user

HTTP = AuthHttpConfig(PeerAddress(), rate_limits=UNLIMITED)


class Host:
    """Answers with what it is given, and keeps whom it was asked about."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, user: AuthUser) -> Mapping[str, Any]:
        self.asked.append(user.id)
        if isinstance(self.answer, Exception):
            raise self.answer
        answer: Mapping[str, Any] = self.answer
        return answer


def bare(engine: AuthEngine) -> ASGIApp:
    return auth_app(engine, HTTP, app_at_prefix=True)


def installed(engine: AuthEngine) -> ASGIApp:
    app = FastAPI()
    install(app, engine, HTTP)

    @app.get("/auth/plan")
    async def plan(user: CurrentUser) -> dict[str, Any]:
        return {"plan": user.ext.get("plan"), "teams": user.ext.get("teams")}

    return app


@pytest.fixture(params=[bare, installed])
def face(request: pytest.FixtureRequest) -> Callable[[AuthEngine], ASGIApp]:
    """Each adapter."""
    chosen: Callable[[AuthEngine], ASGIApp] = request.param
    return chosen


@asynccontextmanager
async def an_engine(
    host: Host | None, *accounts: AuthUser
) -> AsyncGenerator[tuple[AuthEngine, list[str], FakeClock]]:
    users, clock = InMemoryUserRepository(), FakeClock()
    for account in accounts or (user(),):
        users.add(account)
    reported: list[str] = []
    engine = AuthEngine(
        settings(sessions={"enabled": True}),
        users=users,
        stores=EmbeddedStores(clock=clock),
        clock=clock,
        events=RecordingEvents(),
        extra_claims=host,
        on_internal_error=lambda origin, _error: reported.append(origin),
    )
    async with engine:
        yield engine, reported, clock


async def identity(engine: AuthEngine, cookies: Mapping[str, str]) -> DashboardClaims:
    claims = (await engine.authenticate(cookies["access_token"])).claims
    assert isinstance(claims, DashboardClaims)
    return claims


async def test_a_login_and_every_refresh_carry_what_the_host_says(
    face: Callable[[AuthEngine], ASGIApp],
) -> None:
    """A host would have to read its database for a plan at every request."""
    host = Host({"plan": "free", "teams": ["a", {"b": None}]})
    async with an_engine(host) as (engine, _reported, clock):
        driver = Driver(face(engine))
        signed_in = await driver.call("POST", "/login", json_body=LOGIN)
        assert signed_in.status == 200, signed_in.body
        assert (await identity(engine, signed_in.cookies)).ext == {
            "plan": "free",
            "teams": ("a", {"b": None}),
        }
        host.answer = {"plan": "pro"}
        clock.advance(timedelta(minutes=1))
        cookies = signed_in.cookies
        for _ in range(2):
            refreshed = await driver.call("POST", "/refresh", cookies=cookies)
            assert refreshed.status == 200, refreshed.body
            cookies = refreshed.cookies
            assert (await identity(engine, cookies)).ext == {"plan": "pro"}
    assert host.asked == ["u1"] * 3


async def test_a_route_of_the_host_is_given_them() -> None:
    """A guard would know the role of a user, and not the plan."""
    async with an_engine(Host({"plan": "pro", "teams": ["a"]})) as (engine, _reported, _clock):
        driver = Driver(installed(engine))
        signed_in = await driver.call("POST", "/login", json_body=LOGIN)
        answer = await driver.call("GET", "/plan", cookies=signed_in.cookies)
    assert answer.members == {"plan": "pro", "teams": ["a"]}


@pytest.mark.parametrize("host", [None, Host({})])
async def test_without_them_a_token_is_as_it_was(
    face: Callable[[AuthEngine], ASGIApp], host: Host | None
) -> None:
    """Another server of the deployment would read a claim that it does not know."""
    async with an_engine(host) as (engine, _reported, _clock):
        signed_in = await Driver(face(engine)).call("POST", "/login", json_body=LOGIN)
        token = signed_in.cookies["access_token"]
        assert (await identity(engine, signed_in.cookies)).ext == {}
    payload = base64url.decode(token.split(".")[1].encode())
    assert payload.endswith(b'"epoch":0}')
    assert b"ext" not in payload


@pytest.mark.parametrize(
    "answer", [RuntimeError("postgres://root:hunter2@db"), {"x": "a" * 1024}, {"x": object()}, None, [1]]
)
async def test_what_no_token_can_hold_stores_and_consumes_nothing(
    face: Callable[[AuthEngine], ASGIApp], answer: Any
) -> None:
    """A session would exist that nobody holds, or a person would be signed out by a fault of the host."""
    host = Host({"plan": "pro"})
    async with an_engine(host) as (engine, reported, _clock):
        driver = Driver(face(engine))
        first = await driver.call("POST", "/login", json_body=LOGIN)
        host.answer = answer
        refused = await driver.call("POST", "/login", json_body=LOGIN)
        assert (refused.status, refused.code) == (500, "auth.internal")
        assert b"hunter2" not in refused.body
        refused = await driver.call("POST", "/refresh", cookies=first.cookies)
        assert (refused.status, refused.code) == (500, "auth.internal")
        assert reported == ["extra_claims"] * 2
        sessions = await engine.list_sessions("u1", tenant_id="acme")
        assert len(sessions) == 1
        host.answer = {}
        again = await driver.call("POST", "/refresh", cookies=first.cookies)
        assert again.status == 200, again.body


async def test_a_token_that_would_be_too_long_stores_nothing(face: Callable[[AuthEngine], ASGIApp]) -> None:
    """The session would be stored, and its token refused by every verifier."""
    host = Host({"x": "a" * 1000})
    long_id = user(id="🔑" * 256, tenant_id="🔑" * 128, role="R" * 400)
    async with an_engine(host, long_id) as (engine, reported, _clock):
        driver = Driver(face(engine))
        credentials = {**LOGIN, "tenantId": long_id.tenant_id}
        refused = await driver.call("POST", "/login", json_body=credentials)
        assert (refused.status, refused.code) == (500, "auth.internal")
        assert reported == ["extra_claims"]
        assert not await engine.list_sessions(long_id.id, tenant_id=long_id.tenant_id)

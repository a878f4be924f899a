"""An application that starts more than once in one process."""

import asyncio
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bymax_auth.engine import AuthEngine
from bymax_auth.fastapi import CurrentUser, engine_lifespan, install
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig, RateLimit, RateLimitConfig
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import RecordingMailer
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from tests.integration.http.world import EMAIL, LOGIN, PASSWORD, TENANT, UNLIMITED, settings, user


def an_app(
    path: Path | None, limits: RateLimitConfig = UNLIMITED
) -> tuple[FastAPI, AuthEngine, RecordingMailer]:
    """What a host has at the top level of its module."""
    users, mailer = InMemoryUserRepository(), RecordingMailer()
    users.add(user())
    engine = AuthEngine(settings(), users=users, stores=EmbeddedStores(path), email=mailer)
    app = FastAPI(lifespan=engine_lifespan(engine))
    auth = install(app, engine, AuthHttpConfig(PeerAddress(), rate_limits=limits))

    @app.get("/mine")
    async def mine(who: CurrentUser) -> str:
        return who.sub

    assert auth.engine is engine
    return app, engine, mailer


@pytest.mark.parametrize("stored", ["in memory", "in a file"])
def test_a_module_level_app_starts_as_often_as_its_tests_ask(stored: str, tmp_path: Path) -> None:
    """The second test of a host fails with "The engine is closed.", for a reason that is not in it."""
    app, engine, mailer = an_app(tmp_path / "auth.db" if stored == "in a file" else None)
    platform = engine.platform
    kept: dict[str, str] = {}
    for turn in range(3):
        with TestClient(app, base_url="https://auth.example.com") as client:
            if kept and stored == "in a file":
                client.cookies.update(kept)
                assert client.get("/mine").json() == "u1"
            assert client.post("/auth/login", json=LOGIN).status_code == 200
            assert client.get("/mine").json() == "u1"
            assert client.post("/auth/refresh").status_code == 200
            mail = {"email": EMAIL, "tenantId": TENANT}
            assert client.post("/auth/password/forgot-password", json=mail).status_code == 200
            kept = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
        # A file keeps the pause between two mails of one address too.
        sent = [mail for mail in mailer.sent if mail.kind == "password_reset_token"]
        assert len(sent) == (1 if stored == "in a file" else turn + 1)
        assert engine.platform is platform
        with pytest.raises(RuntimeError, match="closed"):
            asyncio.run(engine.refresh("cd" * 32, RequestContext()))


def test_limits_count_again(tmp_path: Path) -> None:
    """A limit that is not counted after a restart is no limit."""
    app, _engine, _mailer = an_app(None, RateLimitConfig(login=RateLimit(2, 60)))
    for _ in range(2):
        with TestClient(app, base_url="https://auth.example.com") as client:
            codes = [client.post("/auth/login", json=LOGIN).status_code for _ in range(3)]
            assert codes == [200, 200, 429]


async def test_an_engine_is_not_opened_while_it_closes() -> None:
    """Flows on stores that are about to be closed fail in the middle."""
    _app, engine, _mailer = an_app(None)
    credentials = LoginInput(email=EMAIL, password=PASSWORD, tenant_id=TENANT)
    async with engine:
        await engine.login(credentials, RequestContext())
        closing = asyncio.create_task(engine.aclose())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="being closed"):
            await engine.__aenter__()
        await closing
    async with engine:
        await engine.login(credentials, RequestContext())

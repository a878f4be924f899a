"""When something behind the routes fails: what the client sees, and what nobody sees."""

import asyncio
from datetime import timedelta

import pytest

from bymax_auth.http.asgi import Message
from bymax_auth.http.config import RateLimitConfig
from bymax_auth.http.routes import ROUTES, AnyRoute
from bymax_auth.ports.hooks import AuthHooks, HookContext
from bymax_auth.types.account import AuthUser
from tests.integration.http.requests import (
    ADMINISTRATORS,
    BODIES,
    GUARDED,
    JSON_ROUTES,
    NAVIGATIONS,
    path_of,
    request_of,
    route_id,
)
from tests.integration.http.world import EMAIL, LOGIN, PASSWORD, TENANT, World, a_world, user

UNAVAILABLE = (
    b'{"error":{"code":"auth.unavailable","message":"The service is temporarily unavailable. '
    b'Please try again shortly.","details":{"retryAfterSeconds":5}}}'
)
INTERNAL = b'{"error":{"code":"auth.internal","message":"Internal server error","details":null}}'
UNIFORM = {"resend_verification", "forgot_password", "resend_reset_otp", "logout", "platform_logout"}
SIGNED = {"mfa_challenge", "platform_mfa_challenge"}
"""What is not signed here is refused before a store is asked."""


@pytest.mark.parametrize("spec", GUARDED, ids=route_id)
async def test_a_store_that_is_down_admits_nobody(world: World, spec: AnyRoute) -> None:
    """A revoked token must not come back to life because nobody can look it up."""
    cookies = await world.signed_in()
    await world.stores.aclose()
    answer = await world.driver.call(spec.method, path_of(spec), cookies=cookies)
    assert (answer.status, answer.body, answer.header("retry-after")) == (503, UNAVAILABLE, "5")


@pytest.mark.parametrize("spec", ADMINISTRATORS, ids=route_id)
async def test_a_store_that_is_down_admits_no_administrator(world: World, spec: AnyRoute) -> None:
    """A revoked token of the most powerful account would work whenever the store does not."""
    access, _ = await world.administrators_tokens()
    await world.stores.aclose()
    answer = await world.driver.call(spec.method, path_of(spec), bearer=access)
    assert (answer.status, answer.body, answer.header("retry-after")) == (503, UNAVAILABLE, "5")


@pytest.mark.parametrize(
    "spec",
    [spec for spec in ROUTES if not spec.access.guards and spec.name not in UNIFORM | SIGNED],
    ids=route_id,
)
async def test_a_failing_flow_is_answered_and_reported(world: World, spec: AnyRoute) -> None:
    """The client gets an answer it knows; the operator gets the cause."""
    await world.stores.aclose()
    sent = NAVIGATIONS.get(spec.name) or {"json_body": body_of(spec)}
    answer = await world.driver.call(spec.method, path_of(spec), **sent)
    assert (answer.status, answer.body, answer.header("retry-after")) == (503, UNAVAILABLE, "5")
    assert "internal_error" in world.events.names
    assert world.failures


def body_of(spec: AnyRoute) -> dict[str, object] | None:
    body = BODIES.get(spec.name)
    if spec.name == "reset_password" and body is not None:
        return {key: value for key, value in body.items() if key not in {"otp", "verifiedToken"}}
    return body


LIMITED = [spec for spec in ROUTES if spec.limit is not None]


@pytest.mark.parametrize("spec", [spec for spec in LIMITED if spec.name not in UNIFORM], ids=route_id)
async def test_a_limit_that_cannot_be_counted_admits_nobody(spec: AnyRoute) -> None:
    """Taking the store down must not be a way to guess without limits."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        await world.stores.aclose()
        answer = await world.driver.call(spec.method, path_of(spec), **request_of(spec))
        assert (answer.status, answer.body) == (503, UNAVAILABLE)


@pytest.mark.parametrize("spec", [spec for spec in LIMITED if spec.name in UNIFORM], ids=route_id)
async def test_a_route_that_must_work_needs_no_limit(spec: AnyRoute) -> None:
    """Whoever signs out must be signed out, and an outage must not show which addresses have accounts."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        cookies = await world.signed_in()
        before = await world.driver.call(
            spec.method, path_of(spec), json_body=BODIES[spec.name], cookies=cookies
        )
        cookies = await world.signed_in()
        await world.stores.aclose()
        for _ in range(25):
            answer = await world.driver.call(
                spec.method, path_of(spec), json_body=BODIES[spec.name], cookies=cookies
            )
            assert (answer.status, answer.body, answer.headers) == (
                spec.success,
                before.body,
                before.headers,
            )
        assert len(answer.all("set-cookie")) == (3 if spec.name == "logout" else 0)
        assert f"rate_limit.{spec.name}" in {origin for origin, _ in world.failures}


async def test_a_bug_is_answered_like_an_outage(world: World) -> None:
    """A framework's error page would print the code and the values around it."""

    async def explode(user_id: str, *, tenant_id: str | None) -> AuthUser:
        raise ZeroDivisionError(f"hash is {user().password_hash}")

    cookies = await world.signed_in()
    world.users.find_by_id = explode  # type: ignore[method-assign]
    answer = await world.driver.call("GET", "/me", cookies=cookies)
    assert (answer.status, answer.body) == (500, INTERNAL)
    assert any(isinstance(error, ZeroDivisionError) for _, error in world.failures)
    assert all("scrypt" not in repr(event) for event in world.events.events)


@pytest.mark.parametrize("spec", JSON_ROUTES, ids=route_id)
async def test_a_client_that_goes_away_is_nobodys_error(world: World, spec: AnyRoute) -> None:
    """People close tabs; operators must not be paged for it."""
    cookies = await world.signed_in()
    scope = world.driver.scope(
        spec.method,
        path_of(spec),
        [("content-type", "application/json"), ("cookie", f"access_token={cookies['access_token']}")],
    )
    assert await world.driver.exchange(scope, [b'{"email"'], disconnect=True) is None
    assert world.failures == []
    assert "internal_error" not in world.events.names


async def test_a_cancelled_request_stays_cancelled(world: World) -> None:
    """A server that shuts down must not be answered with an error instead."""
    waiting = asyncio.Event()

    async def receive() -> Message:
        waiting.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        raise AssertionError("nothing may be sent")

    scope = world.driver.scope("POST", "/login", [("content-type", "application/json")])
    task = asyncio.ensure_future(world.driver.app(scope, receive, send))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert world.failures == []


class Slow(AuthHooks):
    """A hook that never answers within its time."""

    def __init__(self, started: asyncio.Event) -> None:
        self.started = started

    async def before_login(self, email: str, tenant_id: str, context: HookContext) -> None:
        self.started.set()
        await asyncio.Event().wait()


async def test_a_sign_in_that_is_cancelled_half_way_can_be_tried_again() -> None:
    """A closed tab must not count as a guess."""
    started = asyncio.Event()
    async with a_world(hooks=Slow(started)) as world:
        for _ in range(6):
            started.clear()
            task = asyncio.ensure_future(world.driver.call("POST", "/login", json_body=LOGIN))
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await world.engine.drain()
        assert not await world.engine.is_account_locked(EMAIL, tenant_id=TENANT)


async def test_an_expired_session_list_is_not_an_error(world: World) -> None:
    """A session that has run out while its owner was away is simply gone."""
    await world.signed_in()
    world.clock.advance(timedelta(days=8))
    cookies = (await world.login(password=PASSWORD)).cookies
    listed = (await world.driver.call("GET", "/sessions", cookies=cookies)).json()
    assert isinstance(listed, list)
    assert len(listed) == 1

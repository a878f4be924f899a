"""A page of another site, and the routes of a plain ASGI application that a cookie opens."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bymax_auth.errors import TokenInvalid, UntrustedOrigin
from bymax_auth.http import guards as unbound
from bymax_auth.http.asgi import Connection, Receive, Scope, Send
from bymax_auth.http.guards import BoundGuards, Guards, from_any_origin
from bymax_auth.http.middleware import AuthMiddleware
from bymax_auth.http.request import RequestView
from tests.integration.fastapi.sockets import open_socket
from tests.integration.http.world import World, a_world

EVIL = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
Guarding = Callable[[BoundGuards, Connection], Awaitable[object]]

ALL: list[Guarding] = [
    lambda guards, seen: guards.auth_user(seen),
    lambda guards, seen: guards.optional_auth_user(seen),
    lambda guards, seen: guards.require_role("MEMBER")(seen),
    lambda guards, seen: guards.self_or_admin("ADMIN")(seen),
    lambda guards, seen: guards.user_status(seen),
    lambda guards, seen: guards.verified_user(seen),
    lambda guards, seen: guards.mfa_satisfied(seen),
]

OPEN: list[Guarding] = [
    lambda guards, seen: guards.from_any_origin(guards.auth_user)(seen),
    lambda guards, seen: guards.from_any_origin(guards.optional_auth_user)(seen),
    lambda guards, seen: guards.require_role("MEMBER", cross_origin=True)(seen),
    lambda guards, seen: guards.self_or_admin("ADMIN", cross_origin=True)(seen),
    lambda guards, seen: guards.from_any_origin(guards.verified_user)(seen),
    lambda _guards, seen: from_any_origin(unbound.mfa_satisfied)(seen),
    lambda _guards, seen: unbound.require_role("MEMBER", cross_origin=True)(seen),
    lambda _guards, seen: unbound.self_or_admin("ADMIN", cross_origin=True)(seen),
]


def request(world: World, method: str | None, token: str, page: dict[str, str]) -> RequestView:
    lines = [("cookie", f"access_token={token}"), *page.items()]
    scope = world.driver.scope(method or "GET", "/x", lines)
    scope["path_params"] = {"user_id": "u1"}
    if method is None:
        scope["type"], scope["scheme"] = "websocket", "wss"
        del scope["method"]
    return RequestView(scope)


@pytest.mark.parametrize("guard", ALL)
async def test_a_cookie_is_good_on_the_applications_own_pages_only(world: World, guard: Guarding) -> None:
    """Any page that a signed-in person visits would act in that person's name."""
    bound = Guards(world.engine, world.http)
    token = (await world.signed_in())["access_token"]
    for method in (None, "POST", "PUT", "DELETE"):
        with pytest.raises(UntrustedOrigin):
            await guard(bound, request(world, method, token, EVIL))
        await guard(bound, request(world, method, token, {"origin": "https://auth.example.com"}))
        await guard(bound, request(world, method, token, {}))
    for method in ("GET", "HEAD", "OPTIONS"):
        await guard(bound, request(world, method, token, EVIL))


HARDENED = {"refuse_conflicts": True}


@pytest.mark.parametrize("method", [None, "POST", "GET"])
async def test_a_second_cookie_opens_no_route_of_the_host(method: str | None) -> None:
    """A sibling subdomain would have its visitors act in its own account, or unseen by the origin check."""
    async with a_world(cookies=HARDENED) as world:
        auth = Guards(world.engine, world.http)
        hers, stranger = [(await world.signed_in())["access_token"] for _ in range(2)]
        for page in ({}, EVIL):
            two = request(world, method, f"{hers}; access_token={stranger}", page)
            with pytest.raises(TokenInvalid):
                await auth.auth_user(two)
        hidden = request(world, method, f"{hers}; access_token=", EVIL)
        if method == "GET":
            assert (await auth.auth_user(hidden)).sub == "u1"
            return
        with pytest.raises(UntrustedOrigin):
            await auth.auth_user(hidden)


@pytest.mark.parametrize("guard", OPEN)
async def test_a_route_for_other_sites_says_so(world: World, guard: Guarding) -> None:
    """A widget on other sites works on the routes that are meant for it, and opens no others."""
    bound = Guards(world.engine, world.http)
    token = (await world.signed_in())["access_token"]
    for method in (None, "POST"):
        made = request(world, method, token, EVIL)
        await bound.trusted_origin(request(world, method, token, {}))
        await bound.from_any_origin(bound.auth_user)(made)
        await guard(bound, made)
        with pytest.raises(UntrustedOrigin):
            await bound.auth_user(made)


async def test_a_refusal_does_not_leave_the_request_open(world: World) -> None:
    """A host that catches one refusal and asks another guard must get the other guard's answer."""
    bound = Guards(world.engine, world.http)
    made = request(world, "POST", "garbage", EVIL)
    with pytest.raises(TokenInvalid):
        await bound.from_any_origin(bound.auth_user)(made)
    with pytest.raises(UntrustedOrigin):
        await bound.auth_user(made)


async def test_the_middleware_denies_the_handshake(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A page elsewhere would read along; a server that answers 500 would fill its log with each attempt."""

    async def chat(scope: Scope, receive: Receive, send: Send) -> None:
        await unbound.auth_user(RequestView(scope))
        await send({"type": "websocket.accept"})

    app = AuthMiddleware(chat, world.engine, world.http)
    cookies = await world.signed_in()
    denied = await open_socket(app, "/chat", cookies=cookies, headers=EVIL)
    assert (denied.status, denied.code) == (403, "auth.untrusted_origin")
    closed = await open_socket(app, "/chat", cookies=cookies, headers=EVIL, can_deny=False)
    assert (closed.types, closed.close_code) == (["websocket.close"], 1008)
    assert (await open_socket(app, "/chat", cookies=cookies)).accepted
    (line,) = caplog.records
    assert line.__dict__["event"] == "origin.refused"
    assert line.__dict__["origin"] == "https://evil.example"


async def test_refused_origins_are_logged_once_a_minute(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A page that tries a thousand times a second would hide everything else in the log."""
    bound = Guards(world.engine, world.http)
    token = (await world.signed_in())["access_token"]
    counts: list[list[int]] = []
    for seconds in (0, 30, 29, 1, 30):
        world.clock.advance(timedelta(seconds=seconds))
        caplog.clear()
        for _ in range(3):
            with pytest.raises(UntrustedOrigin):
                await bound.trusted_origin(request(world, "POST", token, EVIL))
        counts.append([record.__dict__["suppressed"] for record in caplog.records])
    assert counts == [[0], [], [], [8], []]

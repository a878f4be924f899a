"""The middleware around a host's own application."""

import json
from dataclasses import replace

import pytest

from bymax_auth.errors import InsufficientRole, StoreUnavailable
from bymax_auth.http.asgi import ASGIApp, Message, Receive, Scope, Send
from bymax_auth.http.auth_scope import SCOPE_KEY
from bymax_auth.http.guards import auth_user
from bymax_auth.http.middleware import AuthMiddleware
from bymax_auth.http.request import RequestView
from tests.integration.http.driver import Driver
from tests.integration.http.world import World


async def greeting(scope: Scope, receive: Receive, send: Send) -> None:
    """A host's application: public at /, guarded below /me, and failing where its path says so."""
    path: str = scope["path"]
    if path.endswith("/me"):
        claims = await auth_user(RequestView(scope))
        await say(send, claims.sub)
    elif path.endswith("/role"):
        raise InsufficientRole
    elif path.endswith("/outage"):
        raise StoreUnavailable("the driver's own words")
    elif path.endswith("/bug"):
        raise ZeroDivisionError
    elif path.endswith("/late"):
        await say(send, "half")
        raise InsufficientRole
    elif path.endswith("/late-outage"):
        await say(send, "half")
        raise StoreUnavailable
    else:
        await say(send, "known" if SCOPE_KEY in scope else "unknown")


async def say(send: Send, text: str) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})


def around(world: World, app: ASGIApp = greeting, *paths: str) -> Driver:
    return Driver(AuthMiddleware(app, world.engine, world.http, paths=paths or ("/",)), prefix="")


async def test_it_refuses_nobody_by_itself(world: World) -> None:
    """A public page stays public, whatever an old cookie says, and whatever is down."""
    driver = around(world)
    for cookies in ({}, {"access_token": "garbage"}, await world.signed_in()):
        answer = await driver.call("GET", "/", cookies=cookies)
        assert (answer.status, answer.body) == (200, b"known")
    cookies = await world.signed_in()
    await world.stores.aclose()
    assert (await driver.call("GET", "/", cookies=cookies)).status == 200
    assert (await driver.call("GET", "/me", cookies=cookies)).code == "auth.unavailable"


async def test_a_guard_finds_the_caller_it_left(world: World) -> None:
    """The host's route reads who is calling, and a stranger gets the envelope."""
    driver = around(world)
    assert (await driver.call("GET", "/me", cookies=await world.signed_in())).body == b"u1"
    answer = await driver.call("GET", "/me")
    assert (answer.status, answer.code) == (401, "auth.token_invalid")
    assert answer.header("cache-control") == "no-store"


async def test_what_escapes_is_answered_in_our_form(world: World) -> None:
    """A framework without a handler would answer a refusal with an error page."""
    driver = around(world)
    answer = await driver.call("GET", "/role")
    assert (answer.status, answer.code) == (403, "auth.insufficient_role")
    answer = await driver.call("GET", "/outage")
    assert (answer.status, answer.code) == (503, "auth.unavailable")
    assert b"own words" not in answer.body
    assert [type(error) for _, error in world.failures] == [StoreUnavailable]


async def test_the_hosts_own_errors_are_the_hosts(world: World) -> None:
    """Their framework knows what to do with them."""
    with pytest.raises(ZeroDivisionError):
        await around(world).call("GET", "/bug")


@pytest.mark.parametrize(("path", "error"), [("/late", InsufficientRole), ("/late-outage", StoreUnavailable)])
async def test_an_answer_that_has_begun_is_not_answered_again(
    world: World, path: str, error: type[Exception]
) -> None:
    """Two heads in one answer break the connection for everybody behind the proxy."""
    with pytest.raises(error):
        await around(world).call("GET", path)


async def test_only_the_chosen_paths_are_looked_at(world: World) -> None:
    """A host may keep its static files out of it; a path that merely begins alike is another."""
    driver = around(world, greeting, "/api/", "/account")
    for path, body in (
        ("/api", b"known"),
        ("/api/x", b"known"),
        ("/account", b"known"),
        ("/apix", b"unknown"),
        ("/", b"unknown"),
        ("/static/api", b"unknown"),
    ):
        assert (await driver.call("GET", path)).body == body


async def test_chosen_paths_are_below_where_the_app_is_mounted(world: World) -> None:
    """A host that moves behind ``--root-path /api`` must not lose its guards."""
    driver = replace(around(world, greeting, "/me"), root_path="/api")
    assert (await driver.call("GET", "/me", cookies=await world.signed_in())).body == b"u1"
    assert (await driver.call("GET", "/else")).body == b"unknown"


async def test_other_scopes_pass_untouched(world: World) -> None:
    """The host's lifespan is none of our business."""
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        raise AssertionError

    await AuthMiddleware(app, world.engine, world.http)({"type": "lifespan"}, receive, send)
    assert seen == [{"type": "lifespan"}]


async def upgrade(driver: Driver, path: str, *, extensions: dict[str, object] | None) -> list[Message]:
    scope = driver.scope("GET", path)
    scope["type"] = "websocket"
    scope["extensions"] = extensions
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await driver.app(scope, receive, send)
    return sent


async def test_a_socket_is_refused_before_it_opens(world: World) -> None:
    """A client learns why where its server can say so, and is turned away where it cannot."""
    driver = around(world)
    start, body = await upgrade(driver, "/me", extensions={"websocket.http.response": {}})
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
    assert (b"cache-control", b"no-store") in start["headers"]
    assert json.loads(body["body"])["error"]["code"] == "auth.token_invalid"
    for extensions in ({}, None):
        (closed,) = await upgrade(driver, "/me", extensions=extensions)
        assert (closed["type"], closed["code"]) == ("websocket.close", 1008)


async def test_a_refusal_after_the_handshake_is_the_hosts_to_close(world: World) -> None:
    """An open socket has no status line to put a refusal into."""

    async def accepting(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        raise InsufficientRole

    with pytest.raises(InsufficientRole):
        await upgrade(around(world, accepting), "/", extensions={})

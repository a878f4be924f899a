"""Sockets of a host that end with the login that opened them, in FastAPI and around plain ASGI."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, WebSocket

from bymax_auth.errors import TokenInvalid
from bymax_auth.fastapi import CurrentUser, Ended, WatchLogin, WsAuthUser, WsAuthUserFromHeader, install
from bymax_auth.http.asgi import ASGIApp, Message, Receive, Scope, Send
from bymax_auth.http.guards import Guards
from bymax_auth.http.middleware import AuthMiddleware
from bymax_auth.http.request import RequestView
from bymax_auth.services.open_logins import OpenLogin
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.login_end import LoginEndReason
from tests.integration.fastapi.sockets import open_socket, websocket_scope
from tests.integration.http.world import TENANT, World
from tests.servers.patience import PATIENCE


@dataclass
class Client:
    """The other end of a socket."""

    sent: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue)
    received: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue)
    running: "asyncio.Task[None] | None" = None

    @classmethod
    async def opening(cls, app: ASGIApp, path: str = "/live", **sent: Any) -> "Client":
        client = cls()
        await client.sent.put({"type": "websocket.connect"})
        serving: Any = app(websocket_scope(path, **sent), client.sent.get, client.received.put)
        client.running = asyncio.create_task(serving)
        opened = await client.next()
        assert opened["type"] == "websocket.accept", opened
        return client

    async def next(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            return await self.received.get()

    async def leaves(self) -> None:
        await self.sent.put({"type": "websocket.disconnect", "code": 1001})
        await self.done()

    async def done(self) -> None:
        assert self.running is not None
        async with asyncio.timeout(PATIENCE):
            await self.running


async def raced(login: OpenLogin, receive: Callable[[], Awaitable[object]]) -> LoginEndReason | None:
    """What a host writes: whichever is first ends the other."""
    async with asyncio.TaskGroup() as tasks:
        receiving = tasks.create_task(until_left(receive))
        ending = tasks.create_task(login.wait())
        first, _ = await asyncio.wait((receiving, ending), return_when=asyncio.FIRST_COMPLETED)
        receiving.cancel()
        ending.cancel()
    return None if receiving in first else ending.result()


async def until_left(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


def in_fastapi(world: World) -> ASGIApp:
    app = FastAPI()
    auth = install(app, world.engine, world.http)

    async def live(socket: WebSocket, login: OpenLogin) -> None:
        await socket.accept()
        reason = await raced(login, socket.receive)
        if reason is not None:
            await socket.close(reason.close_code, reason)

    @app.websocket("/live")
    async def by_ticket(socket: WebSocket, user: WsAuthUser, ended: Ended) -> None:
        await live(socket, ended(user))

    @app.websocket("/header")
    async def by_header(
        socket: WebSocket,
        user: WsAuthUserFromHeader,
        ended: Annotated[WatchLogin, Depends(auth.ended)],
    ) -> None:
        await live(socket, ended(user))

    @app.websocket("/cookie")
    async def by_cookie(socket: WebSocket, user: CurrentUser, ended: Ended) -> None:
        await live(socket, ended(user))

    return app


def in_plain_asgi(world: World) -> ASGIApp:
    guards = Guards(world.engine, world.http)
    by_path = {
        "/live": guards.ws_auth_user,
        "/header": guards.ws_auth_user_from_header,
        "/cookie": guards.current_user,
    }

    async def live(scope: Scope, receive: Receive, send: Send) -> None:
        user = await by_path[scope["path"]](RequestView(scope))
        await receive()
        await send({"type": "websocket.accept"})
        reason = await raced(guards.ended(user), receive)
        if reason is not None:
            await send({"type": "websocket.close", "code": reason.close_code, "reason": str(reason)})

    return AuthMiddleware(live, world.engine, world.http)


@pytest.fixture(params=[in_fastapi, in_plain_asgi])
def app(request: pytest.FixtureRequest, world: World) -> ASGIApp:
    """The same host in both adapters."""
    build: Callable[[World], ASGIApp] = request.param
    return build(world)


async def opened_by_ticket(world: World, app: ASGIApp, cookies: dict[str, str]) -> Client:
    answer = await world.driver.call("POST", "/ws-ticket", cookies=cookies)
    return await Client.opening(app, query=f"ticket={answer.members['ticket']}".encode())


async def opened_by_header(_world: World, app: ASGIApp, cookies: dict[str, str]) -> Client:
    return await Client.opening(app, "/header", bearer=cookies["access_token"])


async def opened_by_cookie(_world: World, app: ASGIApp, cookies: dict[str, str]) -> Client:
    return await Client.opening(app, "/cookie", cookies={"access_token": cookies["access_token"]})


async def sign_out(world: World, cookies: dict[str, str]) -> None:
    assert (await world.driver.call("POST", "/logout", cookies=cookies)).status == 204


async def sign_out_elsewhere(world: World, _cookies: dict[str, str]) -> None:
    other = await world.signed_in()
    assert (await world.driver.call("DELETE", "/sessions/all", cookies=other)).status == 204


async def revoke_all(world: World, _cookies: dict[str, str]) -> None:
    await world.engine.revoke_all_sessions("u1", tenant_id=TENANT)


Open = Callable[[World, ASGIApp, dict[str, str]], Awaitable[Client]]
Revoke = Callable[[World, dict[str, str]], Awaitable[None]]

REVOCATIONS: list[tuple[Revoke, str]] = [
    (sign_out, "token_revoked"),
    (sign_out_elsewhere, "sessions_revoked"),
    (revoke_all, "sessions_revoked"),
]


@pytest.mark.parametrize("opens", [opened_by_ticket, opened_by_header, opened_by_cookie])
@pytest.mark.parametrize(("revoke", "reason"), REVOCATIONS)
async def test_a_socket_ends_with_the_login_that_opened_it(
    world: World, app: ASGIApp, opens: Open, revoke: Revoke, reason: str
) -> None:
    """Whoever signs a lost device out expects it to hear nothing more."""
    cookies = await world.signed_in()
    client = await opens(world, app, cookies)
    await revoke(world, cookies)
    closed = await client.next()
    assert (closed["type"], closed["code"], closed["reason"]) == ("websocket.close", 1008, reason)
    await client.done()


@pytest.mark.parametrize("opens", [opened_by_ticket, opened_by_header, opened_by_cookie])
async def test_a_client_that_leaves_first_leaves_nothing(world: World, app: ASGIApp, opens: Open) -> None:
    """Each visit to a page would leave its socket behind on the server."""
    cookies = await world.signed_in()
    logins = world.engine._services.open_logins
    clients = [await opens(world, app, cookies) for _ in range(20)]
    for client in clients:
        await client.leaves()
    for _ in range(20):
        await asyncio.sleep(0)
    assert (len(logins._waits), len(logins._by_name), logins._task, logins._timer) == (0, 0, None, None)


async def test_another_login_of_the_same_person_goes_on(world: World, app: ASGIApp) -> None:
    """Signing out on the phone must not end the conversation on the laptop."""
    phone, laptop = await world.signed_in(), await world.signed_in()
    ends = await opened_by_ticket(world, app, phone)
    stays = await opened_by_ticket(world, app, laptop)
    await sign_out(world, phone)
    assert (await ends.next())["type"] == "websocket.close"
    assert stays.received.empty()
    await stays.leaves()


async def test_an_engine_that_closes_ends_its_sockets(world: World, app: ASGIApp) -> None:
    """A server that is stopped would wait for every page to be closed."""
    client = await opened_by_ticket(world, app, await world.signed_in())
    await world.engine.aclose()
    closed = await client.next()
    assert (closed["code"], closed["reason"]) == (1013, "unavailable")
    await client.done()


async def test_a_ticket_or_a_token_renews_and_nothing_else_does(world: World) -> None:
    """A page has no access token to send, and another client no ticket."""
    claims = await claims_of(world)
    login = world.engine.ended(claims)
    fresh = await world.signed_in()
    answer = await world.driver.call("POST", "/ws-ticket", cookies=fresh)
    for token in (fresh["access_token"], str(answer.members["ticket"])):
        assert (await login.renew(token)).sub == "u1"
    for token in (str(answer.members["ticket"]), fresh["refresh_token"], "", "garbage"):
        with pytest.raises(TokenInvalid):
            await login.renew(token)


async def test_a_closed_engine_watches_nothing(world: World) -> None:
    """A handler that outlives its engine must be told, and not wait for ever."""
    claims = await claims_of(world)
    await world.engine.aclose()
    with pytest.raises(RuntimeError):
        world.engine.ended(claims)


async def test_a_host_without_an_engine_is_told_so(world: World) -> None:
    """The name of the missing call is worth more than an attribute that is not there."""
    app = FastAPI()

    @app.websocket("/live")
    async def live(socket: WebSocket, ended: Ended) -> None:
        await socket.accept()

    with pytest.raises(RuntimeError, match="No AuthEngine on this app"):
        await open_socket(app, "/live")


async def claims_of(world: World) -> DashboardClaims:
    token = (await world.signed_in())["access_token"]
    claims = (await world.engine.authenticate(token)).claims
    assert isinstance(claims, DashboardClaims)
    return claims

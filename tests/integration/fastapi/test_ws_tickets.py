"""WebSockets of a FastAPI host that a ticket or a header opens."""

from typing import Any

import pytest
from fastapi import Depends, FastAPI, WebSocket

from bymax_auth.fastapi import TicketUser, WsAuthUser, WsAuthUserFromHeader, install, ws_auth_user
from tests.integration.fastapi.host import Host
from tests.integration.fastapi.sockets import open_socket
from tests.integration.http.world import World

ALIASES = [WsAuthUser, TicketUser, WsAuthUserFromHeader]


async def ticket_of(world: World) -> str:
    answer = await world.driver.call("POST", "/ws-ticket", cookies=await world.signed_in())
    return str(answer.members["ticket"])


@pytest.mark.parametrize("alias", ALIASES)
async def test_a_ticket_opens_one_socket_of_the_host(world: World, alias: Any) -> None:
    """The claims must be those of whoever asked for the ticket."""
    host = Host.of(world)

    @host.app.websocket("/live")
    async def live(websocket: WebSocket, user: alias) -> None:  # type: ignore[valid-type]
        await websocket.accept(subprotocol=user.sub)
        await websocket.close()

    query = f"ticket={await ticket_of(world)}".encode()
    opened = await open_socket(host.app, "/live", query=query)
    assert opened.sent[0]["subprotocol"] == "u1"
    denied = await open_socket(host.app, "/live", query=query)
    assert denied.types == ["websocket.http.response.start", "websocket.http.response.body"]
    assert (denied.status, denied.code) == (401, "auth.token_invalid")
    assert denied.headers["cache-control"] == "no-store"
    closed = await open_socket(host.app, "/live", query=query, can_deny=False)
    assert (closed.types, closed.close_code) == (["websocket.close"], 1008)


async def test_a_header_opens_a_socket_of_the_host(world: World) -> None:
    """Clients that are no browsers have no cookies."""
    host = Host.of(world)
    host.guarded_by(host.auth.ws_auth_user_from_header)
    token = (await world.signed_in())["access_token"]
    assert (await host.open(bearer=token)).accepted
    assert (await host.open(cookies={"access_token": token})).status == 401


async def test_a_bound_guard_serves_a_mounted_app(world: World) -> None:
    """A part of the host that has no engine of its own must refuse as the rest does."""
    app, part = FastAPI(), FastAPI()
    auth = install(app, world.engine, world.http)

    @part.websocket("/live", dependencies=[Depends(auth.ws_auth_user)])
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    app.mount("/part", part)
    query = f"ticket={await ticket_of(world)}".encode()
    assert (await open_socket(app, "/part/live", query=query)).accepted
    assert (await open_socket(app, "/part/live", query=query)).status == 401


async def test_a_test_of_the_host_opens_sockets_without_tickets(world: World) -> None:
    """A host's tests are about what its socket does, and sign nobody in."""
    host = Host.of(world)
    host.guarded_by(host.auth.ws_auth_user)
    host.app.dependency_overrides[ws_auth_user] = lambda: None
    assert (await host.open()).accepted

"""A WebSocket from another site's page, against a real server."""

import logging
from collections.abc import Callable

import pytest
from fastapi import FastAPI, WebSocket
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from bymax_auth.fastapi import CurrentUser
from bymax_auth.http.guards import auth_user
from bymax_auth.http.middleware import AuthMiddleware
from bymax_auth.http.request import RequestView
from tests.integration.fastapi.faces import installed_app
from tests.integration.http.world import World
from tests.servers.asgi import served

pytestmark = pytest.mark.slow


def in_fastapi(world: World) -> FastAPI:
    app = installed_app(world)

    @app.websocket("/chat")
    async def chat(websocket: WebSocket, user: CurrentUser) -> None:
        await websocket.accept()
        await websocket.send_text(user.sub)
        await websocket.close()

    return app


def in_plain_asgi(world: World) -> ASGIApp:
    async def chat(scope: Scope, receive: Receive, send: Send) -> None:
        claims = await auth_user(RequestView(scope))
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": claims.sub})
        await send({"type": "websocket.close"})

    return AuthMiddleware(chat, world.engine, world.http)


class WithoutDenial:
    """A server that knows no way to answer a handshake but to accept or to close."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "extensions": {}}, receive, send)


@pytest.mark.parametrize("can_deny", [True, False])
@pytest.mark.parametrize("build", [in_fastapi, in_plain_asgi])
async def test_the_handshake_is_denied_and_the_log_stays_quiet(
    world: World, build: Callable[[World], ASGIApp], can_deny: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A page elsewhere would read along as its visitor, or fill the error log with every attempt."""
    app = build(world)
    cookie = {"Cookie": f"access_token={(await world.signed_in())['access_token']}"}
    caplog.set_level(logging.INFO)
    async with served(app if can_deny else WithoutDenial(app)) as address:
        for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
            with pytest.raises(InvalidStatus) as denied:
                await connect(
                    f"ws://{address}/chat", additional_headers=cookie, origin=Origin(origin), proxy=None
                )
            assert denied.value.response.status_code == 403
            if can_deny:
                assert b"auth.untrusted_origin" in (denied.value.response.body or b"")
        own = Origin(f"http://{address}")
        async with connect(
            f"ws://{address}/chat", additional_headers=cookie, origin=own, proxy=None
        ) as opened:
            assert await opened.recv() == "u1"
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert [record for record in caplog.records if record.exc_info] == []

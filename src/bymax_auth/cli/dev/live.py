"""
The WebSocket of the demo page, which ends when the login does that opened it.

    WS /dev/demo/live?ticket=…    admitted by a ticket of POST /auth/ws-ticket
"""

import asyncio
from typing import Final

from fastapi import FastAPI, WebSocket

from bymax_auth.fastapi import Ended, WsAuthUser

__all__ = ["add_live"]

_PATH: Final = "/dev/demo/live"


def add_live(app: FastAPI) -> None:
    """Add the WebSocket to `app`."""

    @app.websocket(_PATH)
    async def live(socket: WebSocket, user: WsAuthUser, ended: Ended) -> None:
        login = ended(user)
        await socket.accept()
        async with asyncio.TaskGroup() as tasks:
            leaving = tasks.create_task(_left(socket))
            ending = tasks.create_task(login.wait())
            first, _ = await asyncio.wait((leaving, ending), return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            ending.cancel()
        if leaving not in first:
            reason = ending.result()
            await socket.close(reason.close_code, reason)


async def _left(socket: WebSocket) -> None:
    """Return when the browser has closed the socket; what it says is ignored."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass

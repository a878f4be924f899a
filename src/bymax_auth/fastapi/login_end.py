"""
The end of a login, as a dependency of a route whose connection outlives the check of its guard.

    @app.websocket("/live")
    async def live(socket: WebSocket, user: WsAuthUser, ended: Ended) -> None:
        ...
        reason = await ended(user)
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from bymax_auth.fastapi.running_app import NOT_INSTALLED, runtime_of
from bymax_auth.services.open_logins import OpenLogin
from bymax_auth.types.claims import AccessClaims

__all__ = ["Ended", "WatchLogin", "ended"]

WatchLogin = Callable[[AccessClaims], OpenLogin]
"""Takes the claims that a guard returned, and returns what can be awaited until their login has ended."""


async def ended(connection: HTTPConnection) -> WatchLogin:
    """
    Return the function that watches a login, of the engine that is installed on the running app.

    Raises:
        RuntimeError: No engine is installed.
    """
    runtime = runtime_of(connection)
    if runtime is None:
        raise RuntimeError(NOT_INSTALLED)
    return runtime.engine.ended


Ended = Annotated[WatchLogin, Depends(ended)]
"""``await ended(user)`` returns why the login of `user` has ended, once it has."""

"""
Authentication around a host's own application, in plain ASGI.

The middleware looks at the access token once and leaves what it found in the scope.  It never
refuses by itself: a bad token on a public route passes, and the first guard that asks raises.
"""

from collections.abc import Iterable
from typing import Final

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import AuthError, InternalError
from bymax_auth.http.asgi import ASGIApp, Message, Receive, Response, Scope, Send, head_of, send_response
from bymax_auth.http.auth_scope import attach
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.errors import INTERNAL_RESPONSE, render
from bymax_auth.http.request import RequestView, route_path
from bymax_auth.http.runtime import HttpRuntime

__all__ = ["AuthMiddleware"]

_POLICY_VIOLATION: Final = 1008
_STARTS: Final = frozenset(
    {"http.response.start", "websocket.accept", "websocket.close", "websocket.http.response.start"}
)


class AuthMiddleware:
    """
    Puts the engine and the caller's identity into the scope of requests below `paths`.

    Paths are those of the application's own routes, without the ``root_path`` that it is served at.

    An `AuthError` or `InternalError` that escapes the application before its response has
    started is answered as the envelope.
    """

    def __init__(
        self, app: ASGIApp, engine: AuthEngine, http: AuthHttpConfig, *, paths: Iterable[str] = ("/",)
    ) -> None:
        self._app = app
        self._runtime = HttpRuntime(engine, http)
        self._paths = tuple(path.rstrip("/") for path in paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"} or not self._covers(route_path(scope)):
            await self._app(scope, receive, send)
            return
        await self._look(scope)
        answering = _Answering(send)
        try:
            await self._app(scope, receive, answering)
        except AuthError as refusal:
            if answering.started:
                raise
            await _refuse(scope, receive, send, render(refusal))
        except InternalError as failure:
            if answering.started:
                raise
            self._runtime.engine.failures.report("middleware", failure)
            await _refuse(scope, receive, send, INTERNAL_RESPONSE)

    def _covers(self, path: str) -> bool:
        return any(path == below or path.startswith(f"{below}/") for below in self._paths)

    async def _look(self, scope: Scope) -> None:
        """Check the token when there is one; whatever comes of it waits for a guard to ask."""
        view = RequestView(scope)
        found = attach(view, self._runtime)
        if self._runtime.channels.access(view) is None:
            return
        try:
            await found.dashboard(view)
        except (AuthError, InternalError):
            return


class _Answering:
    """Passes events on, and knows whether an answer has begun."""

    __slots__ = ("_send", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] in _STARTS:
            self.started = True
        await self._send(message)


async def _refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Answer in the form of the connection; a WebSocket is refused before it was ever accepted."""
    if scope["type"] == "http":
        await send_response(send, response)
        return
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
        return
    await send(
        {"type": "websocket.http.response.start", "status": response.status, "headers": head_of(response)}
    )
    await send({"type": "websocket.http.response.body", "body": response.body})

"""
Authentication for a host's own application, as ASGI middleware.

The middleware checks the access token once and stores the result in the scope.  It does not refuse
requests itself: an invalid token on a public route passes, and the first guard that needs it raises.
"""

from collections.abc import Iterable
from typing import Final

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import AuthError, InternalError
from bymax_auth.http.asgi import ASGIApp, Message, Receive, Response, Scope, Send, send_response
from bymax_auth.http.auth_scope import attach
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.denial import deny
from bymax_auth.http.errors import close_code, render, render_failure
from bymax_auth.http.request import RequestView, route_path
from bymax_auth.http.runtime import HttpRuntime

__all__ = ["AuthMiddleware"]

_START_EVENTS: Final = frozenset(
    {"http.response.start", "websocket.accept", "websocket.close", "websocket.http.response.start"}
)


class AuthMiddleware:
    """
    Attaches the engine and the caller's identity to the scope of requests below `paths`.

    Paths are those of the application's own routes, without the ``root_path`` at which it is served.

    An `AuthError` or `InternalError` that the application raises before its response has started
    becomes an envelope response.
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
        await self._authenticate(scope)
        tracked = _TrackedSend(send)
        try:
            await self._app(scope, receive, tracked)
        except AuthError as refusal:
            if tracked.started:
                raise
            await _refuse(scope, send, render(refusal))
        except InternalError as failure:
            if tracked.started:
                raise
            self._runtime.engine.failures.report("middleware", failure)
            await _refuse(scope, send, render_failure(failure))

    def _covers(self, path: str) -> bool:
        return any(path == below or path.startswith(f"{below}/") for below in self._paths)

    async def _authenticate(self, scope: Scope) -> None:
        """Check the token if there is one; the scope keeps the result, even a failure, for the guards."""
        view = RequestView(scope)
        found = attach(view, self._runtime)
        if not self._runtime.channels.carries_access(view):
            return
        try:
            await found.dashboard(view)
        except (AuthError, InternalError):
            return


class _TrackedSend:
    """Forwards events, and records whether a response has started."""

    __slots__ = ("_send", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] in _START_EVENTS:
            self.started = True
        await self._send(message)


async def _refuse(scope: Scope, send: Send, response: Response) -> None:
    """Refuse in the protocol of the connection; a WebSocket is refused before it is accepted."""
    if scope["type"] == "http":
        await send_response(send, response)
    else:
        await deny(scope, send, response, close_code(response))

"""
Refusals and failures that a FastAPI host's own routes raise.

A guard raises `AuthHTTPException`, so an app without our handlers still responds with the right
status.  With them, that and every `AuthError` or `InternalError` of a host's own call to the
engine becomes an envelope response, and a WebSocket is refused before it is accepted.
"""

import logging
from typing import Final

from fastapi import FastAPI, HTTPException, WebSocketException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketState

from bymax_auth.errors import AuthError, InternalError
from bymax_auth.fastapi.running_app import runtime_of
from bymax_auth.http import asgi
from bymax_auth.http.denial import can_deny, deny, expect_denial
from bymax_auth.http.errors import close_code, envelope, render, render_failure, retry_after_seconds
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.services.diagnostics import causes_of
from bymax_auth.services.failures import class_name

__all__ = ["AuthHTTPException", "refused", "register_exception_handlers"]

_LOGGER: Final = logging.getLogger("bymax_auth")


class AuthHTTPException(HTTPException):
    """
    A guard's refusal or failure as an `HTTPException` of FastAPI.

    `refusal` is the original `AuthError` or `InternalError`; a failure has been reported already.
    """

    def __init__(self, refusal: AuthError | InternalError) -> None:
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        seconds = retry_after_seconds(refusal)
        if seconds is not None:
            headers["Retry-After"] = str(seconds)
        super().__init__(refusal.status, detail=envelope(refusal), headers=headers)
        self.refusal = refusal


def refused(connection: HTTPConnection, runtime: HttpRuntime, error: AuthError | InternalError) -> Exception:
    """
    Return what makes FastAPI refuse when a dependency raised `error`, with or without our handlers.

    A failure is reported here: an app without our handlers answers it too, and would not report it.

    Without the extension a WebSocket can only be closed, which servers answer with 403; FastAPI's handler of
    an `HTTPException` would send what such a server does not know.  The same holds once it is open.
    """
    if isinstance(error, InternalError):
        runtime.engine.failures.report("fastapi", error)
    if connection.scope["type"] == "websocket":
        if _is_open(connection) or not can_deny(connection.scope):
            answer = render(error) if isinstance(error, AuthError) else render_failure(error)
            return WebSocketException(close_code(answer))
        expect_denial()
    return AuthHTTPException(error)


def register_exception_handlers(app: FastAPI) -> None:
    """
    Make `app` return refusals and failures of the engine as the envelope, on HTTP and WebSocket.

    The handlers are registered for classes of this library, so the app's other handlers stay unchanged.
    """
    app.add_exception_handler(AuthHTTPException, _handle)
    app.add_exception_handler(AuthError, _handle)
    app.add_exception_handler(InternalError, _handle)


async def _handle(connection: HTTPConnection, error: Exception) -> Response:
    if isinstance(error, AuthHTTPException):
        error = error.refusal
    if isinstance(error, AuthError):
        return _RefusalResponse(connection, render(error))
    _report(connection, error)
    return _RefusalResponse(connection, render_failure(error))


def _report(connection: HTTPConnection, failure: Exception) -> None:
    runtime = runtime_of(connection)
    if runtime is not None:
        runtime.engine.failures.report("fastapi", failure)
        return
    _LOGGER.error(
        "Internal failure without an engine",
        extra={
            "event": "internal.failure",
            "exception": class_name(failure),
            "causes": causes_of(failure),
        },
    )


def _is_open(connection: HTTPConnection) -> bool:
    connected = WebSocketState.CONNECTED
    return isinstance(connection, WebSocket) and (
        connection.application_state is connected and connection.client_state is connected
    )


class _RefusalResponse(Response):
    """A response of the HTTP layer, sent in the protocol of the connection; an open WebSocket is closed."""

    def __init__(self, connection: HTTPConnection, answer: asgi.Response) -> None:
        super().__init__(answer.body, answer.status)
        self.raw_headers = asgi.head_of(answer)
        self._answer = answer
        self._connection = connection
        self._close_code = close_code(answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not isinstance(self._connection, WebSocket):
            await super().__call__(scope, receive, send)
            return
        if WebSocketState.DISCONNECTED in {
            self._connection.application_state,
            self._connection.client_state,
        }:
            return
        if self._connection.application_state is WebSocketState.CONNECTING:
            await deny(scope, send, self._answer, self._close_code)
        else:
            await send({"type": "websocket.close", "code": self._close_code, "reason": ""})

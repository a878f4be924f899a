"""
The refusal of a WebSocket before it is accepted.

With the extension ``websocket.http.response`` the client receives the status and the envelope; without it
the handshake can only be closed, which servers answer with 403.

Source: the ASGI specification's ``websocket.http.response`` extension.
"""

import logging
from contextvars import ContextVar
from typing import Final

from bymax_auth.http.asgi import Response, Scope, Send, head_of

__all__ = ["can_deny", "deny", "expect_denial"]

_EXTENSION: Final = "websocket.http.response"
_SERVER_LOGGER: Final = "uvicorn.error"
_INCOMPLETE: Final = "ASGI callable returned without completing handshake."

_denied: ContextVar[bool] = ContextVar("bymax_auth_denied", default=False)


def can_deny(scope: Scope) -> bool:
    """Return whether the server can answer a WebSocket handshake with a response."""
    return _EXTENSION in (scope.get("extensions") or {})


async def deny(scope: Scope, send: Send, response: Response, close_code: int) -> None:
    """Refuse a WebSocket that has not been accepted."""
    if not can_deny(scope):
        await send({"type": "websocket.close", "code": close_code, "reason": ""})
        return
    expect_denial()
    # Servers state the length; uvicorn with the older API of ``websockets`` states it beside ours.
    headers = [line for line in head_of(response) if line[0] != b"content-length"]
    await send({"type": "websocket.http.response.start", "status": response.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.body})


def expect_denial() -> None:
    """
    Keep the server from reporting the current handshake as one that the application left unanswered.

    uvicorn with ``websockets`` logs an error after each response to a handshake, so every page that is
    refused would look like a defect, and could fill the error log.  The record is dropped for the
    connection that was refused, which is served in the current context, and for no other.
    """
    _denied.set(True)
    logging.getLogger(_SERVER_LOGGER).addFilter(_REPORTS)


class _Reports(logging.Filter):
    """Drops the report of an unanswered handshake in the context of a connection that was refused."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log the record."""
        return not (record.msg == _INCOMPLETE and _denied.get())


_REPORTS: Final = _Reports()

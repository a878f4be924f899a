"""ASGI types, and responses."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, NamedTuple, Protocol

__all__ = [
    "ASGIApp",
    "Connection",
    "Header",
    "Message",
    "Receive",
    "Response",
    "Scope",
    "Send",
    "empty_response",
    "head_of",
    "json_response",
    "redirect_response",
    "send_response",
]

Scope = MutableMapping[str, Any]
"""An ASGI connection scope."""

Message = MutableMapping[str, Any]
"""An ASGI event."""

Receive = Callable[[], Awaitable[Message]]
"""Waits for the next event from the client."""

Send = Callable[[Message], Awaitable[None]]
"""Sends one event to the client."""

ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI application."""

Header = tuple[bytes, bytes]
"""A header line in ASGI form: the name in lower case, and the value."""


class Connection(Protocol):
    """Anything that has an ASGI scope: a framework's request or WebSocket, or a `RequestView`."""

    @property
    def scope(self) -> Scope:
        """The connection's scope."""
        ...


class Response(NamedTuple):
    """A complete response; a body is JSON."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()


_UNCACHED: Final[tuple[Header, ...]] = ((b"cache-control", b"no-store"), (b"pragma", b"no-cache"))
_JSON: Final[tuple[Header, ...]] = (
    *_UNCACHED,
    (b"content-type", b"application/json"),
    (b"x-content-type-options", b"nosniff"),
)
_EMPTY: Final[tuple[Header, ...]] = (*_UNCACHED, (b"content-length", b"0"))
_NO_CONTENT = 204
_SET_COOKIE: Final = b"set-cookie"
_UNCACHED_BY_NETWORKS: Final[Header] = (b"cdn-cache-control", b"no-store")


def json_response(status: int, body: bytes, headers: tuple[Header, ...] = ()) -> Response:
    """Return a response whose body is the JSON text `body`."""
    return Response(status, body, headers)


def empty_response(status: int, headers: tuple[Header, ...] = ()) -> Response:
    """Return a response without a body."""
    return Response(status, b"", headers)


def redirect_response(status: int, location: str, headers: tuple[Header, ...] = ()) -> Response:
    """
    Return a redirect to `location`, a URL of visible ASCII characters.

    Raises:
        ValueError: The location contains other characters, which could end the header line.
    """
    if not location.isascii() or not location.isprintable() or " " in location:
        raise ValueError("A redirect location must consist of visible ASCII characters.")
    return Response(status, b"", ((b"location", location.encode()), *headers))


def head_of(response: Response) -> list[Header]:
    """
    Return the header lines of a response; caches must not store any response of this library.

    One that sets a cookie says so to content delivery networks as well: many are set up to prefer a header of
    their own to ``Cache-Control``, and would give one visitor's session to the next.

    Source: RFC 9213 §3.1; RFC 9110 §8.6, "A server MUST NOT send a Content-Length header field in any
    response with a status code of 1xx (Informational) or 204 (No Content)."
    """
    head = [*_head_of_body(response), *response.headers]
    if response.headers and any(name == _SET_COOKIE for name, _ in response.headers):
        head.append(_UNCACHED_BY_NETWORKS)
    return head


async def send_response(send: Send, response: Response) -> None:
    """Send a complete response; a disconnected client is not an error."""
    try:
        await send({"type": "http.response.start", "status": response.status, "headers": head_of(response)})
        await send({"type": "http.response.body", "body": response.body})
    except OSError:
        return


def _head_of_body(response: Response) -> tuple[Header, ...]:
    if response.body:
        return (*_JSON, (b"content-length", b"%d" % len(response.body)))
    return _UNCACHED if response.status == _NO_CONTENT else _EMPTY

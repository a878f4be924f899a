"""
Port: requests that the library sends to other services.

Connections, TLS and proxies belong to the implementation, and so do its bounds: how long an exchange may
take, and how many bytes an answer may have.
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol

__all__ = [
    "HttpClient",
    "HttpConnectError",
    "HttpError",
    "HttpRequest",
    "HttpResponse",
    "HttpTimeout",
    "HttpTransportError",
]


class HttpError(Exception):
    """No answer was received.  The text never contains the address or a header."""


class HttpTimeout(HttpError):
    """The exchange took too long."""


class HttpConnectError(HttpError):
    """No connection could be opened, or its TLS handshake failed."""


class HttpTransportError(HttpError):
    """The connection broke, or the answer is no valid HTTP or too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request; its address, headers and body may hold credentials, so none of them is printed."""

    method: Literal["GET", "POST"]
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """The whole answer; headers in the order in which they were received."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


class HttpClient(Protocol):
    """Sends requests.  Redirects are answers like any other, and are not followed."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """
        Return the answer, whatever its status.

        Raises:
            HttpTimeout: The exchange took longer than the implementation allows.
            HttpConnectError: No connection could be opened.
            HttpTransportError: The connection broke, or the answer is not acceptable.
        """
        ...

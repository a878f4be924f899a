"""An application that answers everything alike, at once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from benchmarks.requests import asking
from bymax_auth.http.asgi import ASGIApp, Receive, Scope, Send

__all__ = ["ANYTHING", "as_asgi"]

_BODY: Final = (
    b'{"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","email":"user0@example.com","name":"Ada Lovelace"}'
)
_HEADERS: Final = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))]

ANYTHING: Final = asking("/", "x" * 300)
"""A request as long as the others."""


@asynccontextmanager
async def as_asgi() -> AsyncGenerator[ASGIApp, None]:
    """Serve it."""
    yield _answer


async def _answer(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})

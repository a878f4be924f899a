"""A server of ours in front of the clients: counted, held up, or wrong on purpose."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2

from bymax_auth.http.asgi import ASGIApp, Receive, Scope, Send
from tests.integration.http.world import EMAIL, PASSWORD, TENANT, World

__all__ = ["CREDENTIALS", "EXPIRY", "URL", "CountingApp", "asgi_client", "expire", "meeting"]

URL = "https://auth.example.com"
CREDENTIALS: dict[str, Any] = {"email": EMAIL, "password": PASSWORD, "tenant_id": TENANT}
EXPIRY = timedelta(minutes=16)


@dataclass(slots=True)
class CountingApp:
    """
    An application that counts its requests by path, and keeps their headers.

    Requests of `held` wait until `meeting` of them have come, so that all of them meet the same token.
    """

    app: ASGIApp
    held: str = ""
    meeting: int = 0
    paths: Counter[str] = field(default_factory=Counter[str])
    headers: list[tuple[str, dict[str, str]]] = field(default_factory=list[tuple[str, dict[str, str]]])
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.paths[path] += 1
        lines = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.headers.append((path, lines))
        if path == self.held and not self.arrived.is_set():
            if self.paths[path] == self.meeting:
                self.arrived.set()
            await self.arrived.wait()
        await self.app(scope, receive, send)

    def sent_to(self, path: str) -> list[dict[str, str]]:
        """The headers of each request to a path."""
        return [headers for where, headers in self.headers if where == path]


def meeting(app: CountingApp, path: str, number: int) -> None:
    """From now on, let that many requests meet at a path."""
    app.paths.clear()
    app.held, app.meeting, app.arrived = path, number, asyncio.Event()


@asynccontextmanager
async def asgi_client(app: Any, **options: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of httpx2 that calls an application without sockets."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), **options) as http:
        yield http


def expire(world: World) -> None:
    """Let every access token expire."""
    world.clock.advance(EXPIRY)

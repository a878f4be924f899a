"""A server that holds its first answer back, so that a test chooses what happens meanwhile."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import httpx2

from bymax_auth.client import AuthClient, Session

__all__ = ["HeldServer", "begun"]


class HeldServer:
    """Answers everything but its first request at once, and that one when `release` is called."""

    def __init__(self, *answers: httpx2.Response) -> None:
        self.answers = list(answers)
        self.bodies: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.reached, self.released = asyncio.Event(), asyncio.Event()

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.paths.append(request.url.path.removeprefix("/auth"))
        self.bodies.append(json.loads(request.content or b"{}"))
        answer = self.answers.pop(0)
        if not self.reached.is_set():
            self.reached.set()
            await self.released.wait()
        return answer

    def client(self, held: Session) -> AuthClient:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self))
        return AuthClient("https://auth.example.com", http=http, session=held)


async def begun(calls: list[Coroutine[Any, Any, Any]]) -> list[asyncio.Task[Any]]:
    """Tasks that have run as far as they get."""
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(0)
    return tasks

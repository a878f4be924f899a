"""Calls applications through their ASGI interface: no socket, no server, no second process."""

import asyncio
import time
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from benchmarks.contenders import Contender
from benchmarks.measure import Turn
from benchmarks.requests import Conversation, Request
from bymax_auth.http.asgi import ASGIApp, Message, Scope

__all__ = ["Applications", "timed"]


class Applications:
    """Opened applications on one event loop; a context manager."""

    def __init__(self, contenders: list[Contender]) -> None:
        self._contenders = contenders
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._apps: dict[str, ASGIApp] = {}

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self._runner.run(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._open.aclose())
        self._runner.__exit__(kind, error, trace)

    def turn(self, contender: Contender, operation: str) -> Turn:
        """Return what measures the processor time, of every thread, of that operation."""
        app = self._apps[contender.name]
        _, answer = self._runner.run(timed(app, contender.login(0)))
        conversation = contender.talks[operation](answer)
        return lambda times: self._runner.run(_repeat(app, conversation, times))

    async def _start(self) -> None:
        for contender in self._contenders:
            self._apps[contender.name] = await self._open.enter_async_context(contender.open())


async def _repeat(app: ASGIApp, conversation: Conversation, times: int) -> int:
    spent = 0
    for _ in range(times):
        taken, answer = await timed(app, conversation.request())
        spent += taken
        conversation.heard(answer)
    return spent


async def timed(app: ASGIApp, request: Request) -> tuple[int, bytes]:
    """Return the nanoseconds of processor time that the request took, and the body of its good answer."""
    scope, events = _scope(request), _events(request)
    started = time.process_time_ns()
    answer = await _exchange(app, scope, events)
    return time.process_time_ns() - started, answer


async def _exchange(app: ASGIApp, scope: Scope, events: list[Message]) -> bytes:
    sent: list[Message] = []

    async def receive() -> Message:
        return events.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body: bytes = sent[1]["body"]
    if sent[0]["status"] != 200:
        raise RuntimeError(f"{scope['path']} answered {sent[0]['status']}: {body!r}")
    return body


def _events(request: Request) -> list[Message]:
    """What the application may receive, last first."""
    return [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": request.body, "more_body": False},
    ]


def _scope(request: Request) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "raw_path": request.path.encode(),
        "root_path": "",
        "query_string": b"",
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8_000),
        "headers": request.head(),
        "state": {},
    }

"""The parent's side of the second process, which verifies access tokens against the same data file."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final, TypeVar

__all__ = ["Refusal", "SecondProcess", "SecondProcessEnded", "Watch", "second_process"]

ResultT = TypeVar("ResultT")

_MODULE: Final = "bymax_auth.cli.dev.verifier"
_EXIT_SECONDS: Final = 5


class SecondProcessEnded(Exception):
    """The second process does not answer any more."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How often the token was checked, and the `time.monotonic_ns` of its refusal, ``None`` without one."""

    checks: int
    refused_at: int | None


@dataclass(frozen=True, slots=True)
class Watch:
    """The verification of one token: whether it was accepted at first, and how it ended."""

    accepted: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    refusal: asyncio.Future[Refusal] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def fail(self, error: Exception) -> None:
        """Fail whatever has no result yet."""
        for future in (self.accepted, self.refusal):
            if not future.done():
                future.set_exception(error)
                future.exception()  # nobody may be waiting for it


class SecondProcess:
    """A process that is started on first use, and ended with `aclose` or with this process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._starting = asyncio.Lock()
        self._numbers = count(1)
        self._watches: dict[int, Watch] = {}
        self._running: _Running | None = None

    async def pid(self) -> int:
        """Return the process id, and start the process first if it does not run."""
        return (await self._started()).process.pid

    async def watch(self, access_token: str) -> Watch:
        """
        Verify the token again and again until it is refused.

        Raises:
            SecondProcessEnded: The process does not answer.
        """
        running = await self._started()
        number, watch = next(self._numbers), Watch()
        self._watches[number] = watch
        try:
            running.requests.write(json.dumps({"id": number, "token": access_token}).encode() + b"\n")
            await running.requests.drain()
        except OSError as error:
            raise SecondProcessEnded from error
        return watch

    async def aclose(self) -> None:
        """End the process."""
        if self._running is None:
            return
        process = self._running.process
        self._running.requests.close()
        try:
            await asyncio.wait_for(process.wait(), _EXIT_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await self._running.reading

    async def _started(self) -> "_Running":
        async with self._starting:
            if self._running is None or self._running.process.returncode is not None:
                self._running = await self._start()
            return self._running

    async def _start(self) -> "_Running":
        # In a session of its own, Ctrl-C at the terminal reaches the parent alone.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", _MODULE, str(self._path), stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("The second process has no pipes.")
        reading = asyncio.create_task(self._read(process.stdout))
        return _Running(process, process.stdin, reading)

    async def _read(self, replies: asyncio.StreamReader) -> None:
        while line := await replies.readline():
            reply = json.loads(line)
            if "accepted" in reply:
                _resolve(self._watches[reply["id"]].accepted, reply["accepted"])
            else:
                watch = self._watches.pop(reply["id"])
                _resolve(watch.refusal, Refusal(reply["checks"], reply["refusedAt"]))
        while self._watches:
            self._watches.popitem()[1].fail(SecondProcessEnded())


@dataclass(frozen=True, slots=True)
class _Running:
    process: Process
    requests: asyncio.StreamWriter
    reading: asyncio.Task[None]


def _resolve(future: "asyncio.Future[ResultT]", result: ResultT) -> None:
    # A watch that has failed with an earlier process has its exception.
    if not future.done():
        future.set_result(result)


@asynccontextmanager
async def second_process(path: Path) -> AsyncGenerator[SecondProcess]:
    """Yield the second process for the data file, and end it."""
    process = SecondProcess(path)
    try:
        yield process
    finally:
        await process.aclose()

"""
Work that outlives the call that started it.

    spawn     detached: nothing awaits it, and it changes no response
    shielded  awaited, and finished even when the caller is cancelled

Rule 1: every task that the engine starts is referenced here until it is done and its result was read.
Rule 2: at most 64 detached tasks run at once, and the timeout of a task starts when it runs.
Rule 3: after `aclose` no detached work is accepted, and what was still running has been cancelled.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

from bymax_auth.errors import AuthError
from bymax_auth.ports.events import BackgroundTaskFailed, BackgroundTaskTimedOut
from bymax_auth.services.failures import FailureReporter, class_name

__all__ = ["BackgroundTasks"]

ResultT = TypeVar("ResultT")

_MAX_RUNNING: Final = 64
_CANCELLATION_SECONDS: Final = 1.0


class BackgroundTasks:
    """Keeps an engine's detached and shielded tasks, and drains them on close."""

    def __init__(self, failures: FailureReporter) -> None:
        self._failures = failures
        self._tasks: set[asyncio.Task[Any]] = set()
        self._running = asyncio.Semaphore(_MAX_RUNNING)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def spawn(self, origin: str, work: Coroutine[Any, Any, object], timeout: timedelta) -> None:
        """
        Run `work` in the background, for at most `timeout`.

        Its failure is an event that names `origin`.  After `aclose` the work is discarded.
        """
        if self._closed:
            work.close()
            return
        self._hold(self._detached(origin, work, timeout), work)

    async def shielded(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """
        Return what `work` returns, and let it run to its end when the caller is cancelled.

        When the caller was cancelled, a failure is reported like one of detached work; an `AuthError` is
        no failure.  Work in flight when `aclose` begins may still be shielded.
        """
        task = self._hold(work, work)
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task.add_done_callback(partial(_resolve, ended))
        try:
            # Unlike awaiting the task, awaiting this future does not cancel the task with the caller.
            await ended
        except asyncio.CancelledError:
            task.add_done_callback(partial(self._report_orphan, _name_of(work)))
            raise
        return task.result()

    async def drain(self) -> None:
        """Return once no work is running, including work that running work started."""
        self._take_over()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def aclose(self, timeout: float) -> None:
        """
        Accept no more work, wait up to `timeout` seconds for running tasks, cancel the rest.

        Idempotent.
        """
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self.drain()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CANCELLATION_SECONDS)

    def _hold(
        self, body: Coroutine[Any, Any, ResultT], work: Coroutine[Any, Any, object]
    ) -> asyncio.Task[ResultT]:
        task = self._take_over().create_task(body)
        self._tasks.add(task)
        task.add_done_callback(partial(self._release, work))
        return task

    def _take_over(self) -> asyncio.AbstractEventLoop:
        """
        Return the running loop, and forget the tasks of another one.

        They belong to a loop that has ended, or to the process that this one was forked from.
        """
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._tasks, self._running = loop, set(), asyncio.Semaphore(_MAX_RUNNING)
        return loop

    def _release(self, work: Coroutine[Any, Any, object], task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        # A task cancelled before its first step leaves its coroutine unawaited, and Python warns about it.
        work.close()
        if not task.cancelled():
            task.exception()

    async def _detached(self, origin: str, work: Coroutine[Any, Any, object], timeout: timedelta) -> None:
        async with self._running:
            limit = asyncio.timeout(timeout.total_seconds())
            try:
                async with limit:
                    await work
            except Exception as error:  # noqa: BLE001 - no caller is left to handle it
                if limit.expired() and isinstance(error, TimeoutError):
                    self._failures.events.emit(BackgroundTaskTimedOut(origin=origin))
                else:
                    self._failures.note(
                        BackgroundTaskFailed(origin=origin, exception=class_name(error)), error
                    )

    def _report_orphan(self, origin: str, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, AuthError):
            self._failures.note(BackgroundTaskFailed(origin=origin, exception=class_name(error)), error)


def _resolve(ended: asyncio.Future[None], _task: asyncio.Task[Any]) -> None:
    if not ended.done():
        ended.set_result(None)


def _name_of(work: Coroutine[Any, Any, object]) -> str:
    return str(getattr(work, "__qualname__", "shielded"))

"""
Single flight: concurrent callers share one call, and its result or its failure.

    caller ─┐
    caller ─┼─▶ one call ──▶ one result, or one failure, for all
    caller ─┘
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

__all__ = ["SingleFlight"]

ResultT = TypeVar("ResultT")


class SingleFlight(Generic[ResultT]):
    """Starts the call when a caller needs its result and none is in flight."""

    __slots__ = ("_call", "_in_flight", "_timeout_seconds")

    def __init__(self, call: Callable[[], Coroutine[Any, Any, ResultT]], timeout_seconds: float) -> None:
        self._call = call
        self._timeout_seconds = timeout_seconds
        self._in_flight: asyncio.Task[ResultT] | None = None

    async def result(self) -> ResultT:
        """
        Return the result of the call, which continues when a caller is cancelled or times out.

        Raises:
            Exception: What the call raises.
            TimeoutError: The call took longer than the timeout.
            ConnectionAbortedError: `aclose` cancelled the call.
        """
        task = self._in_flight
        if task is None:
            self._in_flight = task = asyncio.create_task(self._call())
            task.add_done_callback(self._done)
        await asyncio.wait([task], timeout=self._timeout_seconds)
        if not task.done():
            raise TimeoutError
        if task.cancelled():
            raise ConnectionAbortedError
        return task.result()

    async def aclose(self) -> None:
        """Cancel the call that is in flight, if there is one."""
        task = self._in_flight
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _done(self, task: asyncio.Task[ResultT]) -> None:
        self._in_flight = None
        if not task.cancelled():
            # Retrieved here, because asyncio logs an exception that no caller has waited for.
            task.exception()

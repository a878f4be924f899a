"""
One attempt that everybody waits for who needs what it gives.

    request ─┐
    request ─┼─▶ attempt ──▶ one result, or one failure, for all
    request ─┘
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

__all__ = ["Shared"]

ResultT = TypeVar("ResultT")


class Shared(Generic[ResultT]):
    """Makes an attempt when somebody needs it and none is under way."""

    __slots__ = ("_attempt", "_patience", "_work")

    def __init__(self, work: Callable[[], Coroutine[Any, Any, ResultT]], patience: float) -> None:
        self._work = work
        self._patience = patience
        self._attempt: asyncio.Task[ResultT] | None = None

    async def result(self) -> ResultT:
        """
        Return what the attempt gives, which goes on when a caller is cancelled or gives up.

        Raises:
            Exception: What the attempt raises.
            TimeoutError: It took too long.
            ConnectionAbortedError: It was closed.
        """
        attempt = self._attempt
        if attempt is None:
            self._attempt = attempt = asyncio.create_task(self._work())
            attempt.add_done_callback(self._settled)
        await asyncio.wait([attempt], timeout=self._patience)
        if not attempt.done():
            raise TimeoutError
        if attempt.cancelled():
            raise ConnectionAbortedError
        return attempt.result()

    async def aclose(self) -> None:
        """End the attempt that is under way, if any."""
        attempt = self._attempt
        if attempt is not None:
            attempt.cancel()
            await asyncio.wait([attempt])

    def _settled(self, attempt: asyncio.Task[ResultT]) -> None:
        self._attempt = None
        if not attempt.cancelled():
            # A failure that every caller has stopped waiting for is nobody's.
            attempt.exception()

"""Answers that take at least a given time, so that how fast one comes says nothing about why."""

import asyncio
from types import TracebackType

from bymax_auth.ports.clock import Clock

__all__ = ["MinimumDuration", "minimum_duration"]


class MinimumDuration:
    """
    A moment before which an answer does not leave; it is set when this is constructed.

    As an async context manager it waits on every exit but cancellation, where nobody is
    listening.  `wait` is for flows in which only some answers wait.
    """

    __slots__ = ("_clock", "_until")

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._until = clock.monotonic() + seconds

    async def wait(self) -> None:
        """Return no sooner than the floor."""
        remaining = self._until - self._clock.monotonic()
        if remaining > 0:
            await self._clock.sleep(remaining)

    async def __aenter__(self) -> "MinimumDuration":
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if not isinstance(error, asyncio.CancelledError):
            await self.wait()


def minimum_duration(clock: Clock, seconds: float) -> MinimumDuration:
    """Return a floor that starts now, for an ``async with`` around the answer."""
    return MinimumDuration(clock, seconds)

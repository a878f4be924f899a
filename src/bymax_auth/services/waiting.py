"""How a flow waits: for two results at once, and until a response may leave without revealing why."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import TypeVar

from bymax_auth.ports.clock import Clock

__all__ = ["MinimumDuration", "together"]

FirstT = TypeVar("FirstT")
SecondT = TypeVar("SecondT")


async def together(first: Awaitable[FirstT], second: Awaitable[SecondT]) -> tuple[FirstT, SecondT]:
    """
    Return both results after one wait.

    Both have ended when this returns or raises, so neither keeps running after the other failed; when both
    fail, the first one's exception is raised.
    """
    one, two = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(one, BaseException):
        raise one
    if isinstance(two, BaseException):
        raise two
    return one, two


class MinimumDuration:
    """
    A minimum duration of a response, counted from construction; its length then reveals nothing.

    As an async context manager it waits on every exit except cancellation, when no caller is left.  `wait` is
    for flows in which only some responses wait.
    """

    __slots__ = ("_clock", "_until")

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._until = clock.monotonic() + seconds

    def exclude(self, seconds: float) -> None:
        """Do not count `seconds`, which passed in a queue: how long it is says nothing about an account."""
        self._until += seconds

    async def wait(self) -> None:
        """Return when the minimum duration has passed."""
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

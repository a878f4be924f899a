"""Two awaits at once, of which neither is left running when the other fails."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

__all__ = ["together"]

FirstT = TypeVar("FirstT")
SecondT = TypeVar("SecondT")


async def together(first: Awaitable[FirstT], second: Awaitable[SecondT]) -> tuple[FirstT, SecondT]:
    """
    Return what both answer, in one wait.

    Both have ended when this returns or raises; when both fail, the first one's failure is raised.
    """
    one, two = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(one, BaseException):
        raise one
    if isinstance(two, BaseException):
        raise two
    return one, two

"""Time as the tables hold it: whole milliseconds on one counter."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bymax_auth.ports.clock import Clock
from bymax_auth.stores.records import unix_milliseconds

__all__ = ["Now", "counter", "duration", "milliseconds"]

Now = Callable[[], int]
"""Returns the current millisecond."""

_MILLISECOND: Final = timedelta(milliseconds=1)


def counter(clock: Clock | None, *, durable: bool) -> Now:
    """
    Return the counter that decides expiry.

    An injected clock is followed.  Without one, data that outlives the process needs the wall
    clock, and data that does not is safer on a counter that nobody can set.
    """
    if clock is not None:
        return lambda: unix_milliseconds(clock.now())
    return _wall if durable else _steady


def milliseconds(span: timedelta) -> int:
    """Return a duration in whole milliseconds."""
    return span // _MILLISECOND


def duration(count: int) -> timedelta:
    """Return the duration of `count` milliseconds."""
    return timedelta(milliseconds=count)


def _wall() -> int:
    return time.time_ns() // 1_000_000


def _steady() -> int:
    return time.monotonic_ns() // 1_000_000

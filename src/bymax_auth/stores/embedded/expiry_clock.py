"""The counter that decides expiry: whole milliseconds."""

import time
from collections.abc import Callable

from bymax_auth.ports.clock import Clock
from bymax_auth.stores.records import unix_milliseconds

__all__ = ["Now", "counter"]

Now = Callable[[], int]
"""Returns the current millisecond."""


def counter(clock: Clock | None, *, durable: bool) -> Now:
    """
    Return the counter that decides expiry.

    An injected clock is followed.  Without one, data that outlives the process needs the wall
    clock, and data that does not is safer on a counter that nobody can set.
    """
    if clock is not None:
        return lambda: unix_milliseconds(clock.now())
    return _wall if durable else _steady


def _wall() -> int:
    return time.time_ns() // 1_000_000


def _steady() -> int:
    return time.monotonic_ns() // 1_000_000

"""The clock that decides expiry, in whole milliseconds."""

import time
from collections.abc import Callable

from bymax_auth.ports.clock import Clock
from bymax_auth.stores.records import unix_milliseconds

__all__ = ["NowMs", "expiry_clock"]

NowMs = Callable[[], int]
"""Returns the current time in milliseconds."""


def expiry_clock(clock: Clock | None, *, durable: bool) -> NowMs:
    """
    Return the clock that decides expiry.

    A host's clock is used when there is one.  Otherwise data that outlives the process needs the wall clock,
    and data that does not is safer on the monotonic clock, which nobody can set.
    """
    if clock is not None:
        return lambda: unix_milliseconds(clock.now())
    return _wall_clock if durable else _monotonic_clock


def _wall_clock() -> int:
    return time.time_ns() // 1_000_000


def _monotonic_clock() -> int:
    return time.monotonic_ns() // 1_000_000

"""Port: time.  Injected everywhere, so that tests can advance it instead of waiting."""

from datetime import datetime
from typing import Protocol

__all__ = ["Clock"]


class Clock(Protocol):
    """The current instant, a monotonic counter, and a way to wait."""

    def now(self) -> datetime:
        """Return the current instant, aware and in UTC."""
        ...

    def unix_seconds(self) -> int:
        """Return `now` in whole seconds since 1970, truncated: what tokens state."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a counter that never steps back; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `monotonic` has advanced by `seconds`."""
        ...

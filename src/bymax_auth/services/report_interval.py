"""At most one report in an interval: what every request may cause must not be a line in the log for each."""

from collections.abc import Callable

__all__ = ["ReportInterval"]


class ReportInterval:
    """
    Admits one report in an interval, and counts the others.

    Not thread-safe: callers on several threads hold a lock.
    """

    __slots__ = ("_admitted_at", "_monotonic", "_omitted", "_seconds")

    def __init__(self, monotonic: Callable[[], float], seconds: float) -> None:
        self._monotonic = monotonic
        self._seconds = seconds
        self._admitted_at: float | None = None
        self._omitted = 0

    def admit(self) -> int | None:
        """Return how many reports were omitted since the last one; ``None`` when this one is omitted too."""
        now = self._monotonic()
        if self._admitted_at is not None and now - self._admitted_at < self._seconds:
            self._omitted += 1
            return None
        self._admitted_at = now
        omitted, self._omitted = self._omitted, 0
        return omitted

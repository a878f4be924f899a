"""Time that a test moves by hand, and that never makes it wait."""

import asyncio
from datetime import UTC, datetime, timedelta

__all__ = ["FakeClock"]

_START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until it is advanced; a sleep moves it instead of waiting."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = (_START if start is None else start).astimezone(UTC)
        self._elapsed = timedelta(0)

    def now(self) -> datetime:
        return self._now + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run once, then be that much later.  Concurrent sleeps overlap, as real ones do."""
        wake = self._elapsed + timedelta(seconds=max(seconds, 0.0))
        await asyncio.sleep(0)
        self._elapsed = max(self._elapsed, wake)

    def advance(self, by: timedelta) -> None:
        """
        Move both hands forward.

        Raises:
            ValueError: `by` is negative.
        """
        if by < timedelta(0):
            raise ValueError("A clock advances; it never steps back.")
        self._elapsed += by

"""A clock that a test controls, so that no test waits for real time."""

import asyncio
from datetime import UTC, datetime, timedelta

__all__ = ["FakeClock"]

_START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FakeClock:
    """A clock that changes only when advanced; `sleep` advances it instead of waiting."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = (_START if start is None else start).astimezone(UTC)
        self._elapsed = timedelta(0)

    def now(self) -> datetime:
        return self._now + self._elapsed

    def unix_seconds(self) -> int:
        return int(self.now().timestamp())

    def monotonic(self) -> float:
        return self._elapsed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Yield to the event loop once, then advance the time.  Concurrent sleeps overlap."""
        wake = self._elapsed + timedelta(seconds=max(seconds, 0.0))
        await asyncio.sleep(0)
        self._elapsed = max(self._elapsed, wake)

    def advance(self, by: timedelta) -> None:
        """
        Advance the wall-clock and the monotonic time.

        Raises:
            ValueError: `by` is negative.
        """
        if by < timedelta(0):
            raise ValueError("A clock cannot be moved backwards.")
        self._elapsed += by

"""What the feed has said, as one process keeps it."""

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Self

from bymax_auth.types.session import CachedStatus

__all__ = ["Entry", "FeedMemory"]

_AFTERMATH: Final = 30_000
"""Milliseconds in which a request that read an account before its status changed may still report it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the stream, with the milliseconds that its id carries."""

    id: str
    at: int
    kind: str
    key: str
    value: int
    nonce: str = field(repr=False)
    horizon: int

    @classmethod
    def of(cls, raw: Any) -> Self:
        """
        Return a reply's entry.

        Raises:
            ValueError: It is not one.
        """
        name, fields = raw
        _, kind, _, key, _, value, _, nonce, _, horizon = fields
        return cls(name, int(name.partition("-")[0]), kind, key, int(value), nonce, int(horizon))


class FeedMemory:
    """Revoked token ids, raised epochs and cached statuses, each until it no longer matters."""

    __slots__ = ("_ends", "_horizon", "_limit", "_statuses", "_values", "last", "now", "trusted_at")

    def __init__(self, horizon: int, limit: int) -> None:
        self._horizon = horizon
        self._limit = limit
        self.last: tuple[str, str] = ("", "")
        self.now = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything, and the place in the stream."""
        self.last = ("", "")
        self.trusted_at = 0
        self._values: dict[str, tuple[int, int]] = {}
        self._ends: list[tuple[int, str]] = []
        self._statuses: dict[str, tuple[CachedStatus, float]] = {}

    def apply(self, now: int, entries: Iterable[Entry]) -> None:
        """Take in what came after `last`, by Redis's clock at `now`, and drop what has ended."""
        self.now = now
        for entry in entries:
            self.last = (entry.id, entry.nonce)
            self._take(entry, min(entry.at, now))
        while self._ends and self._ends[0][0] <= now:
            _, key = heapq.heappop(self._ends)
            if key in self._values and self._values[key][1] <= now:
                del self._values[key]

    def _take(self, entry: Entry, at: int) -> None:
        if entry.horizon < self._horizon:
            self.trusted_at = max(self.trusted_at, at + self._horizon)
        if entry.kind == "status":
            self._statuses.pop(entry.key, None)
        if entry.kind != "begin":
            end = at + {"jti": entry.value, "status": _AFTERMATH}.get(entry.kind, self._horizon)
            # A repeated revocation never shortens what an earlier one promised.
            end = max(end, self._values.get(entry.key, (0, 0))[1])
            self._values[entry.key] = (entry.value, end)
            heapq.heappush(self._ends, (end, entry.key))

    @property
    def trusted(self) -> bool:
        """Whether everything revoked within the horizon is known."""
        return self.now >= self.trusted_at

    def value(self, key: str) -> int | None:
        """Return an epoch or a revoked token's lifetime, while it matters; ``None`` for neither."""
        found = self._values.get(key)
        return None if found is None else found[0]

    def remember(self, key: str, status: CachedStatus, until: float) -> None:
        """Keep a status until the monotonic clock says `until`, unless it was forgotten a moment ago."""
        if key in self._values:
            return
        if len(self._statuses) >= self._limit:
            self._statuses.clear()
        self._statuses[key] = (status, until)

    def status(self, key: str, moment: float) -> CachedStatus | None:
        """Return the status that is cached at `moment`."""
        status, until = self._statuses.get(key, (None, -math.inf))
        return status if moment < until else None

"""The revocation cache: what a process has read from the feed."""

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Self

from bymax_auth.types.session import CachedStatus

__all__ = ["FeedEntry", "RevocationCache"]

_STATUS_BLOCKED_MS: Final = 30_000
"""How long a request may take to report a status that it read before the account changed."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of the stream, with the timestamp in milliseconds from its id."""

    id: str
    timestamp_ms: int
    kind: str
    key: str
    value: int
    nonce: str = field(repr=False)
    horizon_ms: int

    @classmethod
    def parse(cls, raw: Any) -> Self:
        """
        Return the entry of a reply.

        Raises:
            ValueError: It is not an entry of the feed.
        """
        name, fields = raw
        _, kind, _, key, _, value, _, nonce, _, horizon = fields
        return cls(name, int(name.partition("-")[0]), kind, key, int(value), nonce, int(horizon))


class RevocationCache:
    """Revoked token ids, raised epochs and cached statuses, each until it expires."""

    __slots__ = (
        "_expiries",
        "_horizon_ms",
        "_max_statuses",
        "_statuses",
        "_values",
        "last",
        "now",
        "trusted_at",
    )

    def __init__(self, horizon_ms: int, max_statuses: int) -> None:
        self._horizon_ms = horizon_ms
        self._max_statuses = max_statuses
        self.last: tuple[str, str] = ("", "")
        self.now = 0
        self.clear()

    def clear(self) -> None:
        """Drop everything, and the position in the stream."""
        self.last = ("", "")
        self.trusted_at = 0
        self._values: dict[str, tuple[int, int]] = {}
        self._expiries: list[tuple[int, str]] = []
        self._statuses: dict[str, tuple[CachedStatus, float]] = {}

    def apply(self, now: int, entries: Iterable[FeedEntry]) -> None:
        """Add the entries after `last`, at `now` by Redis's clock, and remove what has expired."""
        self.now = now
        for entry in entries:
            self.last = (entry.id, entry.nonce)
            self._add(entry, min(entry.timestamp_ms, now))
        while self._expiries and self._expiries[0][0] <= now:
            _, key = heapq.heappop(self._expiries)
            if key in self._values and self._values[key][1] <= now:
                del self._values[key]

    def _add(self, entry: FeedEntry, timestamp_ms: int) -> None:
        if entry.horizon_ms < self._horizon_ms:
            self.trusted_at = max(self.trusted_at, timestamp_ms + self._horizon_ms)
        if entry.kind == "status":
            self._statuses.pop(entry.key, None)
        if entry.kind != "begin":
            lifetime_ms = {"jti": entry.value, "status": _STATUS_BLOCKED_MS}.get(entry.kind, self._horizon_ms)
            # A repeated revocation never shortens the lifetime of an earlier one.
            expiry = max(timestamp_ms + lifetime_ms, self._values.get(entry.key, (0, 0))[1])
            self._values[entry.key] = (entry.value, expiry)
            heapq.heappush(self._expiries, (expiry, entry.key))

    @property
    def trusted(self) -> bool:
        """Whether everything revoked within the horizon is known."""
        return self.now >= self.trusted_at

    def value(self, key: str) -> int | None:
        """Return an epoch or a revoked token's lifetime until it expires; ``None`` for neither."""
        found = self._values.get(key)
        return None if found is None else found[0]

    def put_status(self, key: str, status: CachedStatus, until: float) -> None:
        """Cache a status until `until` on the monotonic clock, unless the account has just changed."""
        if key in self._values:
            return
        if len(self._statuses) >= self._max_statuses:
            self._statuses.clear()
        self._statuses[key] = (status, until)

    def status(self, key: str, now: float) -> CachedStatus | None:
        """Return the status that is cached at `now` on the monotonic clock."""
        status, until = self._statuses.get(key, (None, -math.inf))
        return status if now < until else None

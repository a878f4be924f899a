"""
Ports: counters of attempts and requests.

`AttemptStore` counts attempts to prove a secret, in flight and failed; `RateLimitStore` counts
requests of one client.  Implemented by `bymax_auth.stores.embedded` and `bymax_auth.stores.redis`;
every implementation must pass ``tests/contract/test_attempt_store.py``.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

__all__ = [
    "AttemptOutcome",
    "AttemptStore",
    "Busy",
    "CounterId",
    "FailureCount",
    "Go",
    "Locked",
    "RateLimitStore",
    "RateVerdict",
]


@dataclass(frozen=True, slots=True)
class CounterId:
    """A keyed hash that names a counter, and the route of its keys in a tagged layout."""

    hash: str
    route: str


@dataclass(frozen=True, slots=True)
class Go:
    """The attempt may run; it ends with exactly one of `fail`, `ok`, `abandon`."""


@dataclass(frozen=True, slots=True)
class Busy:
    """As many attempts are in flight as may still fail; wait and retry."""


@dataclass(frozen=True, slots=True)
class Locked:
    """The limit is reached; the window ends after `remaining`."""

    remaining: timedelta


AttemptOutcome = Go | Busy | Locked


@dataclass(frozen=True, slots=True)
class FailureCount:
    """Failures in the window, and what is left of it (zero when there is none)."""

    count: int
    remaining: timedelta


class AttemptStore(Protocol):
    """Failure counters over a fixed window that starts at the first failure and never slides."""

    async def begin(self, counter: CounterId, limit: int) -> AttemptOutcome:
        """
        Admit one attempt.

        Atomic: failures and attempts in flight together never exceed `limit`.  An attempt
        that never ends is forgotten after 30 seconds.
        """
        ...

    async def fail(self, counter: CounterId, window: timedelta) -> FailureCount:
        """End an attempt as a failure; the first one starts the window."""
        ...

    async def ok(self, counter: CounterId) -> None:
        """End an attempt as a success and clear the failures."""
        ...

    async def abandon(self, counter: CounterId) -> None:
        """End an attempt as neither."""
        ...

    async def clear(self, counter: CounterId) -> None:
        """Forget failures and attempts in flight.  Idempotent."""
        ...

    async def failures(self, counter: CounterId) -> FailureCount:
        """Return the failures so far; the counter is locked once they reach the limit."""
        ...


@dataclass(frozen=True, slots=True)
class RateVerdict:
    """Whether the request may pass, and when the window ends."""

    allowed: bool
    retry_after: timedelta


class RateLimitStore(Protocol):
    """Request counters over a fixed window."""

    async def hit(self, route: str, bucket: str, limit: int, window: timedelta) -> RateVerdict:
        """
        Count one request of a client's `bucket` (a keyed hash) on `route`.

        Atomic: of concurrent requests exactly `limit` are allowed.  A refused request counts
        and never extends the window.
        """
        ...

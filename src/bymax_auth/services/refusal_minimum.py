"""
How long a refused sign-in takes at least, so that its duration says nothing about the stored hash.

Accounts may hold hashes of several costs: the active algorithm's, the other algorithm's, those of an older
configuration and those of a legacy verifier.  An address without an account is verified against a hash of
the active cost.  All of them are equal only when no refusal leaves before the dearest one could have.

Rule 1: the costs that the configuration names are measured at the start.  Any other cost is learned from the
first hash that has it.
Rule 2: on a busy machine a derivation takes longer than at the start.  The longest recent ratio, of whatever
cost, scales the minimum of every refusal that begins afterwards.
Rule 3: a password that arrives in another form than the normalised one is derived twice, so its refusal takes
twice as long for every address.
"""

from typing import Final

from bymax_auth.config.constants import ANTI_ENUMERATION_MINIMUM
from bymax_auth.ports.clock import Clock

__all__ = ["RefusalMinimum"]

_MARGIN: Final = 1.5
_GREATEST_SLOWDOWN: Final = 4.0
"""A process that was suspended during a derivation must not delay every refusal by as much."""
_GREATEST_SECONDS: Final = 15.0
_RECENT_SECONDS: Final = 30.0


class RefusalMinimum:
    """The minimum duration, from the durations of derivations.  Used on one event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._measured: dict[str, float] = {}
        self._learned = 0.0
        self._interval = 0.0
        self._slowdown = self._previous_slowdown = 1.0

    def expect(self, cost: str, seconds: float) -> None:
        """Take account of a cost whose derivation took `seconds` at the start."""
        self._measured[cost] = max(seconds, self._measured.get(cost, 0.0))

    def observe(self, cost: str, seconds: float) -> None:
        """Take account of a derivation of this cost that took `seconds`."""
        measured = self._measured.get(cost)
        if measured is None:
            self._learned = max(self._learned, seconds / self._recent_slowdown())
        elif measured > 0:
            self._recent_slowdown()
            self._slowdown = max(self._slowdown, min(seconds / measured, _GREATEST_SLOWDOWN))

    def seconds(self, derivations: int = 1) -> float:
        """Return the minimum duration of a refusal that begins now and takes so many derivations."""
        dearest = derivations * max(self._learned, *self._measured.values(), 0.0)
        scaled = min(_MARGIN * dearest * self._recent_slowdown(), _GREATEST_SECONDS)
        return max(ANTI_ENUMERATION_MINIMUM.total_seconds(), scaled)

    def _recent_slowdown(self) -> float:
        """Return the greatest ratio of this interval and the one before it."""
        elapsed = self._clock.monotonic() - self._interval
        if elapsed >= _RECENT_SECONDS:
            self._previous_slowdown = self._slowdown if elapsed < 2 * _RECENT_SECONDS else 1.0
            self._slowdown = 1.0
            self._interval = self._clock.monotonic()
        return max(self._slowdown, self._previous_slowdown)

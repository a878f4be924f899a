"""
Limits on failed password attempts of an address or an account.

    begin ──Locked──▶ refuse, with the rest of the window
      │ ──Busy──▶ wait, retry, for at most five seconds
      ▼ Go
    exactly one of fail, ok, abandon

Rule 1: a begun attempt ends exactly once, also when the caller is cancelled, even while `begin`
is in flight; the first ending counts, and leaving the attempt's block without one abandons it.
Rule 2: a locked counter is never increased, so a lockout cannot be prolonged by further attempts.
Rule 3: an attempt that the store may have forgotten reveals nothing, and takes no other attempt's place away.
"""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Final, Self, assert_never

from bymax_auth.config.constants import ATTEMPT_IN_FLIGHT_TTL, BACKGROUND_TASK_TIMEOUT, MAX_COUNTER_ID_BYTES
from bymax_auth.errors import AccountLocked, Forbidden, TooManyRequests
from bymax_auth.ports.attempts import AttemptOutcome, AttemptStore, Busy, CounterId, FailureCount, Go, Locked
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import BackgroundTaskFailed, IdentifierRejected
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter, class_name

__all__ = [
    "EMAIL_CHANGE",
    "IDENTITY_CHANGE",
    "PASSWORD_CHANGE",
    "REAUTHENTICATING_FLOWS",
    "Attempt",
    "Lockout",
]

PASSWORD_CHANGE: Final = "change-password"
"""The flow that replaces a known password."""

EMAIL_CHANGE: Final = "email-change"
"""The flow that asks for another address."""

IDENTITY_CHANGE: Final = "identity-change"
"""The flows that link and unlink identities of providers."""

REAUTHENTICATING_FLOWS: Final = (PASSWORD_CHANGE, EMAIL_CHANGE, IDENTITY_CHANGE)
"""The flows whose wrong current passwords are counted for an account, each by itself."""

_BUSY_TIMEOUT_SECONDS: Final = 5.0
_RETRY_AFTER: Final = timedelta(seconds=1)
_LEAST_PAUSE_MILLISECONDS: Final = 50
_PAUSE_SPREAD_MILLISECONDS: Final = 100
_CURRENT_SECONDS: Final = ATTEMPT_IN_FLIGHT_TTL.total_seconds() - 5.0
"""The rest is for the store operation that ends the attempt."""
_FORBIDDEN_IN_ID: Final = frozenset(":\n\r")


class Attempt:
    """One admitted attempt; its first ending counts, and later ones do nothing."""

    __slots__ = ("_counter", "_current_until", "_ended", "_lockout")

    def __init__(self, lockout: "Lockout", counter: CounterId, current_until: float) -> None:
        self._lockout = lockout
        self._counter = counter
        self._current_until = current_until
        self._ended = False

    @property
    def is_current(self) -> bool:
        """
        Whether the store still counts the attempt as in flight.

        Once it does not, another attempt may have been admitted in its place, and what this one would reveal
        must stay unknown.
        """
        return self._lockout.clock.monotonic() < self._current_until

    async def fail(self) -> FailureCount:
        """End as a failure; return the failures so far, including this one."""
        if self._ended:
            return await self._lockout.state(self._counter)
        self._ended = True
        attempts, window = self._lockout.attempts, self._lockout.window
        return await self._lockout.background.shielded(attempts.fail(self._counter, window))

    async def ok(self) -> None:
        """End as a success, which clears the failures."""
        if not self._ended:
            self._ended = True
            await self._lockout.background.shielded(self._lockout.attempts.ok(self._counter))

    async def abandon(self) -> None:
        """End as neither a success nor a failure.  One that has lapsed ends in the store by itself."""
        if self._ended:
            return
        self._ended = True
        if self.is_current:
            await self._lockout.background.shielded(self._lockout.attempts.abandon(self._counter))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            await self.abandon()
        except Exception as error:  # noqa: BLE001 - the response is decided; the store expires the attempt
            event = BackgroundTaskFailed(origin="lockout.abandon", exception=class_name(error))
            self._lockout.failures.note(event, error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockout:
    """Admits attempts while fewer than `limit` have failed within `window`."""

    attempts: AttemptStore
    background: BackgroundTasks
    failures: FailureReporter
    clock: Clock
    limit: int
    window: timedelta

    async def begin(self, counter: CounterId) -> Attempt:
        """
        Admit one attempt: ``async with await lockout.begin(counter) as attempt: ...``.

        Raises:
            AccountLocked: Too many have failed; `retry_after` is the rest of the window.
            TooManyRequests: As many attempts as may still fail were in flight for five seconds.
            Forbidden: The counter's identifier is not a keyed digest.
            StoreUnavailable: The store did not answer.
        """
        self._require_digest(counter)
        deadline = self.clock.monotonic() + _BUSY_TIMEOUT_SECONDS
        while True:
            # Before the store is asked: its own time starts later, so an attempt lapses here first.
            current_until = self.clock.monotonic() + _CURRENT_SECONDS
            outcome = await self._begin_once(counter)
            match outcome:
                case Go():
                    return Attempt(self, counter, current_until)
                case Locked(remaining):
                    raise AccountLocked(retry_after=remaining)
                case Busy():
                    if self.clock.monotonic() >= deadline:
                        raise TooManyRequests(retry_after=_RETRY_AFTER)
                    await self.clock.sleep(_pause_seconds())
                case _:
                    assert_never(outcome)

    def is_locked(self, count: FailureCount) -> bool:
        """Say whether the failures have reached the limit."""
        return count.count >= self.limit

    async def state(self, counter: CounterId) -> FailureCount:
        """Return the failures so far and the rest of their window."""
        return await self.attempts.failures(counter)

    async def clear(self, *counters: CounterId) -> None:
        """Clear failures and attempts in flight, of every counter even if one cannot be cleared."""
        work = [self.attempts.clear(counter) for counter in counters]
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def _begin_once(self, counter: CounterId) -> AttemptOutcome:
        """A caller cancelled here cannot know whether it was admitted, so the admission is undone for it."""
        admission = _Admission(self.attempts, counter, self.limit)
        try:
            return await self.background.shielded(admission.request())
        except asyncio.CancelledError:
            self.background.spawn("lockout.abandon", admission.undo(), BACKGROUND_TASK_TIMEOUT)
            raise

    def _require_digest(self, counter: CounterId) -> None:
        """A raw preimage here would put an address into the store's keys."""
        name = counter.hash
        too_long = len(name.encode("utf-8", "surrogatepass")) > MAX_COUNTER_ID_BYTES
        if too_long or not _FORBIDDEN_IN_ID.isdisjoint(name):
            self.failures.events.emit(IdentifierRejected())
            raise Forbidden


class _Admission:
    """One request for admission, which can be undone before its result is known."""

    __slots__ = ("_answered", "_attempts", "_counter", "_limit", "_outcome")

    def __init__(self, attempts: AttemptStore, counter: CounterId, limit: int) -> None:
        self._attempts = attempts
        self._counter = counter
        self._limit = limit
        self._answered = asyncio.Event()
        self._outcome: AttemptOutcome | None = None

    async def request(self) -> AttemptOutcome:
        try:
            self._outcome = await self._attempts.begin(self._counter, self._limit)
            return self._outcome
        finally:
            self._answered.set()

    async def undo(self) -> None:
        await self._answered.wait()
        if isinstance(self._outcome, Go):
            await self._attempts.abandon(self._counter)


def _pause_seconds() -> float:
    """Waiting attempts are spread out, or they would all retry at the same moment."""
    spread = secrets.randbelow(_PAUSE_SPREAD_MILLISECONDS)
    return (_LEAST_PAUSE_MILLISECONDS + spread) / 1000

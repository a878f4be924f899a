"""
Passwords: hashed and verified off the event loop, within bounds, at the same cost for every address.

The password for an unknown address is verified against the sentinel, a hash of no account, so that it costs
as much as one for a known address whose hash is of the active cost.  The password for an account whose hash
cannot be derived, or whose verifier fails, is verified against it too.  A minimum duration makes every other
hash equal to it: `refusal_minimum` says which.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

from bymax_auth.config.resolvers import SampledVerifier
from bymax_auth.crypto.password.hasher import HasherUnavailable, PasswordHasher
from bymax_auth.errors import InternalError, Overloaded
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import HasherMissing
from bymax_auth.services.failures import class_name
from bymax_auth.services.kdf_pool import RETRY_AFTER, KdfPool, KdfSlot
from bymax_auth.services.lockout import Attempt
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.services.password_text import normalize_password, password_forms
from bymax_auth.services.refusal_minimum import RefusalMinimum
from bymax_auth.services.waiting import MinimumDuration

__all__ = ["Admission", "PasswordVerdict", "Passwords"]

ResultT = TypeVar("ResultT")

_SENTINEL_TEXT: Final = "bymax-auth::anti-enumeration-sentinel::v1"


@dataclass(frozen=True, slots=True)
class PasswordVerdict:
    """Whether the password matches the stored hash, and whether that hash is weaker than new ones."""

    matched: bool
    needs_rehash: bool


@dataclass(frozen=True, slots=True)
class _Checked:
    """A verdict, the cost of the stored hash, how many derivations it took, and what failed before them."""

    verdict: PasswordVerdict
    cost: str
    derivations: int
    failure: Exception | None = None


class Admission:
    """A slot of the pool, held for a hash that must not be refused later."""

    __slots__ = ("_passwords", "_slot")

    def __init__(self, passwords: "Passwords", slot: KdfSlot) -> None:
        self._passwords = passwords
        self._slot = slot

    async def hash(self, password: str) -> str:
        """Return a new hash of the password.  An admission can be used once."""
        return await self._passwords.hash_at(self._slot, password)


class Passwords:
    """
    Hashes and verifies passwords on the threads of a `KdfPool`.

    Args:
        hasher: Derives and verifies.
        pool: Runs the derivations.
        policy: Judges new passwords.
        clock: Measures derivations.
        inactive: Hashes as accounts may have it that date from before the active algorithm was chosen.
    """

    def __init__(
        self,
        hasher: PasswordHasher,
        pool: KdfPool,
        policy: PasswordPolicy,
        clock: Clock,
        inactive: PasswordHasher | None = None,
    ) -> None:
        self._hasher = hasher
        self._pool = pool
        self._policy = policy
        self._clock = clock
        self._missing_reported = False
        self._minimum = RefusalMinimum(clock)
        self.sentinel, seconds = self._timed(partial(hasher.hash, _SENTINEL_TEXT))
        """A hash of the active cost that belongs to no account."""
        self._minimum.expect(hasher.cost_of(self.sentinel), seconds)
        pool.expect(seconds)
        if inactive is not None:
            stored, seconds = self._timed(partial(inactive.hash, _SENTINEL_TEXT))
            self._minimum.expect(hasher.cost_of(stored), seconds)
        for importer in hasher.importers:
            _, seconds = self._timed(partial(hasher.verify, _SENTINEL_TEXT, importer.sample))
            self._minimum.expect(hasher.cost_of(importer.sample), seconds)
        for verifier in hasher.legacy:
            if isinstance(verifier, SampledVerifier):
                sample = verifier.sample_hash
                # By the hasher, which asks every verifier of its format.
                _, seconds = self._timed(partial(hasher.verify, _SENTINEL_TEXT, sample))
                self._minimum.expect(hasher.cost_of(sample), seconds)

    def minimum_duration(self, password: str) -> MinimumDuration:
        """Return the minimum duration of a refusal of the password that begins now."""
        return MinimumDuration(self._clock, self._minimum.seconds(len(password_forms(password))))

    async def hash(self, password: str, *, client: str = "") -> str:
        """
        Return a new hash of the password.

        Raises:
            Overloaded: The queue is full for this client; nothing was derived.
        """
        return await self.hash_at(self._pool.acquire(client), password)

    async def hash_at(self, slot: KdfSlot, password: str) -> str:
        """Return a new hash of the password, derived in a slot that was acquired before."""
        return await self._pool.run(slot, partial(self._hasher.hash, normalize_password(password)))

    async def verify(
        self,
        password: str,
        stored: str,
        *,
        client: str = "",
        attempt: Attempt | None = None,
        minimum: MinimumDuration | None = None,
    ) -> PasswordVerdict:
        """
        Say whether the password matches the stored hash; a malformed hash matches none.

        The normalised text is tried first, then the text as it was sent, if that is another.

        A hash whose algorithm is not installed matches none either, nor does one whose verifier fails: an
        error would reveal that the account exists.  Both are events, the former once.

        Args:
            password: What the caller presents.
            stored: The hash.
            client: Whose share of the queue it takes.
            attempt: The attempt that this is; the verdict is withheld once it has lapsed.
            minimum: A duration that the wait for a thread must not use up.

        Raises:
            Overloaded: The queue is full for this client, the pool was closed, or the attempt lapsed in the
                queue; there is no verdict.
            InternalError: The password could not be derived, for this account or any other.
        """
        slot = self._pool.acquire(client)
        derivation = _Derivation(partial(self._check, password, stored), self._clock, attempt)
        try:
            checked, took = await self._pool.run(slot, derivation)
        except Overloaded:
            raise
        except Exception as error:  # noqa: BLE001 - such as memory that is not to be had
            raise self._policy.failures.stand_in("password.verify", error, InternalError()) from None
        finally:
            if minimum is not None:
                minimum.exclude(derivation.waited)
        if checked.failure is None:
            self._minimum.observe(checked.cost, took / checked.derivations)
        else:
            self._report_unverified(checked.failure)
        return checked.verdict

    async def verify_sentinel(self, password: str, *, client: str = "") -> None:
        """
        Take as long as verifying the password of an account with a hash of the active cost.

        Raises:
            Overloaded: The queue is full, exactly as for an existing account.
        """
        await self.verify(password, self.sentinel, client=client)

    @asynccontextmanager
    async def admission(self, client: str = "") -> AsyncGenerator[Admission, None]:
        """
        Hold a slot for a flow that consumes a proof before it hashes.

        Raises:
            Overloaded: The queue is full for this client; the proof was not consumed.
        """
        slot = self._pool.acquire(client)
        try:
            yield Admission(self, slot)
        finally:
            slot.release()

    async def assert_acceptable(self, password: str, field: str) -> None:
        """
        Raise unless the policy accepts a new password; `field` is its wire name.

        Raises:
            ValidationFailed: It is too short or too long.
            PasswordCompromised: It is known or trivial.
        """
        await self._policy.assert_acceptable(password, field)

    async def aclose(self) -> None:
        """Drop queued work and end the threads.  Idempotent."""
        await self._pool.aclose()

    def _report_unverified(self, error: Exception) -> None:
        """Report a package that is missing once: every further sign-in would report the same."""
        if not isinstance(error, HasherUnavailable):
            self._policy.failures.report("password.verify", error)
        elif not self._missing_reported:
            self._missing_reported = True
            event = HasherMissing(origin="password.verify", exception=class_name(error))
            self._policy.failures.note(event, error)

    def _timed(self, derive: Callable[[], ResultT]) -> tuple[ResultT, float]:
        started = self._clock.monotonic()
        result = derive()
        return result, self._clock.monotonic() - started

    def _check(self, password: str, stored: str) -> _Checked:
        try:
            checked = self._compare(password, stored)
        except Exception as error:  # noqa: BLE001 - a host's verifier of older hashes may raise anything
            return replace(self._derive_for_nobody(password), failure=error)
        return self._derive_for_nobody(password) if checked is None else checked

    def _compare(self, password: str, stored: str) -> _Checked | None:
        """Return the verdict; `None` where the stored hash cannot be derived."""
        cost = self._hasher.cost_of(stored)
        normalized, *as_sent = password_forms(password)
        matched = self._hasher.compare(normalized, stored)
        if matched is None:
            return None
        if matched:
            verdict = PasswordVerdict(matched=True, needs_rehash=self._hasher.needs_rehash(stored))
            return _Checked(verdict, cost, derivations=1)
        # An implementation that does not normalise has hashed the text as it was sent.
        matched = any(self._hasher.compare(form, stored) for form in as_sent)
        return _Checked(PasswordVerdict(matched, needs_rehash=matched), cost, 1 + len(as_sent))

    def _derive_for_nobody(self, password: str) -> _Checked:
        """
        Take the derivations of an unknown address, and match nothing.

        The minimum duration alone does not make the refusals equal: a timer that is set at once expires more
        regularly, by fractions of a millisecond, than one that is set after a derivation.
        """
        forms = password_forms(password)
        for form in forms:
            self._hasher.compare(form, self.sentinel)
        verdict = PasswordVerdict(matched=False, needs_rehash=False)
        return _Checked(verdict, self._hasher.cost_of(self.sentinel), len(forms))


class _Derivation:
    """One derivation, when it was queued, and when a thread took it."""

    def __init__(self, derive: Callable[[], _Checked], clock: Clock, attempt: Attempt | None) -> None:
        self._derive = derive
        self._clock = clock
        self._attempt = attempt
        self._queued = clock.monotonic()
        self._started: float | None = None

    @property
    def waited(self) -> float:
        """Seconds between queueing and start; until now while it has not started."""
        return (self._clock.monotonic() if self._started is None else self._started) - self._queued

    def __call__(self) -> tuple[_Checked, float]:
        """
        Return the result, and the seconds that it took.

        Raises:
            Overloaded: The attempt has lapsed before or meanwhile, so that others were admitted.
        """
        self._started = self._clock.monotonic()
        self._require_current()
        result = self._derive()
        took = self._clock.monotonic() - self._started
        self._require_current()
        return result, took

    def _require_current(self) -> None:
        if self._attempt is not None and not self._attempt.is_current:
            raise Overloaded(retry_after=RETRY_AFTER)

"""
Passwords: hashed and verified off the event loop, within bounds, at the same cost for every address.

The password for an unknown address is verified against the sentinel, a hash of no account, so that it costs
as much as one for a known address.  The sentinel also determines the minimum duration of a refused sign-in:
an account whose stored hash is cheaper must not be refused sooner than an address without an account.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from bymax_auth.config.constants import ANTI_ENUMERATION_MINIMUM
from bymax_auth.crypto.password.hasher import HasherUnavailable, PasswordHasher
from bymax_auth.errors import InternalError, Overloaded
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import HasherMissing
from bymax_auth.services.failures import class_name
from bymax_auth.services.kdf_pool import KdfPool, KdfSlot
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.services.password_text import normalize_password, password_forms

__all__ = ["Admission", "PasswordVerdict", "Passwords"]

_SENTINEL_TEXT: Final = "bymax-auth::anti-enumeration-sentinel::v1"
_MINIMUM_PER_DERIVATION: Final = 1.5


@dataclass(frozen=True, slots=True)
class PasswordVerdict:
    """Whether the password matches the stored hash, and whether that hash is weaker than new ones."""

    matched: bool
    needs_rehash: bool


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
    """Hashes and verifies passwords on the threads of a `KdfPool`."""

    def __init__(self, hasher: PasswordHasher, pool: KdfPool, policy: PasswordPolicy, clock: Clock) -> None:
        self._hasher = hasher
        self._pool = pool
        self._policy = policy
        self._missing_reported = False
        started = clock.monotonic()
        self._sentinel = hasher.hash(_SENTINEL_TEXT)
        measured = clock.monotonic() - started
        self.login_minimum = max(ANTI_ENUMERATION_MINIMUM.total_seconds(), _MINIMUM_PER_DERIVATION * measured)
        """Seconds that a refused sign-in takes at least."""

    async def hash(self, password: str) -> str:
        """
        Return a new hash of the password.

        Raises:
            Overloaded: The queue is full; nothing was derived.
        """
        return await self.hash_at(self._pool.acquire(), password)

    async def hash_at(self, slot: KdfSlot, password: str) -> str:
        """Return a new hash of the password, derived in a slot that was acquired before."""
        return await self._pool.run(slot, partial(self._hasher.hash, normalize_password(password)))

    async def verify(self, password: str, stored: str) -> PasswordVerdict:
        """
        Say whether the password matches the stored hash; a malformed hash matches none.

        The normalised text is tried first, then the text as it was sent, if that is another.

        A hash whose algorithm is not installed matches none either: a failure would reveal that the
        account exists.  The first such hash is an event.

        Raises:
            Overloaded: The queue is full, or the pool was closed; nothing was derived.
            InternalError: A verifier of the host's failed.
        """
        slot = self._pool.acquire()
        try:
            return await self._pool.run(slot, partial(self._check, password, stored))
        except Overloaded:
            raise
        except HasherUnavailable as error:
            self._report_missing(error)
            return PasswordVerdict(matched=False, needs_rehash=False)
        except Exception as error:  # noqa: BLE001 - a host's verifier of older hashes may raise anything
            raise self._policy.failures.stand_in("password.verify", error, InternalError()) from None

    async def verify_sentinel(self, password: str) -> None:
        """
        Take as long as verifying the password of an existing account.

        Raises:
            Overloaded: The queue is full, exactly as for an existing account.
        """
        await self.verify(password, self._sentinel)

    @asynccontextmanager
    async def admission(self) -> AsyncGenerator[Admission, None]:
        """
        Hold a slot for a flow that consumes a proof before it hashes.

        Raises:
            Overloaded: The queue is full; the proof was not consumed.
        """
        slot = self._pool.acquire()
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

    def _report_missing(self, error: HasherUnavailable) -> None:
        """Report once: every further sign-in would report the same."""
        if not self._missing_reported:
            self._missing_reported = True
            event = HasherMissing(origin="password.verify", exception=class_name(error))
            self._policy.failures.note(event, error)

    def _check(self, password: str, stored: str) -> PasswordVerdict:
        normalized, *as_sent = password_forms(password)
        if self._hasher.verify(normalized, stored):
            return PasswordVerdict(matched=True, needs_rehash=self._hasher.needs_rehash(stored))
        # An implementation that does not normalise has hashed the text as it was sent.
        matched = any(self._hasher.verify(form, stored) for form in as_sent)
        return PasswordVerdict(matched, needs_rehash=matched)

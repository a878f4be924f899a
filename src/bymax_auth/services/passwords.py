"""
Passwords: hashed and verified off the event loop, within bounds, at one cost for everybody.

An unknown address is verified against the sentinel, a hash that nobody's password made, so that
it costs what a known one costs.  The floor of a refused sign-in is measured on it: an account
whose stored hash is cheaper than the sentinel must not answer sooner than an address without
an account.
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
from bymax_auth.services.kdf_pool import KdfPlace, KdfPool
from bymax_auth.services.password_policy import PasswordPolicy

__all__ = ["Admission", "PasswordVerdict", "Passwords"]

_SENTINEL_TEXT: Final = "bymax-auth::anti-enumeration-sentinel::v1"
_FLOOR_PER_DERIVATION: Final = 1.5


@dataclass(frozen=True, slots=True)
class PasswordVerdict:
    """Whether the password made the stored hash, and whether that hash is weaker than new ones are."""

    matched: bool
    needs_rehash: bool


class Admission:
    """A place in the queue, held for a hash that must not be refused any more."""

    __slots__ = ("_passwords", "_place")

    def __init__(self, passwords: "Passwords", place: KdfPlace) -> None:
        self._passwords = passwords
        self._place = place

    async def hash(self, password: str) -> str:
        """Return a new hash of the password.  An admission serves once."""
        return await self._passwords.hash_at(self._place, password)


class Passwords:
    """Hashes and verifies passwords on the threads of a `KdfPool`."""

    def __init__(self, hasher: PasswordHasher, pool: KdfPool, policy: PasswordPolicy, clock: Clock) -> None:
        self._hasher = hasher
        self._pool = pool
        self._policy = policy
        self._missing_told = False
        started = clock.monotonic()
        self._sentinel = hasher.hash(_SENTINEL_TEXT)
        measured = clock.monotonic() - started
        self.login_minimum = max(ANTI_ENUMERATION_MINIMUM.total_seconds(), _FLOOR_PER_DERIVATION * measured)
        """Seconds that a refused sign-in takes at least."""

    async def hash(self, password: str) -> str:
        """
        Return a new hash of the password.

        Raises:
            Overloaded: The queue is full; nothing was derived.
        """
        return await self.hash_at(self._pool.take_place(), password)

    async def hash_at(self, place: KdfPlace, password: str) -> str:
        """Return a new hash of the password, derived in a place that was taken before."""
        return await self._pool.run(place, partial(self._hasher.hash, password))

    async def verify(self, password: str, stored: str) -> PasswordVerdict:
        """
        Say whether the password made the stored hash; a malformed one was made by none.

        Neither was one whose algorithm is not installed, or a failure would name who has an
        account.  The first such hash is an event.

        Raises:
            Overloaded: The queue is full, or was closed; nothing was derived.
            InternalError: A verifier of the host's failed.
        """
        place = self._pool.take_place()
        try:
            return await self._pool.run(place, partial(self._judge, password, stored))
        except Overloaded:
            raise
        except HasherUnavailable as error:
            self._tell_of_missing(error)
            return PasswordVerdict(matched=False, needs_rehash=False)
        except Exception as error:  # noqa: BLE001 - a host's verifier of older hashes may raise anything
            raise self._policy.failures.stand_in("password.verify", error, InternalError()) from None

    async def verify_sentinel(self, password: str) -> None:
        """
        Spend what verifying a password of an existing account would spend.

        Raises:
            Overloaded: The queue is full, exactly as for an existing account.
        """
        await self.verify(password, self._sentinel)

    @asynccontextmanager
    async def admission(self) -> AsyncGenerator[Admission, None]:
        """
        Hold a place in the queue for a flow that spends a proof before it hashes.

        Raises:
            Overloaded: The queue is full, and the proof still unspent.
        """
        place = self._pool.take_place()
        try:
            yield Admission(self, place)
        finally:
            place.give_back()

    async def assert_acceptable(self, password: str, field: str) -> None:
        """
        Let a new password pass that the policy accepts; `field` is its wire name.

        Raises:
            ValidationFailed: It is too short or too long.
            PasswordCompromised: It is a known or trivial one.
        """
        await self._policy.assert_acceptable(password, field)

    async def aclose(self) -> None:
        """Drop what waits and end the threads.  Idempotent."""
        await self._pool.aclose()

    def _tell_of_missing(self, error: HasherUnavailable) -> None:
        """Once: every further sign-in would say the same."""
        if not self._missing_told:
            self._missing_told = True
            event = HasherMissing(origin="password.verify", exception=class_name(error))
            self._policy.failures.note(event, error)

    def _judge(self, password: str, stored: str) -> PasswordVerdict:
        matched = self._hasher.verify(password, stored)
        return PasswordVerdict(matched, needs_rehash=matched and self._hasher.needs_rehash(stored))

"""
Port: the state of the second factor between requests.

A pending enrolment, the marker of a temporary token, the codes that were used, and the lock of a change.  The
enabled factor itself is in the account's record.  Implemented by `bymax_auth.stores.embedded` and
`bymax_auth.stores.redis`; every implementation must pass ``tests/contract/test_mfa_store.py``.

A code arrives as its keyed hash, which is of one account; a token id arrives as its SHA-256.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple, Protocol

from bymax_auth.types.identity import Subject

__all__ = ["MfaSetupRecord", "MfaStore", "MfaTempState"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaSetupRecord:
    """
    An enrolment that no code has confirmed yet.

    `recovery_codes` are keyed digests; `encrypted_codes` is the encrypted list of the codes themselves, which
    are shown again until the enrolment is confirmed.
    """

    encrypted_secret: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)
    encrypted_codes: str = field(repr=False)


class MfaTempState(NamedTuple):
    """Everything that a store knows about a temporary token, read in one step."""

    user_id: str | None
    """Whose token it is; ``None`` when it was used or has expired."""

    epoch: int
    """The account's token epoch, 0 when it has none."""


class MfaStore(Protocol):
    """
    Pending enrolments, temporary tokens, used codes and locks, each by account.

    Every method raises `StoreUnavailable` when the store did not answer; a write may then have happened.
    """

    async def put_setup(self, subject: Subject, record: MfaSetupRecord, ttl: timedelta) -> bool:
        """
        Store a pending enrolment unless the account has one; say whether this call stored it.

        Atomic: of concurrent calls one stores its record.

        Raises:
            StoreUnavailable: Also when the store is full.
        """
        ...

    async def read_setup(self, subject: Subject) -> MfaSetupRecord | None:
        """Return the pending enrolment and keep it; an unreadable record is ``None``."""
        ...

    async def take_setup(self, subject: Subject) -> MfaSetupRecord | None:
        """
        Return the pending enrolment and delete it.

        Atomic: of concurrent calls at most one gets the record.  An unreadable record is ``None``, and gone.
        """
        ...

    async def put_temp(self, subject: Subject, jti_hash: str, ttl: timedelta) -> None:
        """
        Accept the temporary token with this id, which belongs to `subject`.

        Raises:
            StoreUnavailable: Also when the store is full.
        """
        ...

    async def temp_state(self, subject: Subject, jti_hash: str) -> MfaTempState:
        """
        Return whose temporary token it is, and the account's epoch, in one round trip.

        Raises:
            StoreCorrupt: The epoch is not a number.
        """
        ...

    async def delete_temp(self, subject: Subject, jti_hash: str) -> bool:
        """Refuse the temporary token from now on; say whether this call did.  Atomic."""
        ...

    async def mark_totp_used(self, subject: Subject, code_hash: str, ttl: timedelta) -> bool:
        """Refuse a TOTP for `ttl`; say whether this call is its first use.  Atomic."""
        ...

    async def claim_recovery_code(self, subject: Subject, code_hash: str, ttl: timedelta) -> bool:
        """Refuse a recovery code for `ttl`; say whether this call is its first use.  Atomic."""
        ...

    async def consume_challenge(
        self, subject: Subject, code_hash: str, jti_hash: str, ttl: timedelta
    ) -> bool:
        """
        Use a TOTP and a temporary token together; say whether both were unused.

        Atomic: the code is refused for `ttl` only when this call also used the token.  So of several valid
        codes for one token one signs in, and the others stay valid.
        """
        ...

    async def acquire_lock(self, subject: Subject, nonce: str, ttl: timedelta) -> bool:
        """Lock the account's second factor for the holder of `nonce`; ``False`` while another holds it."""
        ...

    async def release_lock(self, subject: Subject, nonce: str) -> bool:
        """
        End the lock; say whether the caller still held it.

        Atomic: a lock that expired and was taken by another holder stays theirs.
        """
        ...

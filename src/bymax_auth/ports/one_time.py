"""
Ports: single-use codes and tokens.

`OtpStore` keeps short codes, as keyed fingerprints; `ProofStore` keeps what a long random
token stands for, under the token's hash.  Implemented by `bymax_auth.stores.embedded` and
`bymax_auth.stores.redis`; every implementation must pass ``tests/contract/test_one_time_stores.py``.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

__all__ = [
    "EMAIL_CHANGE",
    "OAUTH_FORM_USER",
    "OAUTH_LINK",
    "OAUTH_STATE",
    "PASSWORD_RESET",
    "PROOF_GENERATION",
    "RESET_CODE",
    "VERIFIED_RESET",
    "EmailChangeContext",
    "OAuthFormUser",
    "OAuthLinkState",
    "OAuthState",
    "OtpId",
    "OtpPurpose",
    "OtpStore",
    "OtpVerdict",
    "ProofGeneration",
    "ProofKind",
    "ProofStore",
    "ResetContext",
]


class OtpPurpose(StrEnum):
    """What a one-time code is for."""

    EMAIL_VERIFICATION = "email_verification"
    PASSWORD_RESET = "password_reset"


class OtpVerdict(StrEnum):
    """The result of checking a submitted code."""

    OK = "ok"
    WRONG = "wrong"
    EXPIRED = "expired"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class OtpId:
    """
    The code of one purpose and address.

    `hash` is the keyed hash of tenant and address; `ceiling` is the keyed hash under which
    wrong codes are counted across re-issues.
    """

    purpose: OtpPurpose
    hash: str
    ceiling: str


class OtpStore(Protocol):
    """One-time codes by purpose and address; at most one code each."""

    async def put(self, otp: OtpId, fingerprint: str, ttl: timedelta) -> None:
        """Store a code's fingerprint, replacing an earlier one and its count of attempts."""
        ...

    async def verify(self, otp: OtpId, fingerprint: str, max_attempts: int) -> OtpVerdict:
        """
        Check one submission and consume the code when it is right.

        Atomic: at most `max_attempts` wrong codes are compared per code, and at most 50 per
        day across re-issues.  The comparison is constant-time.
        """
        ...

    async def try_begin_resend(self, otp: OtpId, cooldown: timedelta) -> bool:
        """Claim the right to send a code; ``False`` while an earlier claim lasts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetContext:
    """
    What a password-reset token stands for.

    `password_fingerprint` is the SHA-256 of the stored hash when the token was minted, ``""``
    when there was none; ``None`` is a record without a binding.  `generation` is that of the
    account's proofs at that time, ``None`` when none were ended recently.
    """

    user_id: str
    email: str = field(repr=False)
    tenant_id: str
    password_fingerprint: str | None = field(repr=False)
    generation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangeContext:
    """
    What an email-change token stands for; `new_email` is canonical.

    `password_fingerprint` and `generation` are as in `ResetContext`.
    """

    user_id: str
    new_email: str = field(repr=False)
    tenant_id: str
    password_fingerprint: str | None = field(repr=False)
    generation: str | None = None


@dataclass(frozen=True, slots=True)
class ProofGeneration:
    """A random value that an account gets when its outstanding proofs are ended; earlier ones lack it."""

    generation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthState:
    """What the state of a sign-in with a provider stands for."""

    provider: str
    tenant_id: str
    code_verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthLinkState:
    """
    What the state of a link stands for: an account at a provider, to be added to one here.

    `login` is the family of the session that has asked for it, or the session's own hash without a family;
    `epoch` is the account's at that time, and `password_fingerprint` as in `ResetContext`.
    """

    provider: str
    tenant_id: str
    code_verifier: str = field(repr=False)
    user_id: str
    login: str = field(repr=False)
    epoch: int
    password_fingerprint: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthFormUser:
    """What a provider has sent about a person with its form, as it was sent: it proves nothing."""

    user: str = field(repr=False)


PayloadT = TypeVar("PayloadT")


@dataclass(frozen=True, slots=True)
class ProofKind(Generic[PayloadT]):
    """
    A kind of proof: its key prefix, and the type of what it stands for.

    `kept_when_full` is for a kind that ends other proofs or takes a consumed one's place: it must be kept
    however full the store is.
    """

    prefix: str
    payload: type[PayloadT]
    kept_when_full: bool = False


PASSWORD_RESET: Final = ProofKind("pw_reset", ResetContext)
"""The token in a reset link."""

RESET_CODE: Final = ProofKind("pw_code", ResetContext)
"""What a reset code stands for, under the code's keyed fingerprint."""

PROOF_GENERATION: Final = ProofKind("pw_gen", ProofGeneration, kept_when_full=True)
"""The generation of an account's proofs, under the account's digest."""

EMAIL_CHANGE: Final = ProofKind("ec", EmailChangeContext)
"""The token in a link that proves a new address."""

OAUTH_STATE: Final = ProofKind("os", OAuthState)
"""The state of a sign-in with a provider."""

OAUTH_LINK: Final = ProofKind("os_link", OAuthLinkState)
"""The state of a link, which signs nobody in."""

OAUTH_FORM_USER: Final = ProofKind("os_user", OAuthFormUser)
"""What a provider's form says about the person, under the same state."""

VERIFIED_RESET: Final = ProofKind("pw_vtok", ResetContext, kept_when_full=True)
"""The token that a correct reset code was exchanged for."""


class ProofStore(Protocol):
    """Single-use proofs, by the SHA-256 of their token."""

    async def put(
        self, kind: ProofKind[PayloadT], token_hash: str, payload: PayloadT, ttl: timedelta
    ) -> None:
        """
        Store what the token stands for.

        Raises:
            StoreUnavailable: Also when the store is full, unless the kind is kept even then.
        """
        ...

    async def consume(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        """
        Return what the token stands for and delete it.

        Atomic: of concurrent calls at most one gets the payload.  An unreadable record is
        ``None``, and gone.
        """
        ...

    async def read(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        """Return what is stored and keep it; an unreadable record is ``None``."""
        ...

    async def delete(self, kind: ProofKind[PayloadT], token_hash: str) -> None:
        """Delete the token.  Idempotent."""
        ...

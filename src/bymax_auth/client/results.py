"""What calls of the client take and return.  Tokens and codes are left out of each ``repr``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from bymax_auth.types.account import SafeAuthUser
from bymax_auth.types.results import AccountCreated, AuthResult, PlatformAuthResult
from bymax_auth.types.wire import WireModel

__all__ = [
    "AuthOutcome",
    "Authenticated",
    "LinkDeparture",
    "MfaRequired",
    "OtpProof",
    "OwnUser",
    "PlatformAuthOutcome",
    "PlatformAuthenticated",
    "RecoveryCodes",
    "RegistrationOutcome",
    "ResetProof",
    "TokenProof",
    "VerifiedTokenProof",
    "WsTicket",
]


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The user is signed in, and the client holds the session."""

    result: AuthResult


@dataclass(frozen=True, slots=True)
class PlatformAuthenticated:
    """The administrator is signed in, and the client holds the session."""

    result: PlatformAuthResult


@dataclass(frozen=True, slots=True)
class MfaRequired:
    """The password is right; `mfa_challenge` with this token and a code completes the sign-in."""

    mfa_temp_token: str = field(repr=False)


AuthOutcome = Authenticated | MfaRequired
"""A new session, or a second factor to prove first."""

RegistrationOutcome = AuthOutcome | AccountCreated
"""The same, or an account that may not sign in before its address is verified or it is approved."""

PlatformAuthOutcome = PlatformAuthenticated | MfaRequired
"""A new session of an administrator, or a second factor to prove first."""


@dataclass(frozen=True, slots=True)
class TokenProof:
    """The token of a mailed link."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OtpProof:
    """A mailed code."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedTokenProof:
    """What `verify_reset_otp` returns for a mailed code."""

    value: str = field(repr=False)


ResetProof = TokenProof | OtpProof | VerifiedTokenProof
"""The one proof that a password reset takes."""


class OwnUser(SafeAuthUser):
    """The signed-in user; `profile` where the server has profile fields."""

    profile: Mapping[str, Any] | None = None


class WsTicket(WireModel):
    """A ticket that opens one WebSocket, valid for `expires_in` seconds."""

    ticket: str = Field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class LinkDeparture:
    """
    Where a browser proves the identity that is to be linked.

    It must come back with `state` in the cookie ``oauth_state``, or ``__Host-oauth_state`` where the server
    prefixes names, which only a page of the server's own host can give it.
    """

    authorize_url: str = field(repr=False)
    state: str = field(repr=False)


class RecoveryCodes(WireModel):
    """Recovery codes, shown this once; earlier ones are void."""

    recovery_codes: tuple[str, ...] = Field(repr=False)

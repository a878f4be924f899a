"""The results of flows.  Tokens are left out of each ``repr``."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import ConfigDict, Field

from bymax_auth.types.account import SafeAccount, SafeAuthPlatformUser, SafeAuthUser
from bymax_auth.types.claims import AccessClaims
from bymax_auth.types.qr_code import qr_svg
from bymax_auth.types.session import CachedStatus
from bymax_auth.types.wire import Timestamp, WireModel

__all__ = [
    "AccountCreated",
    "AuthResult",
    "Authenticated",
    "IdentityInfo",
    "LoginResult",
    "MfaChallengeResult",
    "MfaSetupResult",
    "OAuthRedirect",
    "PlatformAuthResult",
    "RefreshedSession",
    "RegistrationResult",
    "RotatedTokens",
    "SessionResult",
]


class AuthResult(WireModel):
    """A new dashboard session."""

    user: SafeAuthUser
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)


class PlatformAuthResult(WireModel):
    """A new platform session."""

    admin: SafeAuthPlatformUser
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)


class AccountCreated(WireModel):
    """A new account that may not sign in yet."""

    user: SafeAuthUser


RegistrationResult = AuthResult | AccountCreated
"""A new account, with its first session if it may have one."""

SessionResult = AuthResult | PlatformAuthResult
"""A new session in either realm."""


class MfaChallengeResult(WireModel):
    """A proven password of an account with a second factor: a token to show a code with, and no session."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    mfa_required: Literal[True] = True
    mfa_temp_token: str = Field(repr=False)


LoginResult = SessionResult | MfaChallengeResult
"""A new session in either realm, or a second factor to prove first."""


class MfaSetupResult(WireModel):
    """
    An enrolment that a code must confirm.

    `secret` is Base32, for typing; `qr_code_uri` says the same to an authenticator app.
    """

    secret: str = Field(repr=False)
    qr_code_uri: str = Field(repr=False)
    recovery_codes: tuple[str, ...] = Field(repr=False)

    def qr_svg(self) -> str:
        """
        Return the QR code of `qr_code_uri` as one ``<svg>`` element.  It contains the secret.

        Raises:
            ModuleNotFoundError: The extra ``mfa`` is not installed.
        """
        return qr_svg(self.qr_code_uri)

    def __repr_args__(self) -> Iterator[tuple[str, object]]:
        yield "recovery_codes", len(self.recovery_codes or ())


class RotatedTokens(WireModel):
    """A new pair of tokens."""

    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthRedirect:
    """Where a browser is sent to sign in, and the state that its cookie keeps meanwhile."""

    authorize_url: str
    state: str

    def __repr__(self) -> str:
        return f"OAuthRedirect(authorize_url={self.authorize_url.partition('?')[0]!r}, state=[REDACTED])"


class IdentityInfo(WireModel):
    """
    An identity of a provider with which an account can sign in, as its owner sees it.

    `id` names it in calls; `provider_id` is the provider's own identifier of the person.
    """

    id: str
    provider: str
    provider_id: str
    linked_at: Timestamp | None


@dataclass(frozen=True, slots=True)
class RefreshedSession:
    """A new pair of tokens, and the current account."""

    tokens: RotatedTokens
    account: SafeAccount


class Authenticated(NamedTuple):
    """The claims of a verified access token, and the cached status at the time of the check."""

    claims: AccessClaims
    status: CachedStatus | None = None

"""The results of flows.  Tokens are left out of each ``repr``."""

from dataclasses import dataclass
from typing import NamedTuple

from pydantic import Field

from bymax_auth.types.account import SafeAccount, SafeAuthPlatformUser, SafeAuthUser
from bymax_auth.types.claims import AccessClaims
from bymax_auth.types.session import CachedStatus
from bymax_auth.types.wire import WireModel

__all__ = [
    "AccountCreated",
    "AuthResult",
    "Authenticated",
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


class RotatedTokens(WireModel):
    """A new pair of tokens."""

    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)


@dataclass(frozen=True, slots=True)
class RefreshedSession:
    """A new pair of tokens, and the current account."""

    tokens: RotatedTokens
    account: SafeAccount


class Authenticated(NamedTuple):
    """The claims of a verified access token, and the cached status at the time of the check."""

    claims: AccessClaims
    status: CachedStatus | None = None

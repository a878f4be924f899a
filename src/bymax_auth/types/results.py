"""What flows return.  Tokens never show in a ``repr``."""

from dataclasses import dataclass
from typing import NamedTuple

from pydantic import Field

from bymax_auth.types.account import SafeAccount, SafeAuthPlatformUser, SafeAuthUser
from bymax_auth.types.claims import AccessClaims
from bymax_auth.types.session import CachedStatus
from bymax_auth.types.wire import WireModel

__all__ = [
    "AuthResult",
    "Authenticated",
    "PlatformAuthResult",
    "RefreshedSession",
    "RotatedTokens",
    "SessionResult",
]


class AuthResult(WireModel):
    """A dashboard session that has just been born."""

    user: SafeAuthUser
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)


class PlatformAuthResult(WireModel):
    """A platform session that has just been born."""

    admin: SafeAuthPlatformUser
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)


SessionResult = AuthResult | PlatformAuthResult
"""A session born in either realm."""


class RotatedTokens(WireModel):
    """A fresh pair."""

    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)


@dataclass(frozen=True, slots=True)
class RefreshedSession:
    """A fresh pair, and the account as it is now."""

    tokens: RotatedTokens
    account: SafeAccount


class Authenticated(NamedTuple):
    """A verified access token, and what the status cache held when it was checked."""

    claims: AccessClaims
    status: CachedStatus | None = None

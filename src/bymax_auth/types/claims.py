"""
The claims of the three token types.

These models are the schema for guards, documentation and TypeScript.  The codec in
`bymax_auth.jwt` validates a token before it builds one of them.
"""

from typing import Literal, NamedTuple

from pydantic import Field

from bymax_auth.types.extra_claims import NO_EXTRA_CLAIMS, ExtraClaims
from bymax_auth.types.wire import WireModel

__all__ = [
    "AccessClaims",
    "AdmittingToken",
    "DashboardClaims",
    "MfaTempClaims",
    "PlatformClaims",
    "TicketClaims",
    "admitting_token",
]


class DashboardClaims(WireModel):
    """
    A dashboard user's access token.

    `status` is from issue time and is not used for authorization.  `ext` holds the host's own claims; it is
    empty where there are none, and cannot be changed.
    """

    sub: str
    jti: str
    tenant_id: str
    role: str
    type: Literal["dashboard"]
    status: str
    mfa_enabled: bool
    mfa_verified: bool
    iat: int
    exp: int
    epoch: int = 0
    iss: str | None = None
    aud: str | None = None
    ext: ExtraClaims = Field(default_factory=lambda: NO_EXTRA_CLAIMS)


class PlatformClaims(WireModel):
    """A platform administrator's access token."""

    sub: str
    jti: str
    role: str
    type: Literal["platform"]
    mfa_enabled: bool
    mfa_verified: bool
    iat: int
    exp: int
    epoch: int = 0
    iss: str | None = None
    aud: str | None = None


class MfaTempClaims(WireModel):
    """The short-lived token between the password and the second factor."""

    sub: str
    jti: str
    type: Literal["mfa_challenge"]
    context: Literal["dashboard", "platform"]
    tenant_id: str | None = None
    epoch: int = 0
    iat: int
    exp: int
    iss: str | None = None
    aud: str | None = None


class AdmittingToken(NamedTuple):
    """What ends an access token: its id once revoked, its epoch once the account's is higher, its expiry."""

    jti: str
    epoch: int
    exp: int


class TicketClaims(DashboardClaims):
    """
    The claims of a WebSocket that a ticket opened.

    They have an id, an epoch and an expiry of their own, which say nothing about how long the socket may stay
    open.  `admitted_by` does: it is the access token that the ticket was asked with.
    """

    admitted_by: AdmittingToken = Field(exclude=True, repr=False)


AccessClaims = DashboardClaims | PlatformClaims
"""An access token's claims in either realm."""


def admitting_token(claims: AccessClaims) -> AdmittingToken:
    """Return the access token that admitted whoever has these claims."""
    if isinstance(claims, TicketClaims):
        return claims.admitted_by
    return AdmittingToken(claims.jti, claims.epoch, claims.exp)

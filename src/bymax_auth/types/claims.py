"""
The claims of the three token types.

These models are the schema for guards, documentation and TypeScript.  The codec in
`bymax_auth.jwt` validates a token before it builds one of them.
"""

from typing import Literal

from pydantic import Field

from bymax_auth.types.extra_claims import NO_EXTRA_CLAIMS, ExtraClaims
from bymax_auth.types.wire import WireModel

__all__ = ["AccessClaims", "DashboardClaims", "MfaTempClaims", "PlatformClaims"]


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


AccessClaims = DashboardClaims | PlatformClaims
"""An access token's claims in either realm."""

"""Which models clients know, by which names, and in which file."""

from typing import Final

from bymax_auth.codegen.declarations import AddedMember, Declaration
from bymax_auth.errors import FieldError
from bymax_auth.http.schemas.mfa import NewRecoveryCodes
from bymax_auth.http.schemas.password_reset import VerifiedToken
from bymax_auth.http.schemas.ws_ticket import IssuedWsTicket
from bymax_auth.types.account import SafeAuthPlatformUser, SafeAuthUser
from bymax_auth.types.claims import DashboardClaims, MfaTempClaims, PlatformClaims
from bymax_auth.types.results import (
    AuthResult,
    IdentityInfo,
    MfaChallengeResult,
    MfaSetupResult,
    PlatformAuthResult,
    RotatedTokens,
)
from bymax_auth.types.session import ActiveSessionInfo

__all__ = ["ACCOUNTS", "DECLARATIONS", "ERRORS", "FEATURES", "RESULTS", "TOKENS"]

_AVATAR: Final = AddedMember(
    type="string", description="Never sent by the library; an application may add it to its answers."
)
_PROFILE: Final = AddedMember(
    type="Record<string, unknown> | null",
    description="The profile, where the application has a model of profiles.",
)
_REFRESH_TOKEN: Final = frozenset({"refreshToken"})
"""With cookies alone, no answer has it."""

ACCOUNTS: Final = (
    Declaration(
        name="AuthUserClient",
        model=SafeAuthUser,
        optional=frozenset({"oauthProvider", "oauthProviderId"}),
        added={"avatarUrl": _AVATAR, "profile": _PROFILE},
    ),
    Declaration(
        name="AuthPlatformUserClient",
        model=SafeAuthPlatformUser,
        optional=frozenset({"platformId"}),
        added={"avatarUrl": _AVATAR},
    ),
)
"""The accounts, without secrets."""

TOKENS: Final = (
    Declaration(name="DashboardJwtPayload", model=DashboardClaims, omits_null=True),
    Declaration(name="PlatformJwtPayload", model=PlatformClaims, omits_null=True),
    Declaration(name="MfaTempPayload", model=MfaTempClaims, omits_null=True),
)
"""The claims of the three token types."""

RESULTS: Final = (
    Declaration(name="AuthResult", model=AuthResult, optional=_REFRESH_TOKEN),
    Declaration(name="PlatformAuthResult", model=PlatformAuthResult, optional=_REFRESH_TOKEN),
    Declaration(name="MfaChallengeResult", model=MfaChallengeResult),
    Declaration(name="RotatedTokens", model=RotatedTokens),
)
"""What sign-ins and refreshes answer."""

FEATURES: Final = (
    Declaration(name="ActiveSessionInfo", model=ActiveSessionInfo),
    Declaration(name="IdentityInfo", model=IdentityInfo),
    Declaration(name="IssuedWsTicket", model=IssuedWsTicket),
    Declaration(name="MfaSetupResult", model=MfaSetupResult),
    Declaration(name="NewRecoveryCodes", model=NewRecoveryCodes),
    Declaration(name="VerifiedToken", model=VerifiedToken),
)
"""What the routes of single features answer."""

ERRORS: Final = (Declaration(name="FieldError", model=FieldError),)
"""What is wrong with a request."""

DECLARATIONS: Final = (*ACCOUNTS, *TOKENS, *RESULTS, *FEATURES, *ERRORS)
"""Every type that comes from a model."""

"""
A typed client of the routes, for services, scripts and tests, asynchronous and synchronous.

    async with AuthClient("https://auth.example.com") as auth:
        await auth.login(email="ada@example.com", password=password)
        async with httpx2.AsyncClient(auth=BymaxAuth(auth)) as api:
            await api.get("https://api.example.com/orders")
"""

from bymax_auth.errors.extras import needs_extra

with needs_extra("client", ("httpx2",)):
    from bymax_auth.client.async_client import AuthClient
    from bymax_auth.client.async_platform import PlatformAuthClient
    from bymax_auth.client.httpx_auth import BymaxAuth
    from bymax_auth.client.sync_client import SyncAuthClient
    from bymax_auth.client.sync_platform import SyncPlatformAuthClient

from bymax_auth.client.delivery import CookieNames
from bymax_auth.client.errors import (
    ApiError,
    AuthClientError,
    DecodeError,
    NoSession,
    TransportError,
    UnexpectedStatus,
)
from bymax_auth.client.results import (
    Authenticated,
    AuthOutcome,
    LinkDeparture,
    MfaRequired,
    OtpProof,
    OwnUser,
    PlatformAuthenticated,
    PlatformAuthOutcome,
    RegistrationOutcome,
    ResetProof,
    TokenProof,
    VerifiedTokenProof,
    WsTicket,
)
from bymax_auth.client.session import Session
from bymax_auth.types.account import SafeAuthPlatformUser, SafeAuthUser
from bymax_auth.types.results import (
    AccountCreated,
    AuthResult,
    IdentityInfo,
    MfaSetupResult,
    PlatformAuthResult,
    RotatedTokens,
)
from bymax_auth.types.session import ActiveSessionInfo

__all__ = [
    "AccountCreated",
    "ActiveSessionInfo",
    "ApiError",
    "AuthClient",
    "AuthClientError",
    "AuthOutcome",
    "AuthResult",
    "Authenticated",
    "BymaxAuth",
    "CookieNames",
    "DecodeError",
    "IdentityInfo",
    "LinkDeparture",
    "MfaRequired",
    "MfaSetupResult",
    "NoSession",
    "OtpProof",
    "OwnUser",
    "PlatformAuthClient",
    "PlatformAuthOutcome",
    "PlatformAuthResult",
    "PlatformAuthenticated",
    "RegistrationOutcome",
    "ResetProof",
    "RotatedTokens",
    "SafeAuthPlatformUser",
    "SafeAuthUser",
    "Session",
    "SyncAuthClient",
    "SyncPlatformAuthClient",
    "TokenProof",
    "TransportError",
    "UnexpectedStatus",
    "VerifiedTokenProof",
    "WsTicket",
]

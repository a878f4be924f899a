"""
Authentication for Python backends: the names that a host application imports.

    engine = AuthEngine(AuthConfig(...), users=users, stores=EmbeddedStores())

Every refusal has a class of its own in `bymax_auth.errors`.
"""

from bymax_auth.config import (
    AuthConfig,
    BruteForceConfig,
    ConfigError,
    ConfigProblem,
    ControllersConfig,
    CookiesConfig,
    EmailVerificationConfig,
    Environment,
    HashFormat,
    JwtConfig,
    PasswordAlgorithm,
    PasswordConfig,
    PasswordResetConfig,
    PasswordResetMethod,
    PlatformConfig,
    RequestParts,
    RolesConfig,
    SameSite,
    SessionsConfig,
    TenancyConfig,
    TenantUnresolved,
    TokenDelivery,
)
from bymax_auth.engine import AuthEngine
from bymax_auth.errors import (
    AuthError,
    AuthErrorCode,
    FieldError,
    InternalError,
    RepositoryBackendError,
    RepositoryConflict,
    RepositoryUnavailable,
    RepositoryValueRefused,
    StoreUnavailable,
)
from bymax_auth.ports.accounts import PlatformUserRepository, UserRepository
from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.ports.email import EmailProvider
from bymax_auth.ports.events import AuthEvent, EventSink
from bymax_auth.ports.hooks import (
    Allow,
    AuthHooks,
    Create,
    HookContext,
    Link,
    LoginFailure,
    LoginFailureReason,
    OAuthDecision,
    RegisterAttempt,
    RegisterDecision,
    RegisterOverrides,
    Reject,
)
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.services.open_logins import OpenLogin
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.account import (
    AuthPlatformUser,
    AuthUser,
    CreateUserData,
    CreateWithOAuthData,
    SafeAuthPlatformUser,
    SafeAuthUser,
    UpdateMfaData,
    UpdatePlatformMfaData,
)
from bymax_auth.types.claims import DashboardClaims, PlatformClaims, TicketClaims
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import (
    AcceptInvitationInput,
    ForgotPasswordInput,
    LoginInput,
    RegisterInput,
    ResendResetOtpInput,
    ResetPasswordInput,
    VerifyResetOtpInput,
)
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.login_end import LoginEndReason
from bymax_auth.types.oauth import OAuthProfile
from bymax_auth.types.results import (
    AccountCreated,
    Authenticated,
    AuthResult,
    MfaChallengeResult,
    MfaSetupResult,
    OAuthRedirect,
    PlatformAuthResult,
    RefreshedSession,
    RotatedTokens,
)
from bymax_auth.types.secret import Secret
from bymax_auth.types.session import ActiveSessionInfo, CachedStatus, SessionInfo

__all__ = [
    "AcceptInvitationInput",
    "AccountCreated",
    "ActiveSessionInfo",
    "Allow",
    "AuthConfig",
    "AuthEngine",
    "AuthError",
    "AuthErrorCode",
    "AuthEvent",
    "AuthHooks",
    "AuthPlatformUser",
    "AuthResult",
    "AuthUser",
    "Authenticated",
    "BruteForceConfig",
    "CachedStatus",
    "ConfigError",
    "ConfigProblem",
    "ControllersConfig",
    "CookiesConfig",
    "Create",
    "CreateUserData",
    "CreateWithOAuthData",
    "DashboardClaims",
    "EmailProvider",
    "EmailVerificationConfig",
    "EmbeddedStores",
    "Environment",
    "EventSink",
    "FieldError",
    "ForgotPasswordInput",
    "HashFormat",
    "HookContext",
    "InternalError",
    "InviteData",
    "JwtConfig",
    "Link",
    "LoginEndReason",
    "LoginFailure",
    "LoginFailureReason",
    "LoginInput",
    "MfaChallengeResult",
    "MfaSetupResult",
    "OAuthDecision",
    "OAuthProfile",
    "OAuthProvider",
    "OAuthRedirect",
    "OpenLogin",
    "PasswordAlgorithm",
    "PasswordBreachChecker",
    "PasswordConfig",
    "PasswordResetConfig",
    "PasswordResetMethod",
    "PlatformAuthResult",
    "PlatformClaims",
    "PlatformConfig",
    "PlatformUserRepository",
    "Realm",
    "RefreshedSession",
    "RegisterAttempt",
    "RegisterDecision",
    "RegisterInput",
    "RegisterOverrides",
    "Reject",
    "RepositoryBackendError",
    "RepositoryConflict",
    "RepositoryUnavailable",
    "RepositoryValueRefused",
    "RequestContext",
    "RequestParts",
    "ResendResetOtpInput",
    "ResetPasswordInput",
    "RolesConfig",
    "RotatedTokens",
    "SafeAuthPlatformUser",
    "SafeAuthUser",
    "SameSite",
    "Secret",
    "SessionInfo",
    "SessionsConfig",
    "StoreUnavailable",
    "TenancyConfig",
    "TenantUnresolved",
    "TicketClaims",
    "TokenDelivery",
    "UpdateMfaData",
    "UpdatePlatformMfaData",
    "UserRepository",
    "VerifyResetOtpInput",
]

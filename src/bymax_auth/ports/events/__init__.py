"""
Port: what happened.

Flows and services emit one of these values; the default sink writes each as a log record with a
stable name.  No event holds a secret: addresses are masked, and an exception is named by its class.
Automation uses hooks instead: what an event says may change.
"""

from bymax_auth.ports.events.email_change import (
    EmailChanged,
    EmailChangeProofStale,
    EmailChangeReauthenticationLocked,
    EmailChangeReauthenticationRefused,
    EmailChangeRequested,
)
from bymax_auth.ports.events.event import AuthEvent, EventSink
from bymax_auth.ports.events.failures import (
    BackgroundTaskFailed,
    BackgroundTaskTimedOut,
    HookFailed,
    IdentifierRejected,
    InternalFailure,
    LocaleResolverFailed,
    TenantMismatch,
)
from bymax_auth.ports.events.passwords import (
    BreachCheckFailed,
    BreachServiceUnavailable,
    HasherMissing,
    KdfOverloaded,
    PasswordChanged,
    PasswordReset,
    ReauthenticationLocked,
    ReauthenticationRefused,
    ResetProofStale,
)
from bymax_auth.ports.events.second_factor import (
    FactorChallengePassed,
    FactorCodeRefused,
    FactorDisabled,
    FactorEnabled,
    FactorLocked,
    FactorLockLost,
    FactorNotRecent,
    FactorRealmMismatch,
    FactorReset,
    FactorSetupCodeRefused,
    FactorSetupStarted,
    LoginChallenged,
    RecoveryCodesRegenerated,
)
from bymax_auth.ports.events.sessions import (
    CapResolverFailed,
    OtherSessionsRevoked,
    RefreshFamilyRevoked,
    RefreshLifetimeExceeded,
    RefreshRefused,
    RefreshReuseDetected,
)
from bymax_auth.ports.events.sign_in import (
    EmailVerified,
    FactorNotConfigured,
    LockoutCleared,
    LoginLocked,
    LoginRefused,
    LoginSucceeded,
    LogoutCleanupFailed,
    LogoutSucceeded,
    RegisterSucceeded,
)

__all__ = [
    "AuthEvent",
    "BackgroundTaskFailed",
    "BackgroundTaskTimedOut",
    "BreachCheckFailed",
    "BreachServiceUnavailable",
    "CapResolverFailed",
    "EmailChangeProofStale",
    "EmailChangeReauthenticationLocked",
    "EmailChangeReauthenticationRefused",
    "EmailChangeRequested",
    "EmailChanged",
    "EmailVerified",
    "EventSink",
    "FactorChallengePassed",
    "FactorCodeRefused",
    "FactorDisabled",
    "FactorEnabled",
    "FactorLockLost",
    "FactorLocked",
    "FactorNotConfigured",
    "FactorNotRecent",
    "FactorRealmMismatch",
    "FactorReset",
    "FactorSetupCodeRefused",
    "FactorSetupStarted",
    "HasherMissing",
    "HookFailed",
    "IdentifierRejected",
    "InternalFailure",
    "KdfOverloaded",
    "LocaleResolverFailed",
    "LockoutCleared",
    "LoginChallenged",
    "LoginLocked",
    "LoginRefused",
    "LoginSucceeded",
    "LogoutCleanupFailed",
    "LogoutSucceeded",
    "OtherSessionsRevoked",
    "PasswordChanged",
    "PasswordReset",
    "ReauthenticationLocked",
    "ReauthenticationRefused",
    "RecoveryCodesRegenerated",
    "RefreshFamilyRevoked",
    "RefreshLifetimeExceeded",
    "RefreshRefused",
    "RefreshReuseDetected",
    "RegisterSucceeded",
    "ResetProofStale",
    "TenantMismatch",
]

"""
Port: what happened.

Flows and services emit one of these values; the default sink writes each as a log record with a
stable name.  No event holds a secret: addresses are masked, and an exception is named by its class.
Automation uses hooks instead: what an event says may change.
"""

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
    "EmailVerified",
    "EventSink",
    "FactorNotConfigured",
    "HasherMissing",
    "HookFailed",
    "IdentifierRejected",
    "InternalFailure",
    "KdfOverloaded",
    "LocaleResolverFailed",
    "LockoutCleared",
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
    "RefreshFamilyRevoked",
    "RefreshLifetimeExceeded",
    "RefreshRefused",
    "RefreshReuseDetected",
    "RegisterSucceeded",
    "ResetProofStale",
    "TenantMismatch",
]

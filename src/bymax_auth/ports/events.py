"""
Port: what happened.

Flows and services emit one of these values; the sink that the engine uses by default writes
each as a log record with a stable name.  No event holds a secret: addresses come masked, and
an exception is named by its class.  Hooks, not events, are the contract for automation.
"""

import logging
from dataclasses import dataclass
from typing import ClassVar, Protocol

from bymax_auth.types.identity import Realm

__all__ = [
    "AuthEvent",
    "BreachCheckFailed",
    "CapResolverFailed",
    "DetachedFailed",
    "DetachedTimedOut",
    "EmailVerified",
    "EventSink",
    "FactorNotConfigured",
    "HasherMissing",
    "HookFailed",
    "IdentifierRejected",
    "InternalFailure",
    "KdfOverloaded",
    "LockoutCleared",
    "LoginLocked",
    "LoginRefused",
    "LoginSucceeded",
    "LogoutCleanupFailed",
    "LogoutSucceeded",
    "OtherSessionsRevoked",
    "PasswordChanged",
    "PasswordReset",
    "RefreshFamilyRevoked",
    "RefreshLifetimeExceeded",
    "RefreshRefused",
    "RefreshReuseDetected",
    "RegisterSucceeded",
    "ReproofLocked",
    "ReproofRefused",
    "ResetProofStale",
    "TenantMismatch",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthEvent:
    """Something that happened; `name` is stable, fields are safe to log."""

    event: ClassVar[str]
    platform_event: ClassVar[str | None] = None
    level: ClassVar[int]
    message: ClassVar[str]

    realm: Realm = Realm.DASHBOARD

    @property
    def name(self) -> str:
        """The record's name, of its own on the platform where sign-ins are concerned."""
        if self.realm is Realm.PLATFORM and self.platform_event is not None:
            return self.platform_event
        return self.event


class EventSink(Protocol):
    """Takes events.  Synchronous, and never raises."""

    def emit(self, event: AuthEvent) -> None:
        """Take note of `event`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfAccount(AuthEvent):
    level: ClassVar[int] = logging.INFO

    user_id: str
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSucceeded(_OfAccount):
    """An account was created."""

    event = "register.ok"
    message = "Account registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSucceeded(_OfAccount):
    """An account signed in."""

    event = "login.ok"
    platform_event = "platform.login_ok"
    message = "Signed in"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutSucceeded(_OfAccount):
    """A session was ended by its holder."""

    event = "logout.ok"
    message = "Signed out"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerified(_OfAccount):
    """An address was proven."""

    event = "email.verified"
    message = "Address verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(_OfAccount):
    """A forgotten password was replaced."""

    event = "password.reset_ok"
    message = "Password reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(_OfAccount):
    """A password was changed by its owner."""

    event = "password.change_ok"
    message = "Password changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSessionsRevoked(_OfAccount):
    """Every session but the caller's was ended."""

    event = "sessions.others_revoked"
    message = "Other sessions revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfAddress(AuthEvent):
    level: ClassVar[int] = logging.WARNING

    masked_email: str
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockoutCleared(_OfAddress):
    """An operator unlocked an address."""

    event = "login.lockout_cleared"
    level = logging.INFO
    message = "Lockout cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginLocked(_OfAddress):
    """A sign-in met a lockout."""

    event = "login.locked"
    platform_event = "platform.login_locked"
    message = "Sign-in refused: locked out"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused(_OfAddress):
    """A sign-in failed."""

    event = "login.refused"
    platform_event = "platform.login_refused"
    message = "Sign-in refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfReproof(_OfAccount):
    level = logging.WARNING

    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproofRefused(_OfReproof):
    """A signed-in caller gave a wrong current password."""

    event = "password.reproof_refused"
    message = "Current password refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproofLocked(_OfReproof):
    """A signed-in caller has given too many wrong passwords."""

    event = "password.reproof_locked"
    message = "Current password locked out"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReuseDetected(AuthEvent):
    """A refresh token was replayed.  Emitted before its family is revoked."""

    event = "refresh.reuse_detected"
    level = logging.WARNING
    message = "Refresh token replayed"

    family_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshFamilyRevoked(AuthEvent):
    """The replayed token's login was ended; `owner_id` is ``<unknown>`` when no session names it."""

    event = "refresh.family_revoked"
    level = logging.WARNING
    message = "Login ended after a replay"

    family_id: str
    owner_id: str
    removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshLifetimeExceeded(AuthEvent):
    """A login is older than the absolute session lifetime."""

    event = "refresh.lifetime_exceeded"
    level = logging.WARNING
    message = "Login past its absolute lifetime"

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRefused(AuthEvent):
    """A refresh token was refused; `why` is the state it was in."""

    event = "refresh.invalid"
    level = logging.WARNING
    message = "Refresh token refused"

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetProofStale(_OfAccount):
    """A reset proof was minted against another password."""

    event = "password.reset_proof_stale"
    level = logging.WARNING
    message = "Reset proof outdated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantMismatch(AuthEvent):
    """A repository answered with an account of another tenant; its query must be scoped."""

    event = "repository.tenant_mismatch"
    level = logging.WARNING
    message = "The user repository answered from another tenant: scope its query by tenant_id"

    asked: str | None
    answered: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfFailure(AuthEvent):
    level: ClassVar[int] = logging.ERROR

    origin: str
    exception: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutCleanupFailed(_OfFailure):
    """A step of a sign-out failed; the others went on."""

    event = "logout.cleanup_failed"
    level = logging.WARNING
    message = "Sign-out incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachedFailed(_OfFailure):
    """Work behind a response raised."""

    event = "detached.failed"
    level = logging.WARNING
    message = "Detached work failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachedTimedOut(AuthEvent):
    """Work behind a response took too long."""

    event = "detached.timeout"
    level = logging.WARNING
    message = "Detached work timed out"

    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalFailure(_OfFailure):
    """
    A failure behind the engine was answered with ``auth.internal``.

    `stack` says where in the library it was raised, innermost first, when no port it came
    through can say; it is empty otherwise.
    """

    event = "internal_error"
    message = "Internal error"

    stack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HookFailed(_OfFailure):
    """A deciding hook raised or timed out, which refuses."""

    event = "hook.failed"
    message = "Hook failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachCheckFailed(_OfFailure):
    """The breach check raised; the password was accepted."""

    event = "breach_check.failed"
    message = "Breach check failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HasherMissing(_OfFailure):
    """Accounts cannot sign in, because what their password hashes need is not installed."""

    event = "password.hasher_missing"
    message = "Password hashes cannot be verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapResolverFailed(_OfFailure):
    """The session-cap resolver failed; the default cap applied."""

    event = "sessions.cap_resolver_failed"
    message = "Session-cap resolver failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierRejected(AuthEvent):
    """A counter was asked for under a name that is not a keyed hash."""

    event = "bruteforce.identifier_rejected"
    level = logging.ERROR
    message = "Counter identifier rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorNotConfigured(_OfAccount):
    """An account has a second factor that the configuration cannot check."""

    event = "mfa.not_configured"
    level = logging.ERROR
    message = "The account has a second factor, and the configuration has none"


@dataclass(frozen=True, slots=True, kw_only=True)
class KdfOverloaded(AuthEvent):
    """The hashing queue is full; at most one record a second, counting its refusals."""

    event = "kdf.overloaded"
    level = logging.WARNING
    message = "Password hashing overloaded"

    refused: int
    waiting: int
    workers: int

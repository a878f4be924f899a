"""Events of registration, sign-in and sign-out."""

import logging
from dataclasses import dataclass

from bymax_auth.ports.events.event import AccountEvent, AddressEvent, FailureEvent

__all__ = [
    "EmailVerified",
    "FactorNotConfigured",
    "LockoutCleared",
    "LoginLocked",
    "LoginRefused",
    "LoginSucceeded",
    "LogoutCleanupFailed",
    "LogoutSucceeded",
    "RegisterSucceeded",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSucceeded(AccountEvent):
    """An account was created."""

    event = "register.ok"
    message = "Account registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerified(AccountEvent):
    """An address was proven."""

    event = "email.verified"
    message = "Address verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSucceeded(AccountEvent):
    """An account signed in."""

    event = "login.ok"
    platform_event = "platform.login_ok"
    message = "Signed in"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused(AddressEvent):
    """A sign-in failed."""

    event = "login.refused"
    platform_event = "platform.login_refused"
    message = "Sign-in refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginLocked(AddressEvent):
    """A sign-in was refused because its address is locked."""

    event = "login.locked"
    platform_event = "platform.login_locked"
    message = "Sign-in refused: the address is locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockoutCleared(AddressEvent):
    """An operator unlocked an address."""

    event = "login.lockout_cleared"
    level = logging.INFO
    message = "Lockout cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorNotConfigured(AccountEvent):
    """An account has a second factor that the configuration cannot check."""

    event = "mfa.not_configured"
    level = logging.ERROR
    message = "The account has a second factor, and mfa is not configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutSucceeded(AccountEvent):
    """A session was ended by its holder."""

    event = "logout.ok"
    message = "Signed out"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutCleanupFailed(FailureEvent):
    """A step of a sign-out failed; the other steps were still done."""

    event = "logout.cleanup_failed"
    level = logging.WARNING
    message = "Sign-out incomplete"

"""Events of passwords and their hashes."""

import logging
from dataclasses import dataclass

from bymax_auth.ports.events.event import AccountEvent, AuthEvent, FailureEvent

__all__ = [
    "BreachCheckFailed",
    "BreachServiceUnavailable",
    "HasherMissing",
    "KdfOverloaded",
    "PasswordChanged",
    "PasswordReset",
    "ReauthenticationLocked",
    "ReauthenticationRefused",
    "ResetProofStale",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(AccountEvent):
    """A forgotten password was replaced."""

    event = "password.reset_ok"
    message = "Password reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(AccountEvent):
    """A password was changed by its owner."""

    event = "password.change_ok"
    message = "Password changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetProofStale(AccountEvent):
    """A reset token was issued before the password was changed."""

    event = "password.reset_proof_stale"
    level = logging.WARNING
    message = "Reset token older than the password"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReauthenticationEvent(AccountEvent):
    level = logging.WARNING

    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReauthenticationRefused(_ReauthenticationEvent):
    """A signed-in caller gave a wrong current password."""

    event = "password.reproof_refused"
    message = "Current password refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReauthenticationLocked(_ReauthenticationEvent):
    """A signed-in caller has given too many wrong passwords."""

    event = "password.reproof_locked"
    message = "Too many wrong current passwords"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachCheckFailed(FailureEvent):
    """The breach check raised; the password was accepted."""

    event = "breach_check.failed"
    message = "Breach check failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachServiceUnavailable(AuthEvent):
    """The service of the breach check gave no usable answer; the password was accepted."""

    event = "breach_check.unavailable"
    level = logging.WARNING
    message = "Breach check unavailable: a password was accepted unchecked"

    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HasherMissing(FailureEvent):
    """Accounts cannot sign in: the package that verifies their password hashes is not installed."""

    event = "password.hasher_missing"
    message = "Password hashes cannot be verified: a package is not installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KdfOverloaded(AuthEvent):
    """The hashing queue is full; at most one record a second, counting its refusals."""

    event = "kdf.overloaded"
    level = logging.WARNING
    message = "Password hashing overloaded: the queue is full"

    refused: int
    waiting: int
    workers: int

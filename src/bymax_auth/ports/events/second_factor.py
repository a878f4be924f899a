"""Events of the second factor."""

import logging
from dataclasses import dataclass

from bymax_auth.ports.events.event import AccountEvent

__all__ = [
    "FactorChallengePassed",
    "FactorCodeRefused",
    "FactorDisabled",
    "FactorEnabled",
    "FactorLockLost",
    "FactorLocked",
    "FactorNotRecent",
    "FactorRealmMismatch",
    "FactorReset",
    "FactorSetupCodeRefused",
    "FactorSetupStarted",
    "LoginChallenged",
    "RecoveryCodesRegenerated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginChallenged(AccountEvent):
    """A password was proven, and the second factor is asked for."""

    event = "login.mfa_challenge"
    platform_event = "platform.login_mfa_challenge"
    message = "Password proven: the second factor is asked for"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorChallengePassed(AccountEvent):
    """A sign-in passed the second factor."""

    event = "mfa.challenge_ok"
    platform_event = "platform.mfa_challenge_ok"
    message = "Second factor passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorSetupStarted(AccountEvent):
    """An enrolment was begun."""

    event = "mfa.setup_started"
    message = "Enrolment of a second factor begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorEnabled(AccountEvent):
    """A second factor was added."""

    event = "mfa.enabled"
    message = "Second factor enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorDisabled(AccountEvent):
    """A second factor was removed by its owner."""

    event = "mfa.disabled"
    message = "Second factor disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesRegenerated(AccountEvent):
    """An owner replaced the recovery codes."""

    event = "mfa.codes_regenerated"
    message = "Recovery codes replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorReset(AccountEvent):
    """The host removed a second factor."""

    event = "mfa.reset_by_host"
    level = logging.WARNING
    message = "Second factor removed by the host"


@dataclass(frozen=True, slots=True, kw_only=True)
class _FlowEvent(AccountEvent):
    level = logging.WARNING

    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorLocked(_FlowEvent):
    """Too many codes or passwords were wrong."""

    event = "mfa.locked"
    message = "Second factor refused: too many attempts have failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorCodeRefused(_FlowEvent):
    """A code was wrong, or had been used."""

    event = "mfa.code_refused"
    message = "Second factor refused: wrong or used code"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorSetupCodeRefused(_FlowEvent):
    """The code that should confirm an enrolment was wrong."""

    event = "mfa.setup_code_refused"
    message = "Enrolment not confirmed: wrong code"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorNotRecent(_FlowEvent):
    """An account without a password began an enrolment too long after it signed in."""

    event = "mfa.setup_not_recent"
    message = "Enrolment refused: the sign-in is not recent"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRealmMismatch(_FlowEvent):
    """A temporary token of the other realm was presented."""

    event = "mfa.realm_mismatch"
    message = "Temporary token of the other realm"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorLockLost(AccountEvent):
    """A change outlasted its lock, so that another may have begun before it ended."""

    event = "mfa.lock_lost"
    level = logging.ERROR
    message = "A change of a second factor outlasted its lock"

"""Events of a change of address."""

import logging
from dataclasses import dataclass

from bymax_auth.ports.events.event import AccountEvent
from bymax_auth.ports.events.passwords import ReauthenticationLocked, ReauthenticationRefused

__all__ = [
    "EmailChangeProofStale",
    "EmailChangeReauthenticationLocked",
    "EmailChangeReauthenticationRefused",
    "EmailChangeRequested",
    "EmailChanged",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangeRequested(AccountEvent):
    """A link was mailed to a new address."""

    event = "email_change.requested"
    message = "Email change requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChanged(AccountEvent):
    """An account has a new address."""

    event = "email_change.ok"
    message = "Email changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangeProofStale(AccountEvent):
    """An email-change token was issued before the password was changed, or before the proofs were ended."""

    event = "email_change.proof_stale"
    level = logging.WARNING
    message = "Email-change token older than the password or the last change"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangeReauthenticationRefused(ReauthenticationRefused):
    """A signed-in caller gave a wrong current password for a change of address."""

    event = "email_change.reproof_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangeReauthenticationLocked(ReauthenticationLocked):
    """A signed-in caller has given too many wrong passwords for a change of address."""

    event = "email_change.reproof_locked"

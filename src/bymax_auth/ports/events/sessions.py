"""Events of sessions and refresh tokens."""

import logging
from dataclasses import dataclass

from bymax_auth.ports.events.event import AccountEvent, AuthEvent, FailureEvent

__all__ = [
    "CapResolverFailed",
    "OtherSessionsRevoked",
    "RefreshFamilyRevoked",
    "RefreshLifetimeExceeded",
    "RefreshRefused",
    "RefreshReuseDetected",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSessionsRevoked(AccountEvent):
    """Every session but the caller's was ended."""

    event = "sessions.others_revoked"
    message = "Other sessions revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRefused(AuthEvent):
    """A refresh token was refused; `why` is the state of the token."""

    event = "refresh.invalid"
    level = logging.WARNING
    message = "Refresh token refused"

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReuseDetected(AuthEvent):
    """A refresh token was replayed.  Emitted before its family is revoked."""

    event = "refresh.reuse_detected"
    level = logging.WARNING
    message = "Refresh token replayed"

    family_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshFamilyRevoked(AuthEvent):
    """The login of a replayed token was ended; `owner_id` is ``<unknown>`` when no session names it."""

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
    message = "Login older than the absolute session lifetime"

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapResolverFailed(FailureEvent):
    """The session-cap resolver failed; the default cap applied."""

    event = "sessions.cap_resolver_failed"
    message = "Session-cap resolver failed"

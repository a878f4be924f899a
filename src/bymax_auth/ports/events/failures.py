"""Events of failures in the host, in a store or in the library."""

import logging
from dataclasses import dataclass

from bymax_auth.ports.events.event import AuthEvent, FailureEvent

__all__ = [
    "BackgroundTaskFailed",
    "BackgroundTaskTimedOut",
    "HookFailed",
    "IdentifierRejected",
    "InternalFailure",
    "LocaleResolverFailed",
    "TenantMismatch",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalFailure(FailureEvent):
    """
    A failure behind the engine was answered with ``auth.internal`` or ``auth.unavailable``.

    `causes` names the exceptions that led to it, the outermost first, each by its class and its driver's
    code, such as an SQLSTATE.  `stack` says where in the library it was raised, innermost first; it is empty
    when a repository raised it, whose operation `origin` names.
    """

    event = "internal_error"
    message = "Internal error"

    causes: tuple[str, ...] = ()
    stack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HookFailed(FailureEvent):
    """A hook that can refuse raised or timed out, which counts as a refusal."""

    event = "hook.failed"
    message = "Hook failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundTaskFailed(FailureEvent):
    """A background task raised."""

    event = "detached.failed"
    level = logging.WARNING
    message = "Background task failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundTaskTimedOut(AuthEvent):
    """A background task exceeded its timeout."""

    event = "detached.timeout"
    level = logging.WARNING
    message = "Background task timed out"

    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocaleResolverFailed(FailureEvent):
    """The resolver of a mail's language failed; the request's own languages applied."""

    event = "email.locale_resolver_failed"
    message = "Locale resolver failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantMismatch(AuthEvent):
    """A repository returned an account of another tenant; its query must filter by tenant."""

    event = "repository.tenant_mismatch"
    level = logging.WARNING
    message = "The user repository returned an account of another tenant: filter its query by tenant_id"

    asked: str | None
    answered: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierRejected(AuthEvent):
    """A counter was requested with an identifier that is not a keyed hash."""

    event = "bruteforce.identifier_rejected"
    level = logging.ERROR
    message = "Counter identifier rejected"

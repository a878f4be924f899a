"""
Failures: errors of the server's own dependencies, which say nothing about the caller.

An outage is a failure that ends by itself: it is answered with 503 and a time to wait, any other with 500.
"""

from typing import ClassVar, Final

from bymax_auth.errors.codes import AuthErrorCode

__all__ = [
    "ExtraClaimsFailed",
    "InternalError",
    "MailFailed",
    "MfaNotConfigured",
    "RepositoryBackendError",
    "RepositoryConflict",
    "RepositoryError",
    "RepositoryUnavailable",
    "RepositoryValueRefused",
    "ResolverFailed",
    "StoreCorrupt",
    "StoreError",
    "StoreUnavailable",
    "WsTicketsNotKept",
]


class InternalError(Exception):
    """A failure of a dependency.  Clients receive 500 ``auth.internal`` or its outage, never the cause."""

    code: ClassVar[AuthErrorCode] = AuthErrorCode.INTERNAL
    status: ClassVar[int] = 500
    message: ClassVar[str] = "Internal server error"

    reported: bool = False
    """Whether the failure was already reported to the host, so that it is reported once."""

    raised_at: tuple[str, ...] = ()
    """Where it was raised, innermost first, for one that is stored without its traceback."""


_OUTAGE_MESSAGE: Final = "The service is temporarily unavailable. Please try again shortly."


class StoreError(InternalError):
    """A store failed.  Callers fail closed."""


class StoreUnavailable(StoreError):
    """A store is unavailable.  Clients receive 503 ``auth.unavailable``."""

    code = AuthErrorCode.UNAVAILABLE
    status = 503
    message = _OUTAGE_MESSAGE


class StoreCorrupt(StoreError):
    """A store holds a value that cannot be read."""


class RepositoryError(InternalError):
    """A user repository failed."""


class RepositoryConflict(RepositoryError):
    """The write violated a unique constraint of the repository."""


class RepositoryValueRefused(RepositoryError):
    """
    The repository cannot hold a value: it is too long for its column, or of another kind.

    A flow answers with a validation error when a client sent the value.

    Args:
        field: The field, as clients name it.
        fault: What the field must be, for the client; it does not contain the value.
    """

    def __init__(self, field: str, fault: str) -> None:
        super().__init__(f"{field} {fault}")
        self.field = field
        self.fault = fault


class RepositoryBackendError(RepositoryError):
    """The repository's database failed."""


class RepositoryUnavailable(RepositoryBackendError):
    """The repository's database is unavailable or busy.  Clients receive 503 ``auth.unavailable``."""

    code = AuthErrorCode.UNAVAILABLE
    status = 503
    message = _OUTAGE_MESSAGE


class ResolverFailed(InternalError):
    """A tenant resolver raised something other than `TenantUnresolved`."""


class ExtraClaimsFailed(InternalError):
    """The host's `extra_claims` raised, or returned what no token can hold."""


class MailFailed(InternalError):
    """A mail that the request depends on was not accepted for delivery."""


class MfaNotConfigured(InternalError):
    """The account has a second factor, and the configuration has none."""


class WsTicketsNotKept(InternalError):
    """A WebSocket ticket was asked for, and the stores keep none."""

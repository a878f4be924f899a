"""Failures: what went wrong behind the engine, and says nothing about the caller."""

from typing import ClassVar

from bymax_auth.errors.codes import AuthErrorCode

__all__ = [
    "InternalError",
    "MailFailed",
    "MfaNotConfigured",
    "RepositoryBackendError",
    "RepositoryConflict",
    "RepositoryError",
    "ResolverFailed",
    "StoreCorrupt",
    "StoreError",
    "StoreUnavailable",
]


class InternalError(Exception):
    """A failure behind the engine.  The wire shows 500 ``auth.internal``, never the cause."""

    code: ClassVar[AuthErrorCode] = AuthErrorCode.INTERNAL
    status: ClassVar[int] = 500
    message: ClassVar[str] = "Internal server error"

    reported: bool = False
    """Whether the host has been told; whoever handles it last does not tell it again."""


class StoreError(InternalError):
    """A store failed.  Callers fail closed."""


class StoreUnavailable(StoreError):
    """A store could not answer."""


class StoreCorrupt(StoreError):
    """A store holds a value that cannot be read."""


class RepositoryError(InternalError):
    """A user repository failed."""


class RepositoryConflict(RepositoryError):
    """A unique constraint of the repository refused the write."""


class RepositoryBackendError(RepositoryError):
    """The repository's database failed."""


class ResolverFailed(InternalError):
    """A tenant resolver raised something other than its refusal."""


class MailFailed(InternalError):
    """A mail whose delivery the request depends on was not accepted."""


class MfaNotConfigured(InternalError):
    """The account has a second factor, and the configuration has none."""

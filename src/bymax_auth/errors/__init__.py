"""
Every exception of the library.

    AuthError                              InternalError
    ├── one class per public code          ├── StoreError
    ├── TokenInvalid                       │   ├── StoreUnavailable
    │   ├── TokenExpired        internal   │   └── StoreCorrupt
    │   ├── TokenRevoked        internal   ├── RepositoryError
    │   ├── TokenMissing        internal   │   ├── RepositoryConflict
    │   ├── TokenMalformed      internal   │   ├── RepositoryValueRefused
    │   ├── TokenAlgorithmRefused  …       │   └── RepositoryBackendError
    │   │                                  │       └── RepositoryUnavailable
    │   ├── TokenSignatureInvalid  …       ├── ResolverFailed
    │   └── TokenClaimsInvalid     …       ├── ExtraClaimsFailed
    │                                      ├── MailFailed
    └── OtpInvalid                         ├── MfaNotConfigured
        ├── OtpExpired          internal   └── WsTicketsNotKept
        └── OtpMaxAttempts      internal

A refusal whose *reason* would help an attacker is a subclass that keeps its parent's
`code`, `status` and `message` and differs in `reason`: ``auth.token_expired`` is logged,
``auth.token_invalid`` is sent.  No table maps reasons to public codes.

An `InternalError` is not an `AuthError`: an outage is no statement about the caller, and
``except AuthError`` must not turn one into a 401.
"""

from collections.abc import Iterator
from typing import Final, TypeVar

from bymax_auth.errors.codes import AuthErrorCode
from bymax_auth.errors.failures import (
    ExtraClaimsFailed,
    InternalError,
    MailFailed,
    MfaNotConfigured,
    RepositoryBackendError,
    RepositoryConflict,
    RepositoryError,
    RepositoryUnavailable,
    RepositoryValueRefused,
    ResolverFailed,
    StoreCorrupt,
    StoreError,
    StoreUnavailable,
    WsTicketsNotKept,
)
from bymax_auth.errors.refusals import (
    AccountBanned,
    AccountInactive,
    AccountLocked,
    AccountSuspended,
    AuthError,
    EmailAlreadyExists,
    EmailChangeTokenInvalid,
    EmailNotVerified,
    FieldError,
    Forbidden,
    InsufficientRole,
    InvalidCredentials,
    InvalidInvitationToken,
    MfaAlreadyEnabled,
    MfaInvalidCode,
    MfaNotEnabled,
    MfaRequired,
    MfaSetupRequired,
    MfaStateConflict,
    MfaTempTokenInvalid,
    OAuthEmailMismatch,
    OAuthFailed,
    OtpExpired,
    OtpInvalid,
    OtpMaxAttempts,
    Overloaded,
    PasswordCompromised,
    PasswordResetTokenInvalid,
    PendingApproval,
    PlatformAuthRequired,
    ReauthenticationRequired,
    RefreshTokenInvalid,
    SessionNotFound,
    TokenAlgorithmRefused,
    TokenClaimsInvalid,
    TokenExpired,
    TokenInvalid,
    TokenMalformed,
    TokenMissing,
    TokenRevoked,
    TokenSignatureInvalid,
    TooManyRequests,
    UntrustedOrigin,
    ValidationFailed,
)

__all__ = [
    "ERROR_STATUS",
    "INTERNAL_ONLY_CODES",
    "AccountBanned",
    "AccountInactive",
    "AccountLocked",
    "AccountSuspended",
    "AuthError",
    "AuthErrorCode",
    "EmailAlreadyExists",
    "EmailChangeTokenInvalid",
    "EmailNotVerified",
    "ExtraClaimsFailed",
    "FieldError",
    "Forbidden",
    "InsufficientRole",
    "InternalError",
    "InvalidCredentials",
    "InvalidInvitationToken",
    "MailFailed",
    "MfaAlreadyEnabled",
    "MfaInvalidCode",
    "MfaNotConfigured",
    "MfaNotEnabled",
    "MfaRequired",
    "MfaSetupRequired",
    "MfaStateConflict",
    "MfaTempTokenInvalid",
    "OAuthEmailMismatch",
    "OAuthFailed",
    "OtpExpired",
    "OtpInvalid",
    "OtpMaxAttempts",
    "Overloaded",
    "PasswordCompromised",
    "PasswordResetTokenInvalid",
    "PendingApproval",
    "PlatformAuthRequired",
    "ReauthenticationRequired",
    "RefreshTokenInvalid",
    "RepositoryBackendError",
    "RepositoryConflict",
    "RepositoryError",
    "RepositoryUnavailable",
    "RepositoryValueRefused",
    "ResolverFailed",
    "SessionNotFound",
    "StoreCorrupt",
    "StoreError",
    "StoreUnavailable",
    "TokenAlgorithmRefused",
    "TokenClaimsInvalid",
    "TokenExpired",
    "TokenInvalid",
    "TokenMalformed",
    "TokenMissing",
    "TokenRevoked",
    "TokenSignatureInvalid",
    "TooManyRequests",
    "UntrustedOrigin",
    "ValidationFailed",
    "WsTicketsNotKept",
]


_ErrorT = TypeVar("_ErrorT", bound=Exception)


def _classes(root: type[_ErrorT]) -> Iterator[type[_ErrorT]]:
    for child in root.__subclasses__():
        yield child
        yield from _classes(child)


def _statuses() -> dict[AuthErrorCode, int]:
    of_reason: dict[str, int] = {InternalError.code: InternalError.status}
    of_reason |= {failure.code: failure.status for failure in _classes(InternalError)}
    for refusal in _classes(AuthError):
        of_reason[refusal.reason] = refusal.status
    return {code: of_reason[code] for code in AuthErrorCode}


ERROR_STATUS: Final = _statuses()
"""The HTTP status of each code, in contract order; an internal-only code has its public code's."""

INTERNAL_ONLY_CODES: Final = frozenset(
    AuthErrorCode(refusal.reason)
    for refusal in _classes(AuthError)
    if refusal.reason != refusal.code and refusal.reason in ERROR_STATUS
)
"""Codes of the contract that are only logged; clients receive their parent's code."""

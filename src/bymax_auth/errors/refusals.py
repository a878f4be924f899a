"""Refusals: the errors that a client can act on."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import ClassVar, Self

from bymax_auth.errors.codes import AuthErrorCode

__all__ = [
    "AccountBanned",
    "AccountInactive",
    "AccountLocked",
    "AccountSuspended",
    "AuthError",
    "EmailAlreadyExists",
    "EmailChangeTokenInvalid",
    "EmailNotVerified",
    "FieldError",
    "Forbidden",
    "InsufficientRole",
    "InvalidCredentials",
    "InvalidInvitationToken",
    "MfaAlreadyEnabled",
    "MfaInvalidCode",
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
    "SessionNotFound",
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
]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One validation error: the wire name of the field, and the rule.  Never the value."""

    field: str
    message: str


class AuthError(Exception):
    """A refusal that the client can act on.  Abstract: only subclasses are raised."""

    code: ClassVar[AuthErrorCode]
    status: ClassVar[int]
    message: ClassVar[str]
    reason: ClassVar[AuthErrorCode | str]

    def __init__(self, *, retry_after: timedelta | None = None, fields: tuple[FieldError, ...] = ()) -> None:
        super().__init__(self.message)
        self.retry_after = retry_after
        self.fields = fields

    def __reduce__(self) -> tuple[partial[Self], tuple[()]]:
        # The default would pass the message as an argument, and the constructor takes keywords only.
        return partial(type(self), retry_after=self.retry_after, fields=self.fields), ()


class InvalidCredentials(AuthError):
    """The combination of address and password is wrong."""

    code = reason = AuthErrorCode.INVALID_CREDENTIALS
    status = 401
    message = "Invalid email or password"


class AccountLocked(AuthError):
    """Too many failed attempts; `retry_after` is the time until the window ends."""

    code = reason = AuthErrorCode.ACCOUNT_LOCKED
    status = 429
    message = "Account temporarily locked. Please try again in a few minutes."


class AccountInactive(AuthError):
    """The account's status is blocked for a reason without a code of its own."""

    code = reason = AuthErrorCode.ACCOUNT_INACTIVE
    status = 403
    message = "Account inactive"


class AccountSuspended(AuthError):
    """The account is suspended."""

    code = reason = AuthErrorCode.ACCOUNT_SUSPENDED
    status = 403
    message = "Account suspended"


class AccountBanned(AuthError):
    """The account is banned."""

    code = reason = AuthErrorCode.ACCOUNT_BANNED
    status = 403
    message = "Account banned"


class PendingApproval(AuthError):
    """The account waits for approval."""

    code = reason = AuthErrorCode.PENDING_APPROVAL
    status = 403
    message = "Account pending approval"


class TokenInvalid(AuthError):
    """The access token is missing, malformed, forged, expired or revoked."""

    code = AuthErrorCode.TOKEN_INVALID
    reason: ClassVar[AuthErrorCode | str] = AuthErrorCode.TOKEN_INVALID
    status = 401
    message = "Invalid token"


class TokenExpired(TokenInvalid):
    """The token is past its ``exp``."""

    reason = AuthErrorCode.TOKEN_EXPIRED


class TokenRevoked(TokenInvalid):
    """The token's id is on the revocation list, or its epoch is older than the account's."""

    reason = AuthErrorCode.TOKEN_REVOKED


class TokenMissing(TokenInvalid):
    """The request has no access token."""

    reason = AuthErrorCode.TOKEN_MISSING


class TokenMalformed(TokenInvalid):
    """The token is not a compact JWS of the accepted form."""

    reason = "auth.token_malformed"


class TokenAlgorithmRefused(TokenInvalid):
    """The header names an algorithm other than HS256."""

    reason = "auth.token_algorithm_refused"


class TokenSignatureInvalid(TokenInvalid):
    """The signature matches no configured key."""

    reason = "auth.token_signature_invalid"


class TokenClaimsInvalid(TokenInvalid):
    """The payload lacks claims that its type requires, or has them in another form."""

    reason = "auth.token_claims_invalid"


class RefreshTokenInvalid(AuthError):
    """The refresh token is unknown, already used, expired or revoked."""

    code = reason = AuthErrorCode.REFRESH_TOKEN_INVALID
    status = 401
    message = "Invalid or expired refresh token"


class SessionNotFound(AuthError):
    """The caller has no such session."""

    code = reason = AuthErrorCode.SESSION_NOT_FOUND
    status = 404
    message = "Session not found"


class EmailAlreadyExists(AuthError):
    """An account of this tenant already uses the address."""

    code = reason = AuthErrorCode.EMAIL_ALREADY_EXISTS
    status = 409
    message = "Email already registered"


class EmailNotVerified(AuthError):
    """The address must be verified first."""

    code = reason = AuthErrorCode.EMAIL_NOT_VERIFIED
    status = 403
    message = "Email not verified"


class EmailChangeTokenInvalid(AuthError):
    """The email-change link is unknown, used, expired or outdated."""

    code = reason = AuthErrorCode.EMAIL_CHANGE_TOKEN_INVALID
    status = 400
    message = "Invalid or expired email change link"


class MfaRequired(AuthError):
    """The account has a second factor, and this session has not verified it."""

    code = reason = AuthErrorCode.MFA_REQUIRED
    status = 403
    message = "Two-factor authentication required"


class MfaInvalidCode(AuthError):
    """The TOTP or recovery code is wrong or used."""

    code = reason = AuthErrorCode.MFA_INVALID_CODE
    status = 401
    message = "Invalid MFA code"


class MfaAlreadyEnabled(AuthError):
    """The account already has a second factor."""

    code = reason = AuthErrorCode.MFA_ALREADY_ENABLED
    status = 409
    message = "MFA is already enabled"


class MfaNotEnabled(AuthError):
    """The account has no second factor."""

    code = reason = AuthErrorCode.MFA_NOT_ENABLED
    status = 400
    message = "MFA is not enabled"


class MfaSetupRequired(AuthError):
    """No enrolment is pending."""

    code = reason = AuthErrorCode.MFA_SETUP_REQUIRED
    status = 400
    message = "MFA setup required"


class MfaTempTokenInvalid(AuthError):
    """The token between password and second factor is unknown, used or expired."""

    code = reason = AuthErrorCode.MFA_TEMP_TOKEN_INVALID
    status = 401
    message = "Invalid or expired temporary MFA token"


class MfaStateConflict(AuthError):
    """Another change of the account's second factor holds the lock."""

    code = reason = AuthErrorCode.MFA_STATE_CONFLICT
    status = 409
    message = "Another MFA change is in progress. Please try again."


class PasswordCompromised(AuthError):
    """The new password is a known or trivial one."""

    code = reason = AuthErrorCode.PASSWORD_COMPROMISED
    status = 400
    message = "This password has appeared in a data breach. Please choose a different one."


class PasswordResetTokenInvalid(AuthError):
    """The reset proof is unknown, used, expired, for another account or outdated."""

    code = reason = AuthErrorCode.PASSWORD_RESET_TOKEN_INVALID
    status = 400
    message = "Invalid password reset token"


class OtpInvalid(AuthError):
    """The one-time code is wrong, expired, used up or was never issued."""

    code = reason = AuthErrorCode.OTP_INVALID
    status = 401
    message = "Invalid OTP code"


class OtpExpired(OtpInvalid):
    """No code is pending for this address."""

    reason = AuthErrorCode.OTP_EXPIRED


class OtpMaxAttempts(OtpInvalid):
    """The maximum number of wrong attempts for this code is reached."""

    reason = AuthErrorCode.OTP_MAX_ATTEMPTS


class InsufficientRole(AuthError):
    """The caller's role does not include the required one."""

    code = reason = AuthErrorCode.INSUFFICIENT_ROLE
    status = 403
    message = "Insufficient permission"


class Forbidden(AuthError):
    """A hook, a resolver or an ownership rule refused the request."""

    code = reason = AuthErrorCode.FORBIDDEN
    status = 403
    message = "Access denied"


class UntrustedOrigin(AuthError):
    """A browser sent the request from an origin that is not trusted."""

    code = reason = AuthErrorCode.UNTRUSTED_ORIGIN
    status = 403
    message = "Request origin not allowed"


class ReauthenticationRequired(AuthError):
    """The change requires a recent authentication."""

    code = reason = AuthErrorCode.REAUTHENTICATION_REQUIRED
    status = 403
    message = "Please sign in again to change your security settings."


class InvalidInvitationToken(AuthError):
    """The invitation is unknown, used, expired or its inviter may no longer invite."""

    code = reason = AuthErrorCode.INVALID_INVITATION_TOKEN
    status = 400
    message = "Invalid or expired invitation token"


class OAuthFailed(AuthError):
    """The sign-in with the provider did not complete."""

    code = reason = AuthErrorCode.OAUTH_FAILED
    status = 401
    message = "OAuth authentication failed"


class OAuthEmailMismatch(AuthError):
    """The provider's address belongs to an account that is not linked to this identity."""

    code = reason = AuthErrorCode.OAUTH_EMAIL_MISMATCH
    status = 409
    message = "OAuth email does not match"


class PlatformAuthRequired(AuthError):
    """The route requires a platform administrator's token."""

    code = reason = AuthErrorCode.PLATFORM_AUTH_REQUIRED
    status = 401
    message = "Platform authentication required"


class ValidationFailed(AuthError):
    """The request is not valid; `fields` has one entry per error."""

    code = reason = AuthErrorCode.VALIDATION
    status = 400
    message = "Validation failed"


class TooManyRequests(AuthError):
    """The rate limit is exceeded; `retry_after` is the time until the next permitted request."""

    code = reason = AuthErrorCode.TOO_MANY_REQUESTS
    status = 429
    message = "Too many requests. Please slow down and try again shortly."


class Overloaded(AuthError):
    """The queue for password hashing is full.  No attempt, code or token was consumed."""

    code = reason = AuthErrorCode.OVERLOADED
    status = 503
    message = "The server is busy. Please try again shortly."

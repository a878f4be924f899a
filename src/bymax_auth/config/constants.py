"""Fixed durations and sizes, which cannot be configured."""

from datetime import timedelta
from typing import Final

__all__ = [
    "ANTI_ENUMERATION_MINIMUM",
    "ATTEMPT_IN_FLIGHT_TTL",
    "BACKGROUND_TASK_TIMEOUT",
    "HTTP_CLIENT_MAX_BODY_BYTES",
    "HTTP_CLIENT_TIMEOUT",
    "KDF_MEMORY_BUDGET_MIB",
    "MAX_COUNTER_ID_BYTES",
    "MAX_REFRESH_GRACE",
    "MAX_SIGNING_SECRET_BYTES",
    "MAX_STORED_IP_BYTES",
    "MFA_LOCK_NONCE_BYTES",
    "MFA_LOCK_TTL",
    "MFA_SETUP_TTL",
    "MFA_TEMP_TOKEN_TTL",
    "OAUTH_PROVIDER_TIMEOUT",
    "OAUTH_STATE_BYTES",
    "OAUTH_STATE_TTL",
    "OAUTH_VERIFIER_BYTES",
    "OTP_GUESS_WINDOW",
    "OTP_MAX_ATTEMPTS",
    "OTP_MAX_WRONG_CODES",
    "OTP_VERIFY_MINIMUM",
    "PASSWORD_MAX_LENGTH",
    "PLATFORM_EMAIL_TENANT",
    "RECENT_AUTH_TTL",
    "RECOVERY_CODE_BYTES",
    "RECOVERY_CODE_CLAIM_TTL",
    "RESEND_COOLDOWN",
    "SECRET_MIN_ENTROPY_BITS",
    "SECRET_MIN_LENGTH",
    "SINGLE_USE_TOKEN_BYTES",
    "TOKEN_EPOCH_RETENTION",
    "TOTP_DIGITS",
    "TOTP_SECRET_BYTES",
    "TOTP_STEP",
    "VERIFICATION_OTP_LENGTH",
    "VERIFIED_TOKEN_TTL",
    "WS_TICKET_TTL",
]

# ── minimum response times, equal for every outcome ──
ANTI_ENUMERATION_MINIMUM: Final = timedelta(milliseconds=300)
OTP_VERIFY_MINIMUM: Final = timedelta(milliseconds=100)

# ── secrets of the configuration ──
SECRET_MIN_LENGTH: Final = 32
SECRET_MIN_ENTROPY_BITS: Final = 3.5
MAX_SIGNING_SECRET_BYTES: Final = 4096

# ── sessions and tokens ──
TOKEN_EPOCH_RETENTION: Final = timedelta(days=30)
MAX_REFRESH_GRACE: Final = timedelta(seconds=300)
RECENT_AUTH_TTL: Final = timedelta(seconds=300)
SINGLE_USE_TOKEN_BYTES: Final = 32
VERIFIED_TOKEN_TTL: Final = timedelta(seconds=300)
WS_TICKET_TTL: Final = timedelta(seconds=30)

# ── passwords ──
PASSWORD_MAX_LENGTH: Final = 128
KDF_MEMORY_BUDGET_MIB: Final = 512

# ── one-time codes and failure counters ──
OTP_MAX_ATTEMPTS: Final = 5
OTP_MAX_WRONG_CODES: Final = 50
OTP_GUESS_WINDOW: Final = timedelta(days=1)
VERIFICATION_OTP_LENGTH: Final = 6
RESEND_COOLDOWN: Final = timedelta(seconds=60)
ATTEMPT_IN_FLIGHT_TTL: Final = timedelta(seconds=30)
MAX_COUNTER_ID_BYTES: Final = 512

# ── second factor ──
MFA_TEMP_TOKEN_TTL: Final = timedelta(seconds=300)
MFA_SETUP_TTL: Final = timedelta(seconds=600)
MFA_LOCK_TTL: Final = timedelta(seconds=10)
MFA_LOCK_NONCE_BYTES: Final = 16
TOTP_STEP: Final = timedelta(seconds=30)
TOTP_DIGITS: Final = 6
TOTP_SECRET_BYTES: Final = 20
RECOVERY_CODE_BYTES: Final = 12
RECOVERY_CODE_CLAIM_TTL: Final = timedelta(seconds=300)

# ── sign-in with a provider ──
OAUTH_STATE_TTL: Final = timedelta(seconds=600)
OAUTH_STATE_BYTES: Final = 32
OAUTH_VERIFIER_BYTES: Final = 32
OAUTH_PROVIDER_TIMEOUT: Final = timedelta(seconds=30)
HTTP_CLIENT_TIMEOUT: Final = timedelta(seconds=10)
HTTP_CLIENT_MAX_BODY_BYTES: Final = 1_048_576

# ── the rest ──
BACKGROUND_TASK_TIMEOUT: Final = timedelta(seconds=5)
MAX_STORED_IP_BYTES: Final = 45
PLATFORM_EMAIL_TENANT: Final = "platform"

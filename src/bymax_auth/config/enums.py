"""The enumerations of the configuration."""

from enum import StrEnum

__all__ = [
    "Environment",
    "EvictionStrategy",
    "JwtAlgorithm",
    "PasswordAlgorithm",
    "PasswordResetMethod",
    "RegistrationSession",
    "SameSite",
    "TokenDelivery",
]


class Environment(StrEnum):
    """Where the application runs; this option alone decides what counts as production."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    TEST = "test"


class JwtAlgorithm(StrEnum):
    """The signature algorithm of access tokens.  One member, to rule out algorithm-confusion attacks."""

    HS256 = "HS256"


class PasswordAlgorithm(StrEnum):
    """The algorithm of new password hashes; hashes of both are verified."""

    SCRYPT = "scrypt"
    ARGON2ID = "argon2id"


class TokenDelivery(StrEnum):
    """How tokens reach the client."""

    COOKIE = "cookie"
    BEARER = "bearer"
    BOTH = "both"


class SameSite(StrEnum):
    """The SameSite attribute of the access and signal cookies."""

    LAX = "lax"
    STRICT = "strict"
    NONE = "none"


class PasswordResetMethod(StrEnum):
    """What a reset mail carries: a link's token, or a numeric code."""

    TOKEN = "token"
    OTP = "otp"


class RegistrationSession(StrEnum):
    """Which registrations create a session; one of a blocked account never does."""

    ALWAYS = "always"
    VERIFIED = "verified"


class EvictionStrategy(StrEnum):
    """Which session is evicted at the limit."""

    FIFO = "fifo"

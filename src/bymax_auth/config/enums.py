"""The closed choices of the configuration."""

from enum import StrEnum

__all__ = [
    "Environment",
    "EvictionStrategy",
    "JwtAlgorithm",
    "PasswordAlgorithm",
    "PasswordResetMethod",
    "SameSite",
    "TokenDelivery",
]


class Environment(StrEnum):
    """Where the application runs; nothing else decides what counts as production."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    TEST = "test"


class JwtAlgorithm(StrEnum):
    """The signature of access tokens.  One member, because a choice here is what attackers negotiate with."""

    HS256 = "HS256"


class PasswordAlgorithm(StrEnum):
    """How new password hashes are made; verification reads both."""

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


class EvictionStrategy(StrEnum):
    """Which session makes room for a new one."""

    FIFO = "fifo"

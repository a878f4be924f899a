"""`bymax-auth keygen`: new secrets that pass every start-up rule."""

import secrets

from bymax_auth.config.checks.secrets import entropy_bits
from bymax_auth.config.constants import SECRET_MIN_ENTROPY_BITS

__all__ = ["environment_lines", "fresh_secret"]

_BYTES = 48


def environment_lines() -> tuple[str, ...]:
    """Return one environment variable per secret, as lines of an ``.env`` file."""
    return (
        f"BYMAX_AUTH_JWT__SECRET={fresh_secret()}",
        f"BYMAX_AUTH_IDENTIFIER_SECRET={fresh_secret()}",
    )


def fresh_secret() -> str:
    """Return 64 random characters that need no quoting in a shell or an ``.env`` file."""
    while True:
        secret = secrets.token_urlsafe(_BYTES)
        # A random secret is, very rarely, too repetitive for the rules.
        if entropy_bits(secret) >= SECRET_MIN_ENTROPY_BITS:
            return secret

"""`bymax-auth keygen`: fresh secrets that pass every start-up rule."""

import secrets

from bymax_auth.config.checks.secrets import entropy_bits
from bymax_auth.config.constants import SECRET_MIN_ENTROPY_BITS

__all__ = ["environment_lines", "fresh_secret"]

_BYTES = 48


def environment_lines() -> tuple[str, ...]:
    """Return one line of environment per secret, ready for an ``.env`` file."""
    return (
        f"BYMAX_AUTH_JWT__SECRET={fresh_secret()}",
        f"BYMAX_AUTH_IDENTIFIER_SECRET={fresh_secret()}",
    )


def fresh_secret() -> str:
    """Return 64 random characters that any shell and any ``.env`` file takes as they are."""
    while True:
        secret = secrets.token_urlsafe(_BYTES)
        # Chance alone, about never, makes a secret too repetitive for the rules.
        if entropy_bits(secret) >= SECRET_MIN_ENTROPY_BITS:
            return secret

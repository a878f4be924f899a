"""`bymax-auth keygen`: new secrets that pass every start-up rule."""

import base64
import secrets

from bymax_auth.config.checks.secrets import entropy_bits
from bymax_auth.config.constants import SECRET_MIN_ENTROPY_BITS

__all__ = ["environment_lines", "fresh_secret"]

_BYTES = 48
_ENCRYPTION_KEY_BYTES = 32


def environment_lines(*, mfa: bool = False) -> tuple[str, ...]:
    """
    Return one environment variable per secret, as lines of an ``.env`` file.

    With `mfa`, one is the encryption key of second factors; setting it enables them.
    """
    lines = (
        f"BYMAX_AUTH_JWT__SECRET={fresh_secret()}",
        f"BYMAX_AUTH_IDENTIFIER_SECRET={fresh_secret()}",
    )
    return (*lines, f"BYMAX_AUTH_MFA__ENCRYPTION_KEY={_encryption_key()}") if mfa else lines


def _encryption_key() -> str:
    # Without padding, whose equals signs some readers of ``.env`` files take for another assignment.
    return base64.urlsafe_b64encode(secrets.token_bytes(_ENCRYPTION_KEY_BYTES)).decode("ascii").rstrip("=")


def fresh_secret() -> str:
    """Return 64 random characters that need no quoting in a shell or an ``.env`` file."""
    while True:
        secret = secrets.token_urlsafe(_BYTES)
        # A random secret is, very rarely, too repetitive for the rules.
        if entropy_bits(secret) >= SECRET_MIN_ENTROPY_BITS:
            return secret

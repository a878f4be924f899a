"""Random values from the operating system's generator, and the format of opaque tokens."""

import re
import secrets
import uuid
from typing import Final

__all__ = ["is_opaque_token", "new_uuid", "numeric_code", "secure_token"]

_OPAQUE_TOKEN: Final = re.compile(r"[0-9a-f]{64}")


def secure_token(n_bytes: int = 32) -> str:
    """Return `n_bytes` random bytes as lower-case hex."""
    return secrets.token_hex(n_bytes)


def new_uuid() -> str:
    """Return a new UUID v4 in lower case."""
    return str(uuid.uuid4())


def numeric_code(length: int) -> str:
    """Return a uniformly random code of `length` decimal digits."""
    return str(secrets.randbelow(10**length)).zfill(length)


def is_opaque_token(text: str) -> bool:
    """Return whether `text` has the format of an opaque token: exactly 64 lower-case hex digits."""
    return _OPAQUE_TOKEN.fullmatch(text) is not None

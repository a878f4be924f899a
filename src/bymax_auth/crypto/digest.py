"""Digests for identifiers: SHA-256 for random values, HMAC-SHA-256 for guessable ones."""

import hashlib
import hmac
from typing import Final, Self

__all__ = ["KeyedDigest", "derive_identifier_key", "derive_refresh_key", "sha256_hex"]

_IDENTIFIER_LABEL: Final = "bymax-auth:hmac-key:v1"
_REFRESH_LABEL: Final = "bymax-auth:refresh-key:v1"


def sha256_hex(text: str) -> str:
    """
    Return the lower-case hex of SHA-256 over the UTF-8 bytes of `text`.

    For random tokens only: an address or a six-digit code could be found by exhaustive search.

    Raises:
        UnicodeEncodeError: `text` contains a lone surrogate.
    """
    return hashlib.sha256(text.encode()).hexdigest()


def derive_identifier_key(secret: str) -> bytes:
    """
    Return the HMAC key of identifiers: the 64 ASCII bytes of a hex text.

    The key is the hex text, not the 32 bytes that it encodes, as in every implementation of the wire.
    """
    return sha256_hex(f"{_IDENTIFIER_LABEL}:{secret}").encode("ascii")


def derive_refresh_key(secret: str) -> bytes:
    """Return the HMAC key that derives the successors of refresh tokens: 64 ASCII bytes of a hex text."""
    return sha256_hex(f"{_REFRESH_LABEL}:{secret}").encode("ascii")


class KeyedDigest:
    """HMAC-SHA-256 with one key."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        # Initialising with the key costs as much as a short message; copying the state is cheap.
        self._keyed: Final = hmac.new(key, digestmod=hashlib.sha256)

    @classmethod
    def of_secret(cls, secret: str) -> Self:
        """Return the digest with the identifier key derived from a configured secret."""
        return cls(derive_identifier_key(secret))

    def hex(self, message: str) -> str:
        """
        Return the lower-case hex of the digest of the UTF-8 bytes of `message`.

        Raises:
            UnicodeEncodeError: `message` contains a lone surrogate.
        """
        state = self._keyed.copy()
        state.update(message.encode())
        return state.hexdigest()

    def __repr__(self) -> str:
        return "KeyedDigest([REDACTED])"

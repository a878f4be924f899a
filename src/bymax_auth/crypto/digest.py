"""Digests that name things: SHA-256 for values nobody can guess, a keyed one for values somebody could."""

import hashlib
import hmac
from typing import Final, Self

__all__ = ["KeyedDigest", "derive_identifier_key", "sha256_hex"]

_IDENTIFIER_LABEL: Final = "bymax-auth:hmac-key:v1"


def sha256_hex(text: str) -> str:
    """
    Return the lower-case hex of SHA-256 over the UTF-8 bytes of `text`.

    For random tokens only: an address or a six-digit code is small enough to be searched for.

    Raises:
        UnicodeEncodeError: `text` holds a lone surrogate.
    """
    return hashlib.sha256(text.encode()).hexdigest()


def derive_identifier_key(secret: str) -> bytes:
    """
    Return the key under which identifiers are digested: the 64 ASCII bytes of a hex text.

    The hex text, and not the 32 bytes it spells, is the key; siblings that share a store agree on that.
    """
    return sha256_hex(f"{_IDENTIFIER_LABEL}:{secret}").encode("ascii")


class KeyedDigest:
    """HMAC-SHA-256 under one key, for identifiers that are too guessable for a bare digest."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        # Absorbing the key costs as much as a short message; a copy of the absorbed state does not.
        self._keyed: Final = hmac.new(key, digestmod=hashlib.sha256)

    @classmethod
    def of_secret(cls, secret: str) -> Self:
        """Return the digest under the identifier key that belongs to a configured secret."""
        return cls(derive_identifier_key(secret))

    def hex(self, message: str) -> str:
        """
        Return the lower-case hex of the digest of the UTF-8 bytes of `message`.

        Raises:
            UnicodeEncodeError: `message` holds a lone surrogate.
        """
        state = self._keyed.copy()
        state.update(message.encode())
        return state.hexdigest()

    def __repr__(self) -> str:
        return "KeyedDigest([REDACTED])"

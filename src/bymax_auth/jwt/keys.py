"""The keys that sign and verify tokens."""

import hashlib
from typing import Final

from bymax_auth.crypto.compare import ct_eq
from bymax_auth.types.secret import Secret

__all__ = ["MAX_SECRET_BYTES", "KeyRing"]

MAX_SECRET_BYTES: Final = 4096

_BLOCK: Final = 64


class KeyRing:
    """
    The current key, which signs and verifies, and retired keys, which still verify.

    The key is the UTF-8 bytes of the configured text; it is never base64- or hex-decoded.

    Raises:
        ValueError: a secret is empty, or longer than every verifier of these tokens can hold.
    """

    __slots__ = ("_current", "_retired")

    def __init__(self, current: Secret, previous: tuple[Secret, ...] = ()) -> None:
        self._current: Final = _Keyed(current)
        self._retired: Final = tuple(_Keyed(secret) for secret in previous)

    def tag(self, signing_input: bytes) -> bytes:
        """Return the 32-byte HMAC-SHA-256 tag under the current key.  Source: RFC 7518 §3.2."""
        return self._current.tag(signing_input)

    def accepts(self, signing_input: bytes, tag: bytes) -> bool:
        """Tell whether any key made `tag`; all keys are tried, so that the time does not say which."""
        accepted = ct_eq(self._current.tag(signing_input), tag)
        for retired in self._retired:
            accepted |= ct_eq(retired.tag(signing_input), tag)
        return accepted

    def __repr__(self) -> str:
        return f"KeyRing([REDACTED], previous={len(self._retired)})"


class _Keyed:
    """
    HMAC-SHA-256 with the key absorbed in advance.

    Two hash states instead of an `hmac.HMAC`, whose copies cost more than the hashing they save.
    Source: RFC 2104 §2, and §4 for keeping the two intermediate results.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, secret: Secret) -> None:
        key = secret.reveal().encode()
        if not 1 <= len(key) <= MAX_SECRET_BYTES:
            raise ValueError(f"a signing secret has 1 to {MAX_SECRET_BYTES} bytes")
        block = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
        self._inner: Final = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer: Final = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def tag(self, message: bytes) -> bytes:
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

"""The keys that sign and verify tokens."""

import hashlib
import hmac
import threading
from typing import Final

from bymax_auth.crypto.compare import ct_eq
from bymax_auth.types.secret import Secret

__all__ = ["MAX_SECRET_BYTES", "KeyRing"]

MAX_SECRET_BYTES: Final = 4096
_TOKENS_KEPT: Final = 2048


class KeyRing:
    """
    The current key, which signs and verifies, and previous keys, which only verify.

    The key is the UTF-8 bytes of the configured text; it is never base64- or hex-decoded.  `verified` holds
    the payload segments of recent tokens that these keys have verified, by the SHA-256 of each token.

    Raises:
        ValueError: a secret is empty, or longer than every verifier accepts.
    """

    __slots__ = ("_current", "_lock", "_retired", "verified")

    def __init__(self, current: Secret, previous: tuple[Secret, ...] = ()) -> None:
        self._current: Final = _keyed_hmac(current)
        self._retired: Final = tuple(_keyed_hmac(secret) for secret in previous)
        self.verified: Final[dict[bytes, bytes]] = {}
        self._lock: Final = threading.Lock()

    def tag(self, signing_input: bytes) -> bytes:
        """Return the 32-byte HMAC-SHA-256 tag under the current key.  Source: RFC 7518 §3.2."""
        state = self._current.copy()
        state.update(signing_input)
        return state.digest()

    def accepts(self, signing_input: bytes, tag: bytes) -> bool:
        """Return whether any key made `tag`; all keys are tried, so that the time does not reveal which."""
        state = self._current.copy()
        state.update(signing_input)
        accepted = ct_eq(state.digest(), tag)
        for retired in self._retired:
            state = retired.copy()
            state.update(signing_input)
            accepted |= ct_eq(state.digest(), tag)
        return accepted

    def remember_verified(self, token_digest: bytes, payload: bytes) -> None:
        """Keep the payload segment of a token that `accepts` has accepted; the oldest of many is dropped."""
        with self._lock:
            if len(self.verified) >= _TOKENS_KEPT:
                del self.verified[next(iter(self.verified))]
            self.verified[token_digest] = payload

    def __repr__(self) -> str:
        return f"KeyRing([REDACTED], previous={len(self._retired)})"


def _keyed_hmac(secret: Secret) -> hmac.HMAC:
    """Return an HMAC initialised with the key, to be copied for each message."""
    key = secret.reveal().encode()
    if not 1 <= len(key) <= MAX_SECRET_BYTES:
        raise ValueError(f"a signing secret has 1 to {MAX_SECRET_BYTES} bytes")
    return hmac.new(key, digestmod=hashlib.sha256)

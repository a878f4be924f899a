"""AES-256-GCM for values that must be decrypted: TOTP secrets and pending recovery codes."""

import os
from binascii import a2b_base64, b2a_base64
from typing import Final

__all__ = ["AesGcmBox", "CipherUnavailable", "DecryptError"]

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class DecryptError(Exception):
    """The blob cannot be decrypted.  The reason is withheld, because it would help a forger."""


class CipherUnavailable(Exception):
    """The extra ``mfa``, which provides the cipher, is not installed."""


class AesGcmBox:
    """
    Encrypts (seals) with one key, and decrypts (opens) with that key or a previous one.

    A blob is ``base64(nonce):base64(tag):base64(ciphertext)``, in the padded standard alphabet.  One that was
    sealed with associated data can be opened only with the same.

    Raises:
        ValueError: a key does not have 32 bytes.
        CipherUnavailable: the extra ``mfa`` is not installed.
    """

    __slots__ = ("_current", "_retired")

    def __init__(self, current: bytes, previous: tuple[bytes, ...] = ()) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ModuleNotFoundError:
            raise CipherUnavailable(
                "AES-256-GCM needs the extra `mfa`: pip install 'bymax-auth[mfa]'"
            ) from None

        if any(len(key) != _KEY_BYTES for key in (current, *previous)):
            raise ValueError(f"an encryption key has {_KEY_BYTES} bytes")
        self._current: Final = AESGCM(current)
        self._retired: Final = tuple(AESGCM(key) for key in previous)

    def seal(self, plaintext: str, associated: bytes | None = None) -> str:
        """Return `plaintext` encrypted with the current key and a new random nonce."""
        return self._seal(plaintext, os.urandom(_NONCE_BYTES), associated)

    def open(self, blob: str) -> str:
        """
        Return the plaintext of a blob.

        Raises:
            DecryptError: the blob is malformed, was changed, or was sealed with another key.
        """
        return self.open_and_check_key(blob)[0]

    def open_and_check_key(self, blob: str, associated: bytes | None = None) -> tuple[str, bool]:
        """
        Return the plaintext of a blob, and whether a previous key sealed it, so that it should be resealed.

        Raises:
            DecryptError: the blob is malformed, was changed, or was sealed with another key or other
                associated data.
        """
        from cryptography.exceptions import InvalidTag

        nonce, sealed = _split(blob)
        for cipher in (self._current, *self._retired):
            try:
                plaintext = cipher.decrypt(nonce, sealed, associated)
                return plaintext.decode("utf-8"), cipher is not self._current
            except (InvalidTag, UnicodeDecodeError):
                continue
        raise DecryptError

    def _seal(self, plaintext: str, nonce: bytes, associated: bytes | None = None) -> str:
        sealed = self._current.encrypt(nonce, plaintext.encode(), associated)
        parts = (nonce, sealed[-_TAG_BYTES:], sealed[:-_TAG_BYTES])
        return ":".join(b2a_base64(part, newline=False).decode("ascii") for part in parts)

    def __repr__(self) -> str:
        return f"AesGcmBox([REDACTED], previous={len(self._retired)})"


def _split(blob: str) -> tuple[bytes, bytes]:
    """Return a blob's nonce, and its ciphertext followed by its tag."""
    try:
        nonce, tag, ciphertext = (_decode(part) for part in blob.split(":"))
    except ValueError:
        raise DecryptError from None
    if len(nonce) != _NONCE_BYTES or len(tag) != _TAG_BYTES:
        raise DecryptError
    return nonce, ciphertext + tag


def _decode(text: str) -> bytes:
    raw = a2b_base64(text)
    # Decoding ignores unused bits and other characters; encoding again shows whether there were any.
    if b2a_base64(raw, newline=False).decode("ascii") != text:
        raise ValueError("not canonical base64")
    return raw

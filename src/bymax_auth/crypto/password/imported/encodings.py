"""Binary values inside stored hashes, decoded strictly: every value has one spelling."""

from binascii import Error, a2b_base64, b2a_base64

from bymax_auth.crypto.password.phc import MAX_LENGTH

__all__ = ["is_plain", "padded_base64", "passlib_base64"]


def is_plain(stored: str) -> bool:
    """Return whether a text may be a stored hash at all: ASCII, and of bounded length."""
    return len(stored) <= MAX_LENGTH and stored.isascii()


def padded_base64(text: str) -> bytes | None:
    """Return the bytes of base64 in the standard alphabet with padding, or ``None``."""
    try:
        raw = a2b_base64(text)
    except Error:
        return None
    # Decoding ignores unused bits and foreign characters; encoding again shows whether there were any.
    return raw if b2a_base64(raw, newline=False) == text.encode() else None


def passlib_base64(text: str) -> bytes | None:
    """Return the bytes of passlib's base64: ``.`` in the place of ``+``, and no padding; or ``None``."""
    if "+" in text or "=" in text:
        return None
    return padded_base64(text.replace(".", "+") + "=" * (-len(text) % 4))

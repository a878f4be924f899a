"""Unpadded base64url in which every byte string has exactly one encoding."""

from binascii import a2b_base64, b2a_base64
from typing import Final

__all__ = ["decode", "encode"]

_TO_URL_ALPHABET: Final = bytes.maketrans(b"+/", b"-_")

# Characters of the standard alphabet and padding become an invalid one, so that decoding fails.
_FROM_URL_ALPHABET: Final = bytes.maketrans(b"-_+/=", b"+/***")

# By length modulo four: the padding to restore, and the last characters whose unused bits are zero.
# No text has one character more than a multiple of four, so no character may end one.
_PADDING: Final = (b"", b"", b"==", b"=")
_CANONICAL_ENDS: Final = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")


def encode(raw: bytes) -> str:
    """Return the base64url text of `raw`, without padding.  Source: RFC 7515 §2."""
    return b2a_base64(raw, newline=False).rstrip(b"=").translate(_TO_URL_ALPHABET).decode("ascii")


def decode(text: bytes) -> bytes:
    """
    Return the decoded bytes of `text`.

    Raises:
        ValueError: `text` is not canonical: padding, another alphabet, white space, an impossible
            length, or unused bits that are not zero.  Source: RFC 4648 §3.5.
    """
    remainder = len(text) & 3
    if remainder and text[-1] not in _CANONICAL_ENDS[remainder]:
        raise ValueError("not canonical base64url")
    return a2b_base64(text.translate(_FROM_URL_ALPHABET) + _PADDING[remainder], strict_mode=True)

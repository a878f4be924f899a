"""Constant-time comparison."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

__all__ = ["ct_eq", "ct_eq_text"]

ct_eq: Final[Callable[[bytes, bytes], bool]] = hmac.compare_digest
"""Return whether two byte strings are equal, in a time that depends only on their lengths."""


def ct_eq_text(a: str, b: str) -> bool:
    """
    Return whether two texts are equal, in a time that does not depend on where they differ.

    Digests are compared, so that the time does not reveal unequal lengths, and so that no text of a
    request raises: `hmac.compare_digest` rejects non-ASCII `str`, and a lone surrogate has no encoding.
    """
    return hmac.compare_digest(_digest(a), _digest(b))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

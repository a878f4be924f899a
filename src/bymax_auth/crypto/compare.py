"""Comparison whose time says nothing about the values compared."""

import hashlib
import hmac

__all__ = ["ct_eq", "ct_eq_text"]


def ct_eq(a: bytes, b: bytes) -> bool:
    """Tell whether two byte strings are equal, in a time that depends on their lengths alone."""
    return hmac.compare_digest(a, b)


def ct_eq_text(a: str, b: str) -> bool:
    """
    Tell whether two texts are equal, in a time that does not depend on where they differ.

    Digests are compared, so that unequal lengths do not show; and a text from a request can never
    raise: `hmac.compare_digest` refuses non-ASCII `str`, and a lone surrogate does not encode.
    """
    return hmac.compare_digest(_digest(a), _digest(b))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

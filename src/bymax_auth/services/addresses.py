"""
Checks of the text that enters a flow: canonical addresses, and bounds for callers without a schema.

Lengths count code points.  Invalid text is refused, not corrected: only an address is changed.
"""

import unicodedata
from typing import Final

from bymax_auth.errors import FieldError, ValidationFailed
from bymax_auth.types.account import AuthUser

__all__ = [
    "canonical_email",
    "is_usable_tenant_id",
    "require_display_name",
    "require_tenant_id",
    "require_text",
    "stored_address",
    "strip_white_space",
]

# `str.strip()` alone also removes U+001C to U+001F, which are not White_Space in Unicode.
_WHITE_SPACE: Final = (
    "\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_BYTE_ORDER_MARK: Final = "\ufeff"
_EMAIL_MAXIMUM: Final = 255
_TENANT_MAXIMUM: Final = 128
_NAME_MINIMUM: Final = 2
_NAME_MAXIMUM: Final = 128


def strip_white_space(text: str) -> str:
    """Return `text` without the Unicode White_Space at its ends."""
    return text.strip(_WHITE_SPACE)


def canonical_email(raw: str, field: str = "email") -> str:
    """
    Return the canonical form of an address for keys, lookups and stored values: trimmed, lower case.

    Nothing else is normalised: dots, plus signs and composed letters can name different mailboxes.

    Args:
        raw: The address as it was sent.
        field: The name of the input, for the refusal.

    Raises:
        ValidationFailed: It is empty or over 255 characters, or holds a control character, a
            byte order mark or a lone surrogate, which other runtimes trim and encode differently,
            or a colon before the ``@``, which would make the tenant and the address in a key ambiguous.
    """
    email = strip_white_space(raw).lower()
    if not email or _BYTE_ORDER_MARK in email or _holds(email, "Cc", "Cs") or _splits_a_key(email):
        raise _refusal(field, "must be a valid email address")
    if len(email) > _EMAIL_MAXIMUM:
        raise _refusal(field, f"must be at most {_EMAIL_MAXIMUM} characters")
    return email


def stored_address(user: AuthUser) -> str:
    """Return the address of an account in canonical form: a host's own rows need not have it."""
    return strip_white_space(user.email).lower()


def require_text(value: str, field: str, minimum: int, maximum: int) -> str:
    """
    Return `value` unchanged when its length is within bounds.

    Raises:
        ValidationFailed: It is shorter or longer, or holds a lone surrogate.
    """
    if _holds(value, "Cs"):
        raise _refusal(field, "must be valid text")
    if len(value) < minimum:
        raise _refusal(field, f"must be at least {minimum} character{'' if minimum == 1 else 's'}")
    if len(value) > maximum:
        raise _refusal(field, f"must be at most {maximum} character{'' if maximum == 1 else 's'}")
    return value


def require_tenant_id(value: str) -> str:
    """
    Return a tenant that a caller named, unchanged.

    Raises:
        ValidationFailed: It is blank, over 128 characters, or holds a control character.
    """
    require_text(value, "tenantId", 1, _TENANT_MAXIMUM)
    if _holds(value, "Cc"):
        raise _refusal("tenantId", "must not contain control characters")
    if not strip_white_space(value):
        raise _refusal("tenantId", "must not be blank")
    return value


def is_usable_tenant_id(value: str) -> bool:
    """Say whether a resolver's answer can be a tenant."""
    return len(value) <= _TENANT_MAXIMUM and not _holds(value, "Cc", "Cs") and strip_white_space(value) != ""


def require_display_name(value: str, maximum: int = _NAME_MAXIMUM) -> str:
    """
    Return a person's name, unchanged.

    Raises:
        ValidationFailed: It is not 2 to `maximum` characters long, or holds U+0000, which databases refuse.
    """
    require_text(value, "name", _NAME_MINIMUM, maximum)
    if "\0" in value:
        raise _refusal("name", "must not contain null characters")
    return value


def _splits_a_key(email: str) -> bool:
    """Say whether `email` could be read as the end of a tenant id, a separator and another address."""
    local, at, _ = email.rpartition("@")
    return ":" in (local if at else email)


def _holds(text: str, *categories: str) -> bool:
    return any(unicodedata.category(character) in categories for character in text)


def _refusal(field: str, message: str) -> ValidationFailed:
    return ValidationFailed(fields=(FieldError(field, message),))

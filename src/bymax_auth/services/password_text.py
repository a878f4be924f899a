"""
The text of a password: one form for every keyboard, and its bounds.

macOS composes an accented letter from two characters and Windows types one, so the same password arrives
as two texts.  Hashing, screening and counting see the normalised one.
"""

import unicodedata
from typing import Final

from bymax_auth.config.constants import PASSWORD_MAX_LENGTH
from bymax_auth.services.addresses import require_text

__all__ = ["PASSWORD_MAX_SENT_LENGTH", "normalize_password", "password_forms", "require_password"]

_LONGEST_DECOMPOSITION: Final = 4

PASSWORD_MAX_SENT_LENGTH: Final = PASSWORD_MAX_LENGTH * _LONGEST_DECOMPOSITION
"""Characters of a password as it is sent: no longer text can have an acceptable normalised form."""

_SPACES: Final = str.maketrans(
    dict.fromkeys(
        "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
        " ",
    )
)


def normalize_password(text: str) -> str:
    """
    Return the form of a password that is hashed.

    Source: RFC 8265 §4.2.2, OpaqueString: other spaces become U+0020, then NFC; case and ends are kept.
    """
    return unicodedata.normalize("NFC", text.translate(_SPACES))


def password_forms(text: str) -> tuple[str, ...]:
    """Return the normalised form, and then the text as it was sent if that is another."""
    normalized = normalize_password(text)
    return (normalized,) if normalized == text else (normalized, text)


def require_password(text: str, field: str, minimum: int) -> str:
    """
    Return the normalised form of a password whose length is within bounds; `field` is its wire name.

    Raises:
        ValidationFailed: It is shorter or longer once normalised, or holds a lone surrogate.
    """
    # Normalising takes quadratic time in the number of marks on one letter.
    bounded = len(text) <= PASSWORD_MAX_SENT_LENGTH
    return require_text(normalize_password(text) if bounded else text, field, minimum, PASSWORD_MAX_LENGTH)

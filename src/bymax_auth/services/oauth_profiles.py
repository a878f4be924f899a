"""
What a provider says about a person, checked before anything is looked up with it.

An address is compared and stored in its canonical form, as everywhere: a provider may spell it as it likes.
"""

import unicodedata
from dataclasses import replace
from typing import Final

from bymax_auth.errors import ValidationFailed
from bymax_auth.services.addresses import canonical_email, strip_white_space
from bymax_auth.types.oauth import OAuthProfile

__all__ = ["display_name_of", "usable_profile"]

_PROVIDER_ID_MAXIMUM: Final = 255
_NAME_MAXIMUM: Final = 128
_AVATAR_MAXIMUM: Final = 2048
_UNPRINTABLE: Final = frozenset({"Cc", "Cs"})


def usable_profile(answer: object, provider: str) -> OAuthProfile | None:
    """
    Return a profile of `provider`, with its address in canonical form.

    ``None`` when the answer is of another provider, or names nobody: it has no identifier or address, or one
    that is blank, too long or holds control characters.
    """
    if not isinstance(answer, OAuthProfile) or answer.provider != provider:
        return None
    if not (_is_text(answer.provider_id) and _is_text(answer.email)):
        return None
    if not strip_white_space(answer.provider_id) or len(answer.provider_id) > _PROVIDER_ID_MAXIMUM:
        return None
    if _printable(answer.provider_id) != answer.provider_id:
        return None
    try:
        address = canonical_email(answer.email)
    except ValidationFailed:
        return None
    local, _, domain = address.rpartition("@")
    if not (strip_white_space(local) and strip_white_space(domain)):
        return None
    asserted: object = answer.email_verified
    return replace(
        answer,
        email=address,
        email_verified=asserted is True,
        name=_text(answer.name, _NAME_MAXIMUM),
        avatar=_text(answer.avatar, _AVATAR_MAXIMUM),
    )


def display_name_of(profile: OAuthProfile) -> str:
    """Return the person's name, the local part of the address without one."""
    return profile.name or profile.email.rpartition("@")[0]


def _is_text(value: object) -> bool:
    """Say so; a host's provider may be without a type checker."""
    return isinstance(value, str)


def _text(value: object, maximum: int) -> str | None:
    """Return a text that can be shown and stored, ``None`` if nothing is left of it."""
    if not isinstance(value, str):
        return None
    return strip_white_space(_printable(value[:maximum])) or None


def _printable(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) not in _UNPRINTABLE)

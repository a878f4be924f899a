"""Members of a provider's JSON, each of the type that it must have."""

from collections.abc import Mapping
from typing import Final, NoReturn

from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure

__all__ = ["flag", "identifier", "malformed", "optional_text", "required_text"]

_MAX_IDENTIFIER: Final = 255
"""Source: OpenID Connect Core §2, ``sub``."""


def malformed(label: str) -> NoReturn:
    """
    Refuse an answer that is not what the protocol defines.

    Raises:
        OAuthProviderError: Always.
    """
    raise OAuthProviderError(ProviderFailure.DECODE, label)


def required_text(members: Mapping[str, object], name: str) -> str:
    """
    Return a text that must be there and not be blank.

    Raises:
        OAuthProviderError: It is missing, blank or no text.
    """
    value = members.get(name)
    if not isinstance(value, str) or not value.strip():
        malformed(f"{name} is missing or no text")
    return value


def optional_text(members: Mapping[str, object], name: str) -> str | None:
    """Return a text that nothing depends on; ``None`` for what is missing, blank or something else."""
    value = members.get(name)
    return value if isinstance(value, str) and value.strip() else None


def flag(members: Mapping[str, object], name: str) -> bool:
    """
    Return a truth value; absent is false.

    Raises:
        OAuthProviderError: It is something else, such as the text ``true``.
    """
    value = members.get(name, False)
    if not isinstance(value, bool):
        malformed(f"{name} is neither true nor false")
    return value


def identifier(value: str) -> str:
    """
    Return what identifies a person, once it is fit to be stored.

    Raises:
        OAuthProviderError: It is empty, longer than 255 characters, or not printable ASCII.
    """
    if not value.strip() or len(value) > _MAX_IDENTIFIER or not (value.isascii() and value.isprintable()):
        malformed("the identifier is empty, too long or not printable")
    return value

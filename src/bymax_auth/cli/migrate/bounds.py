"""Which ids, addresses and identities of another system an account can have here."""

import re
from collections.abc import Mapping
from typing import Final

from bymax_auth.cli.migrate.candidates import Identity
from bymax_auth.errors import ValidationFailed
from bymax_auth.services.addresses import canonical_email

__all__ = ["canonical_address", "is_usable_id", "is_usable_identity"]

_LONGEST_ID: Final = 128
_LONGEST_PROVIDER: Final = 64
_LONGEST_PROVIDER_ID: Final = 255
_TENANT: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "github": re.compile(r"[1-9][0-9]*", re.ASCII),
    "microsoft": re.compile(rf"{_TENANT}:\S+", re.ASCII),
}
"""How the library's own providers name a person, where other systems use a second name for the same one."""


def is_usable_id(value: str) -> bool:
    """Say whether an account can have this id."""
    return 0 < len(value) <= _LONGEST_ID and value.isprintable()


def canonical_address(email: str | None) -> str | None:
    """Return the address in the form in which it is stored, ``None`` for what is none."""
    try:
        canonical = canonical_email(email or "")
    except ValidationFailed:
        return None
    local, at, domain = canonical.rpartition("@")
    return canonical if local and at and domain else None


def is_usable_identity(identity: Identity) -> bool:
    """Say whether somebody with this identity could sign in: its provider here names people in this form."""
    if not 0 < len(identity.provider) <= _LONGEST_PROVIDER:
        return False
    if not 0 < len(identity.provider_id) <= _LONGEST_PROVIDER_ID:
        return False
    form = _FORMS.get(identity.provider)
    printable = identity.provider.isprintable() and identity.provider_id.isprintable()
    return printable and (form is None or form.fullmatch(identity.provider_id) is not None)

"""Which format a stored password hash has."""

from collections.abc import Iterable
from typing import Final

from bymax_auth.crypto.password import HashFormat, importers_of
from bymax_auth.crypto.password.phc import parse

__all__ = ["OWN", "format_of", "formats_to_accept"]

OWN: Final = "bymax-auth"
"""The library's own format, which needs no importer."""

_PWDLIB: Final = "argon2id"


def format_of(stored: str) -> str | None:
    """Return the format of a hash, ``None`` for a text that no importer reads."""
    record = parse(stored)
    # pwdlib writes Argon2 as the library does; what comes from outside has the narrower limits of importers.
    if record is not None and record.algorithm != _PWDLIB:
        return OWN
    for kind in HashFormat:
        (importer,) = importers_of([kind])
        found = importer.read(stored)
        if found is not None:
            return kind if found.within_limits else None
    return None


def formats_to_accept(found: Iterable[str], accepted: Iterable[HashFormat]) -> list[str]:
    """Return the formats that the configuration does not accept yet."""
    return sorted(set(found) - {OWN} - set(accepted))

"""
The PBKDF2 hashes of passlib, in its modular crypt format.

Source: passlib/handlers/pbkdf2.py
"""

import re
from collections.abc import Mapping
from typing import Final

from bymax_auth.crypto.password.imported.derivations import Pbkdf2Hash
from bymax_auth.crypto.password.imported.encodings import is_plain, passlib_base64
from bymax_auth.crypto.password.imported.importer import HashImporter, as_typed

__all__ = ["PBKDF2"]

_STORED: Final = re.compile(r"\$(pbkdf2|pbkdf2-sha256|pbkdf2-sha512)\$([1-9][0-9]{0,8})\$([^$]*)\$([^$]+)")
_DIGESTS: Final[Mapping[str, str]] = {"pbkdf2": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}


def _read(stored: str) -> Pbkdf2Hash | None:
    found = _STORED.fullmatch(stored) if is_plain(stored) else None
    if found is None:
        return None
    salt, derived = passlib_base64(found[3]), passlib_base64(found[4])
    if salt is None or derived is None:
        return None
    return Pbkdf2Hash(digest=_DIGESTS[found[1]], iterations=int(found[2]), salt=salt, derived=derived)


PBKDF2: Final = HashImporter(
    read=_read, sample=f"$pbkdf2-sha512$25000${'A' * 22}${'A' * 86}", encode=as_typed
)
"""passlib's PBKDF2 with SHA-1, SHA-256 and SHA-512."""

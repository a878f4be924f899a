"""
The hashes of Werkzeug, which Flask applications store: method, salt and key in hex digits.

Source: werkzeug/security.py
"""

import re
from typing import Final

from bymax_auth.crypto.password.imported.derivations import Pbkdf2Hash, ScryptHash
from bymax_auth.crypto.password.imported.encodings import is_plain
from bymax_auth.crypto.password.imported.importer import HashImporter, as_typed
from bymax_auth.crypto.password.imported.scrypt_costs import scrypt_cost

__all__ = ["PBKDF2", "SCRYPT"]

_NUMBER: Final = r"([1-9][0-9]{0,7})"
_PBKDF2: Final = re.compile(
    r"pbkdf2:(sha1|sha256|sha512):([1-9][0-9]{0,8})\$([^$]{1,128})\$((?:[0-9a-f]{2})+)"
)
_SCRYPT: Final = re.compile(rf"scrypt:{_NUMBER}:{_NUMBER}:{_NUMBER}\$([^$]{{1,128}})\$([0-9a-f]{{128}})")


def _read_pbkdf2(stored: str) -> Pbkdf2Hash | None:
    found = _PBKDF2.fullmatch(stored) if is_plain(stored) else None
    if found is None:
        return None
    return Pbkdf2Hash(
        digest=found[1],
        iterations=int(found[2]),
        salt=found[3].encode(),
        derived=bytes.fromhex(found[4]),
    )


def _read_scrypt(stored: str) -> ScryptHash | None:
    found = _SCRYPT.fullmatch(stored) if is_plain(stored) else None
    cost = None if found is None else scrypt_cost(int(found[1]), int(found[2]), int(found[3]))
    if found is None or cost is None:
        return None
    return ScryptHash(parameters=cost, salt=found[4].encode(), derived=bytes.fromhex(found[5]))


PBKDF2: Final = HashImporter(
    read=_read_pbkdf2, sample=f"pbkdf2:sha256:1000000$salt${'0' * 64}", encode=as_typed
)
"""Werkzeug's PBKDF2."""

SCRYPT: Final = HashImporter(read=_read_scrypt, sample=f"scrypt:32768:8:1$salt${'0' * 128}", encode=as_typed)
"""Werkzeug's scrypt, its default."""

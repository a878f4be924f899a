"""Hashes that name their algorithm as ``crypt`` does: bcrypt, and the Argon2id of pwdlib."""

import re
from typing import Final

from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.imported.derivations import Argon2Hash, BcryptHash
from bymax_auth.crypto.password.imported.encodings import is_plain
from bymax_auth.crypto.password.imported.importer import HashImporter, as_typed
from bymax_auth.crypto.password.phc import parse

__all__ = ["BCRYPT", "PWDLIB_ARGON2", "read_argon2", "read_bcrypt"]

# ``2x`` marks hashes of a defective implementation, whose passwords collide.
_BCRYPT: Final = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_ARGON2I: Final = "$argon2i$"


def read_bcrypt(stored: str) -> BcryptHash | None:
    """Return the parts of a bcrypt hash, or ``None``."""
    found = _BCRYPT.fullmatch(stored) if is_plain(stored) else None
    return None if found is None else BcryptHash(rounds=int(found[1]), encoded=stored)


def read_argon2(stored: str) -> Argon2Hash | None:
    """Return the parts of an Argon2i or Argon2id hash, or ``None``."""
    identifying = not stored.startswith(_ARGON2I)
    record = parse(stored if identifying else f"$argon2id${stored.removeprefix(_ARGON2I)}")
    if record is None or record.algorithm != "argon2id":
        return None
    return Argon2Hash(
        parameters=Argon2Parameters.of(record),
        identifying=identifying,
        encoded=stored,
    )


BCRYPT: Final = HashImporter(
    read=read_bcrypt,
    sample="$2b$12$" + "." * 53,
    encode=as_typed,
    extras=("importers",),
)
"""bcrypt: FastAPI Users before 13, Auth0, Supabase and many others."""

PWDLIB_ARGON2: Final = HashImporter(
    read=read_argon2,
    sample="$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    encode=as_typed,
    extras=("argon2", "importers"),
)
"""
FastAPI Users from 13.  Its hashes are in the library's own format and verify without an importer.

The importer adds their cost to what is known at the start: 64 MiB, three passes.
"""

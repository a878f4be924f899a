"""
The hashes of Better Auth: a salt and a key in hex digits, of one fixed cost.

Source: @better-auth/utils, password.node.ts; better-auth-server, crypto.py
"""

import re
from typing import Final

from bymax_auth.crypto.password.imported.derivations import ScryptHash
from bymax_auth.crypto.password.imported.importer import HashImporter, compatibility_composed
from bymax_auth.crypto.password.scrypt import ScryptParameters

__all__ = ["SCRYPT"]

_STORED: Final = re.compile(r"([0-9a-f]{32}):([0-9a-f]{128})")
_COST: Final = ScryptParameters(log2_n=14, block_size=16, parallelization=1)


def _read(stored: str) -> ScryptHash | None:
    found = _STORED.fullmatch(stored)
    if found is None:
        return None
    # The salt of the derivation is the text of the hex digits.
    return ScryptHash(parameters=_COST, salt=found[1].encode(), derived=bytes.fromhex(found[2]))


SCRYPT: Final = HashImporter(read=_read, sample=f"{'0' * 32}:{'0' * 128}", encode=compatibility_composed)
"""Better Auth's scrypt, of a password in NFKC."""

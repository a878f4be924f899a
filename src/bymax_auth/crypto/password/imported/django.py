"""
The hashes of Django: the name of a hasher, ``$``, and its fields.

Source: django/contrib/auth/hashers.py
"""

import hashlib
import re
from binascii import hexlify
from typing import Final

from bymax_auth.crypto.password.imported.crypt import read_argon2, read_bcrypt
from bymax_auth.crypto.password.imported.derivations import Argon2Hash, BcryptHash, Pbkdf2Hash, ScryptHash
from bymax_auth.crypto.password.imported.encodings import is_plain, padded_base64
from bymax_auth.crypto.password.imported.importer import HashImporter, as_typed
from bymax_auth.crypto.password.imported.scrypt_costs import scrypt_cost

__all__ = ["ARGON2", "BCRYPT", "BCRYPT_SHA256", "PBKDF2", "SCRYPT"]

_PBKDF2: Final = re.compile(r"pbkdf2_(sha1|sha256)\$([1-9][0-9]{0,8})\$([^$]{1,128})\$([^$]+)")
_NUMBER: Final = r"([1-9][0-9]{0,7})"
_SCRYPT: Final = re.compile(rf"scrypt\${_NUMBER}\$([^$]{{1,128}})\${_NUMBER}\${_NUMBER}\$([^$]+)")
_SCRYPT_BYTES: Final = 64


def _read_pbkdf2(stored: str) -> Pbkdf2Hash | None:
    found = _PBKDF2.fullmatch(stored) if is_plain(stored) else None
    if found is None or (derived := padded_base64(found[4])) is None:
        return None
    return Pbkdf2Hash(digest=found[1], iterations=int(found[2]), salt=found[3].encode(), derived=derived)


def _read_scrypt(stored: str) -> ScryptHash | None:
    found = _SCRYPT.fullmatch(stored) if is_plain(stored) else None
    if found is None:
        return None
    cost, derived = scrypt_cost(int(found[1]), int(found[3]), int(found[4])), padded_base64(found[5])
    if cost is None or derived is None or len(derived) != _SCRYPT_BYTES:
        return None
    return ScryptHash(parameters=cost, salt=found[2].encode(), derived=derived)


def _read_argon2(stored: str) -> Argon2Hash | None:
    hasher, dollar, rest = stored.partition("$")
    return read_argon2(dollar + rest) if hasher == "argon2" else None


def _read_bcrypt(stored: str) -> BcryptHash | None:
    hasher, _, rest = stored.partition("$")
    return read_bcrypt(rest) if hasher == "bcrypt" else None


def _read_bcrypt_sha256(stored: str) -> BcryptHash | None:
    hasher, _, rest = stored.partition("$")
    return read_bcrypt(rest) if hasher == "bcrypt_sha256" else None


def _sha256_digits(password: str) -> bytes:
    return hexlify(hashlib.sha256(as_typed(password)).digest())


PBKDF2: Final = HashImporter(
    read=_read_pbkdf2,
    sample=f"pbkdf2_sha256$1500000$salt${'A' * 43}=",  # the default of Django 6.1
    encode=as_typed,
)
"""Django's default."""

SCRYPT: Final = HashImporter(read=_read_scrypt, sample=f"scrypt$16384$salt$8$5${'A' * 86}==", encode=as_typed)
"""Django's scrypt."""

ARGON2: Final = HashImporter(
    read=_read_argon2,
    sample="argon2$argon2id$v=19$m=102400,t=2,p=8$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    encode=as_typed,
    extras=("argon2", "importers"),
)
"""Django's Argon2id, and the Argon2i of its releases before 3.2."""

BCRYPT: Final = HashImporter(
    read=_read_bcrypt, sample=f"bcrypt$$2b$12${'.' * 53}", encode=as_typed, extras=("importers",)
)
"""Django's bcrypt, which reads 72 bytes of a password."""

BCRYPT_SHA256: Final = HashImporter(
    read=_read_bcrypt_sha256,
    sample=f"bcrypt_sha256$$2b$12${'.' * 53}",
    encode=_sha256_digits,
    extras=("importers",),
)
"""Django's bcrypt of a password's SHA-256 in hex digits, which reads the whole password."""

"""Password hashing: one stored format, two algorithms, and limits for the costs of stored hashes."""

from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import HasherUnavailable, PasswordHasher, self_test
from bymax_auth.crypto.password.imported import HashFormat, HashImporter, importers_of
from bymax_auth.crypto.password.scrypt import ScryptParameters

__all__ = [
    "Argon2Parameters",
    "HashFormat",
    "HashImporter",
    "HasherUnavailable",
    "PasswordHasher",
    "ScryptParameters",
    "importers_of",
    "self_test",
]

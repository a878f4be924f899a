"""Password hashes: one stored format, two algorithms, and limits on what a stored hash may ask for."""

from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.hasher import PasswordHasher, UnavailableHasher, self_test
from bymax_auth.crypto.password.scrypt import ScryptParameters

__all__ = ["Argon2Parameters", "PasswordHasher", "ScryptParameters", "UnavailableHasher", "self_test"]

"""
The derivations of imported hashes, each with its limits.

A stored hash comes from another system's database, so its cost is a stranger's input: the limits are about
twice what the dearest default of any supported system takes, and far below those of the library's own hashes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bymax_auth.crypto.compare import ct_eq
from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.errors import HasherUnavailable
from bymax_auth.crypto.password.scrypt import ScryptParameters, UndefinedCost

__all__ = ["BCRYPT_BYTES", "Argon2Hash", "BcryptHash", "Pbkdf2Hash", "ScryptHash", "needs_package"]

_MAX_MEMORY_MIB: Final = 128
_MAX_SCRYPT_WORK_KIB: Final = 2 * 2 * 2**17  # twice what N=2^17, r=8, p=1 passes over
_MAX_ARGON2_WORK_KIB: Final = 2**20
_MAX_ITERATIONS: Final = 4_000_000
_DIGEST_BYTES: Final[Mapping[str, int]] = {"sha1": 20, "sha256": 32, "sha512": 64}
_BCRYPT_ROUNDS: Final = range(4, 16)

BCRYPT_BYTES: Final = 72
"""bcrypt reads this many bytes of a password; the originals ignored what follows."""


def needs_package(package: str) -> HasherUnavailable:
    """Return the exception for a package that is not installed."""
    return HasherUnavailable(
        f"this hash needs {package} of the extra `importers`: pip install 'bymax-auth[importers]'"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pbkdf2Hash:
    """PBKDF2 with HMAC.  The key is as long as the digest: each further block would repeat the cost."""

    digest: str
    iterations: int
    salt: bytes = field(repr=False)
    derived: bytes = field(repr=False)

    @property
    def cost(self) -> str:
        """The digest and the iterations."""
        return f"pbkdf2-{self.digest}:{self.iterations}"

    @property
    def working_set_mib(self) -> int:
        """The least there is."""
        return 1

    @property
    def within_limits(self) -> bool:
        """Whether the iterations stay within the limit and the key is one block."""
        return len(self.derived) == _DIGEST_BYTES[self.digest] and self.iterations <= _MAX_ITERATIONS

    def matches(self, password: bytes) -> bool:
        """Return whether this is a hash of `password`."""
        return ct_eq(hashlib.pbkdf2_hmac(self.digest, password, self.salt, self.iterations), self.derived)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScryptHash:
    """scrypt with the cost that is stored."""

    parameters: ScryptParameters
    salt: bytes = field(repr=False)
    derived: bytes = field(repr=False)

    @property
    def cost(self) -> str:
        """N, r and p, named as for the library's own hashes, which take equally long."""
        cost = self.parameters
        return f"scrypt:ln={cost.log2_n},p={cost.parallelization},r={cost.block_size}"

    @property
    def working_set_mib(self) -> int:
        """128·N·r bytes."""
        return self.parameters.working_set_mib

    @property
    def within_limits(self) -> bool:
        """Whether memory and work stay within the limits."""
        cost = self.parameters
        return (
            cost.within_limits
            and cost.working_set_mib <= _MAX_MEMORY_MIB
            and cost.work_kib <= _MAX_SCRYPT_WORK_KIB
        )

    def matches(self, password: bytes) -> bool | None:
        """Return whether this is a hash of `password`; `None` where N is too large for the block size."""
        try:
            return ct_eq(self.parameters.derive(password, self.salt, len(self.derived)), self.derived)
        except UndefinedCost:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Hash:
    """Argon2i or Argon2id with the cost that is stored; `encoded` is the text in Argon2's own format."""

    parameters: Argon2Parameters
    identifying: bool
    encoded: str = field(repr=False)

    @property
    def cost(self) -> str:
        """Memory, passes and lanes, named as for the library's own hashes, which take equally long."""
        cost = self.parameters
        return f"argon2id:m={cost.memory_kib},p={cost.parallelism},t={cost.iterations}"

    @property
    def working_set_mib(self) -> int:
        """The memory that is stored."""
        return self.parameters.working_set_mib

    @property
    def within_limits(self) -> bool:
        """Whether memory and work stay within the limits."""
        cost = self.parameters
        return (
            cost.within_limits
            and cost.working_set_mib <= _MAX_MEMORY_MIB
            and cost.work_kib <= _MAX_ARGON2_WORK_KIB
        )

    def matches(self, password: bytes) -> bool | None:
        """Return whether this is a hash of `password`; `None` where Argon2 cannot read the hash."""
        try:
            from argon2.exceptions import Argon2Error, VerifyMismatchError
            from argon2.low_level import Type, verify_secret
        except ImportError:
            raise needs_package("argon2-cffi") from None

        try:
            return verify_secret(self.encoded.encode(), password, Type.ID if self.identifying else Type.I)
        except VerifyMismatchError:
            return False
        except Argon2Error:
            # It takes the parameters in one order only.
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class BcryptHash:
    """bcrypt; `encoded` is the text in bcrypt's own format."""

    rounds: int
    encoded: str = field(repr=False)

    @property
    def cost(self) -> str:
        """The rounds, which count doublings."""
        return f"bcrypt:{self.rounds}"

    @property
    def working_set_mib(self) -> int:
        """The least there is."""
        return 1

    @property
    def within_limits(self) -> bool:
        """Whether the rounds stay within the limit."""
        return self.rounds in _BCRYPT_ROUNDS

    def matches(self, password: bytes) -> bool | None:
        """
        Return whether this is a hash of the first 72 bytes of `password`.

        `None` where bcrypt refuses the hash, and for a password with a NUL, which matches nothing: bcrypt
        repeats the key after its terminator, so that ``a`` and ``a``, NUL, ``a`` are the same to it.
        """
        try:
            import bcrypt
        except ImportError:
            raise needs_package("bcrypt") from None

        if b"\0" in password:
            return None
        try:
            # Releases from 5 raise for more than 72 bytes, older ones cut the password there.
            return bcrypt.checkpw(password[:BCRYPT_BYTES], self.encoded.encode())
        except ValueError:
            # The unused bits of the salt's last character are set.
            return None

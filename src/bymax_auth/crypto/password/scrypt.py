"""scrypt, from the standard library."""

import hashlib
from dataclasses import dataclass
from typing import Final, Self

from bymax_auth.crypto.password.phc import PhcHash, encode_base64

__all__ = ["ScryptParameters", "UndefinedCost"]

_MAX_LOG2_N: Final = 22
_MAX_FACTOR: Final = 255
_MAX_MEMORY_BYTES: Final = 512 * 2**20
_MAX_WORK: Final = 2**24  # limit of N·r·p, because `p` multiplies the time without using memory
_DERIVED_BYTES: Final = 32

# The default of OpenSSL is 32 MiB.  A limit computed from the stored hash would permit any cost.
_OPENSSL_LIMIT_BYTES: Final = 2**30


class UndefinedCost(Exception):
    """scrypt is not defined for this cost, so no hash can have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScryptParameters:
    """The cost of scrypt: N as a power of two, the block size r and the parallelization p."""

    log2_n: int
    block_size: int
    parallelization: int

    @property
    def working_set_mib(self) -> int:
        """The memory of one derivation, at least one MiB.  Source: RFC 7914 §2, 128·N·r bytes."""
        return max(1, (128 * self.block_size << self.log2_n) // 2**20)

    @property
    def work_kib(self) -> int:
        """The memory that a derivation passes over: once to fill it, once to read it back."""
        return 2 * 128 * (self.block_size * self.parallelization << self.log2_n) // 1024

    @property
    def within_limits(self) -> bool:
        """Whether a derivation stays within the limits for memory and time."""
        return (
            1 <= self.log2_n <= _MAX_LOG2_N
            and 1 <= self.block_size <= _MAX_FACTOR
            and 1 <= self.parallelization <= _MAX_FACTOR
            and 128 * self.block_size << self.log2_n <= _MAX_MEMORY_BYTES
            and self.block_size * self.parallelization << self.log2_n <= _MAX_WORK
        )

    @classmethod
    def of(cls, stored: PhcHash) -> Self:
        """Return the cost in a stored hash."""
        stated = stored.parameters
        return cls(log2_n=stated["ln"], block_size=stated["r"], parallelization=stated["p"])

    def is_met_by(self, stored: PhcHash) -> bool:
        """Return whether a stored hash is a scrypt hash with at least this cost in every parameter."""
        if stored.algorithm != "scrypt":
            return False
        old = self.of(stored)
        return (
            old.log2_n >= self.log2_n
            and old.block_size >= self.block_size
            and old.parallelization >= self.parallelization
        )

    def derive_for(self, stored: PhcHash, password: bytes) -> bytes:
        """
        Return the key derived from `password` with the salt and length of a stored hash.

        Raises:
            UndefinedCost: N is too large for the block size.
        """
        return self.derive(password, stored.salt, len(stored.derived))

    def encode(self, password: bytes, salt: bytes) -> str:
        """Return the hash of a password in the stored format."""
        derived = self.derive(password, salt, _DERIVED_BYTES)
        cost = f"ln={self.log2_n},r={self.block_size},p={self.parallelization}"
        return f"$scrypt${cost}${encode_base64(salt)}${encode_base64(derived)}"

    def derive(self, password: bytes, salt: bytes, length: int) -> bytes:
        """
        Return a derived key of `length` bytes.

        Raises:
            UndefinedCost: N is too large for the block size.
        """
        # Source: RFC 7914 §2, N must be less than 2^(128·r/8).
        if self.log2_n >= 16 * self.block_size:
            raise UndefinedCost
        return hashlib.scrypt(
            password,
            salt=salt,
            n=1 << self.log2_n,
            r=self.block_size,
            p=self.parallelization,
            maxmem=_OPENSSL_LIMIT_BYTES,
            dklen=length,
        )

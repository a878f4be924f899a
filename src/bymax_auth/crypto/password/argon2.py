"""Argon2id, with argon2-cffi's low-level functions, which do not take parameters from a stored hash."""

from dataclasses import dataclass
from typing import Final, Self

from bymax_auth.crypto.password.errors import HasherUnavailable
from bymax_auth.crypto.password.phc import PhcHash, encode_base64

__all__ = ["Argon2Parameters"]

_MAX_MEMORY_KIB: Final = 512 * 1024
_MAX_ITERATIONS: Final = 64
_MAX_PARALLELISM: Final = 16
_MAX_WORK: Final = 2**23  # limit of m·t, because passes multiply the time without using memory
_CURRENT_VERSION: Final = 0x13
_DERIVED_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Parameters:
    """The cost of Argon2id: memory, passes and parallelism."""

    memory_kib: int
    iterations: int
    parallelism: int

    @property
    def working_set_mib(self) -> int:
        """The memory of one derivation, at least one MiB."""
        return max(1, self.memory_kib // 1024)

    @property
    def work_kib(self) -> int:
        """The memory that a derivation passes over, over all passes."""
        return self.memory_kib * self.iterations

    @property
    def within_limits(self) -> bool:
        """Whether a derivation stays within the limits for memory and time."""
        return (
            8 * self.parallelism <= self.memory_kib <= _MAX_MEMORY_KIB  # the lower bound: RFC 9106 §3.1
            and 1 <= self.iterations <= _MAX_ITERATIONS
            and 1 <= self.parallelism <= _MAX_PARALLELISM
            and self.memory_kib * self.iterations <= _MAX_WORK
        )

    @classmethod
    def of(cls, stored: PhcHash) -> Self:
        """Return the cost in a stored hash."""
        stated = stored.parameters
        return cls(memory_kib=stated["m"], iterations=stated["t"], parallelism=stated["p"])

    def is_met_by(self, stored: PhcHash) -> bool:
        """Return whether a stored hash is of Argon2id's current version with at least this cost."""
        if stored.version != _CURRENT_VERSION:
            return False
        old = self.of(stored)
        return (
            old.memory_kib >= self.memory_kib
            and old.iterations >= self.iterations
            and old.parallelism >= self.parallelism
        )

    def derive_for(self, stored: PhcHash, password: bytes) -> bytes:
        """
        Return the key derived from `password` with the salt, version and length of a stored hash.

        Raises:
            HasherUnavailable: the extra ``argon2`` is not installed.
        """
        version = stored.version or _CURRENT_VERSION
        return self.derive(password, stored.salt, len(stored.derived), version)

    def encode(self, password: bytes, salt: bytes) -> str:
        """Return the hash of a password in the stored format."""
        derived = self.derive(password, salt, _DERIVED_BYTES, _CURRENT_VERSION)
        cost = f"m={self.memory_kib},t={self.iterations},p={self.parallelism}"
        return f"$argon2id$v={_CURRENT_VERSION}${cost}${encode_base64(salt)}${encode_base64(derived)}"

    def derive(self, password: bytes, salt: bytes, length: int, version: int) -> bytes:
        """
        Return a derived key of `length` bytes.

        Raises:
            HasherUnavailable: the extra ``argon2`` is not installed.
        """
        try:
            from argon2.low_level import Type, hash_secret_raw
        except ImportError:
            # Not chained: the import error of a broken installation may contain paths of the machine.
            raise HasherUnavailable(
                "Argon2id needs the extra `argon2`: pip install 'bymax-auth[argon2]'"
            ) from None

        return hash_secret_raw(
            password,
            salt,
            time_cost=self.iterations,
            memory_cost=self.memory_kib,
            parallelism=self.parallelism,
            hash_len=length,
            type=Type.ID,
            version=version,
        )

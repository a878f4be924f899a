"""The importer of one format, and what it reads from a stored hash."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["HashImporter", "ImportedHash", "as_typed", "compatibility_composed"]


class ImportedHash(Protocol):
    """A stored hash of another system: its cost, and the comparison with a password."""

    @property
    def cost(self) -> str:
        """A name of the cost: equal for hashes that take equally long to verify."""
        ...

    @property
    def working_set_mib(self) -> int:
        """The memory of one derivation, at least one MiB."""
        ...

    @property
    def within_limits(self) -> bool:
        """Whether a derivation stays within the limits for memory and time."""
        ...

    def matches(self, password: bytes) -> bool | None:
        """
        Return whether this is a hash of `password`; `None` where it is not, and nothing was derived.

        Raises:
            HasherUnavailable: the package that computes it is not installed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HashImporter:
    """
    Reads and verifies the hashes of one format.

    `sample` is a hash with the dearest cost that the original system has as its default.  `extras` are the
    extras that install what the format needs, each of them enough; empty where Python itself suffices.
    """

    read: Callable[[str], ImportedHash | None]
    sample: str
    encode: Callable[[str], bytes]
    extras: tuple[str, ...] = ()

    def compare(self, password: str, stored: ImportedHash) -> bool | None:
        """
        Return whether `stored` is a hash of `password`.

        `None` where it is not, and nothing was derived; so it is for a cost above the limits.
        """
        return stored.matches(self.encode(password)) if stored.within_limits else None


def as_typed(password: str) -> bytes:
    """Return a password in UTF-8, unchanged."""
    return password.encode("utf-8", "surrogatepass")


def compatibility_composed(password: str) -> bytes:
    """Return a password in UTF-8, normalised to NFKC."""
    return as_typed(unicodedata.normalize("NFKC", password))

"""Hashing and verifying passwords.  Synchronous and deliberately slow: never call it on the event loop."""

import hashlib
import os
from dataclasses import dataclass
from typing import Final, Protocol

from bymax_auth.crypto.compare import ct_eq
from bymax_auth.crypto.password.argon2 import Argon2Parameters
from bymax_auth.crypto.password.errors import HasherUnavailable
from bymax_auth.crypto.password.imported import HashImporter
from bymax_auth.crypto.password.phc import PhcHash, parse
from bymax_auth.crypto.password.scrypt import ScryptParameters, UndefinedCost

__all__ = ["HasherUnavailable", "LegacyVerifierLike", "PasswordHasher", "self_test"]

_SALT_BYTES: Final = 16
_OWN_PREFIXES: Final = ("$scrypt$", "$argon2id$")

# Source: RFC 7914 §12, the first vector, shortened to 16 bytes.
_KNOWN_SCRYPT: Final = bytes.fromhex("77d6576238657b203b19ca42c18a0497")

# Source: the reference implementation's test suite, the cheapest Argon2id vector.
_KNOWN_ARGON2ID: Final = (
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
)


class LegacyVerifierLike(Protocol):
    """Verifies hashes of another system, so that its accounts can be migrated."""

    def matches(self, stored: str) -> bool:
        """Return whether `stored` is in the format of this verifier."""
        ...

    def verify(self, password: str, stored: str) -> bool | None:
        """Return whether `stored` is a hash of `password`; `None` where not, and nothing was derived."""
        ...


@dataclass(frozen=True, slots=True)
class PasswordHasher:
    """
    Hashes with one set of parameters, and verifies hashes with any accepted parameters.

    `importers` verify the formats of other systems, `legacy` what a host's own verifiers know.

    Raises:
        ValueError: `active` is above the limits, so that its own hashes would not verify.
        HasherUnavailable: the algorithm of `active` is not available.
    """

    active: ScryptParameters | Argon2Parameters
    legacy: tuple[LegacyVerifierLike, ...] = ()
    importers: tuple[HashImporter, ...] = ()

    def __post_init__(self) -> None:
        if not self.active.within_limits:
            raise ValueError("the configured password cost is above the limits")
        self_test(self.active)

    def hash(self, password: str) -> str:
        """
        Return a new hash with a random salt, in the stored format.

        Raises:
            UnicodeEncodeError: the password contains a lone surrogate.
        """
        return self.active.encode(password.encode(), os.urandom(_SALT_BYTES))

    def verify(self, password: str, stored: str) -> bool:
        """
        Return whether `stored` is a hash of `password`, using the cost in `stored`.

        A text that is not a hash, or a hash with a cost above the limits, matches no password and is
        rejected before any key derivation.

        Raises:
            HasherUnavailable: the package that computes the algorithm of `stored` is not installed.
        """
        return self.compare(password, stored) is True

    def compare(self, password: str, stored: str) -> bool | None:
        """
        Return what `verify` does, and `None` where that is `False` without any key derivation.

        Raises:
            HasherUnavailable: the package that computes the algorithm of `stored` is not installed.
        """
        record = parse(stored)
        if record is not None:
            return _compare(password, record)
        if stored.startswith(_OWN_PREFIXES):
            return None
        for importer in self.importers:
            if (imported := importer.read(stored)) is not None:
                return importer.compare(password, imported)
        compared = None
        for verifier in self.legacy:
            if verifier.matches(stored):
                answer = verifier.verify(password, stored)
                if answer is True:
                    return True
                if answer is not None:
                    compared = False
        return compared

    def needs_rehash(self, stored: str) -> bool:
        """
        Return whether a verified hash should be replaced: another algorithm, or a lower cost.

        A higher cost or another length of the derived key is no reason: two systems that share an
        account table would otherwise rewrite each other's hashes endlessly.
        """
        record = parse(stored)
        return record is None or not self.active.is_met_by(record)

    def cost_of(self, stored: str) -> str:
        """Return a name of the cost in `stored`: equal for hashes that take equally long to verify."""
        record = parse(stored)
        if record is not None:
            parameters = ",".join(f"{name}={value}" for name, value in sorted(record.parameters.items()))
            return f"{record.algorithm}:{parameters}"
        for importer in self.importers:
            if (imported := importer.read(stored)) is not None:
                return imported.cost
        for number, verifier in enumerate(self.legacy):
            if verifier.matches(stored):
                return f"legacy:{number}"
        return ""


def _compare(password: str, record: PhcHash) -> bool | None:
    cost = ScryptParameters.of(record) if record.algorithm == "scrypt" else Argon2Parameters.of(record)
    if not cost.within_limits:
        return None
    try:
        derived = cost.derive_for(record, password.encode("utf-8", "surrogatepass"))
    except UndefinedCost:
        return None
    return ct_eq(derived, record.derived)


def self_test(parameters: ScryptParameters | Argon2Parameters) -> None:
    """
    Check that the algorithm of `parameters` is available.

    Raises:
        HasherUnavailable: OpenSSL lacks scrypt or computes it incorrectly, or the extra ``argon2``
            is not installed or computes it incorrectly.
    """
    if isinstance(parameters, Argon2Parameters):
        known = parse(_KNOWN_ARGON2ID)
        if known is None or not _compare("password", known):
            raise HasherUnavailable("the installed argon2-cffi computes Argon2id incorrectly")
    elif not _computes_scrypt():
        raise HasherUnavailable("this build of Python has no working scrypt; select Argon2id")


def _computes_scrypt() -> bool:
    derive = getattr(hashlib, "scrypt", None)
    try:
        return derive is not None and derive(b"", salt=b"", n=16, r=1, p=1, dklen=16) == _KNOWN_SCRYPT
    except ValueError:
        # An OpenSSL in FIPS mode has the function and rejects the call.
        return False

"""
A cost of passwords that tests can afford: worlds sign in thousands of times, and each derivation takes 50 ms.

What a derivation costs and what it gives is proven in `tests/unit/crypto/password` and `tests/conformance`,
which this leaves alone.

Each world has a store in memory, and creating its tables takes longer than many a test: they are copied from
those of the first one.

redis-py reads its own version from the disk for each connection, which takes some milliseconds, and tests
open thousands: the versions of packages are remembered.

Each client of HTTP reads the certificates that the system trusts, which takes 20 ms, and hardly any needs
them: they are read once for each place that the environment names.
"""

import hashlib
import os
import sqlite3
from contextlib import closing
from functools import lru_cache
from importlib import metadata
from typing import Any

import httpcore2
import pytest

from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.stores.embedded import in_memory_database
from bymax_auth.stores.embedded.schema import prepare
from bymax_auth.testing import engine

__all__ = ["COST", "COST_OPTIONS", "COST_VARIABLES", "cheap_hashes", "make_it_cheap"]

COST = ScryptParameters(log2_n=14, block_size=8, parallelization=2)
"""As cheap as a configuration may be, and known by its parallelization, which nothing else here uses."""

COST_OPTIONS = {"cost_factor": 1 << COST.log2_n, "parallelization": COST.parallelization}
"""The same as a group of the configuration."""

COST_VARIABLES = {
    f"BYMAX_AUTH_PASSWORD__SCRYPT__{name.upper()}": str(value) for name, value in COST_OPTIONS.items()
}
"""The same as variables of the environment."""


def make_it_cheap() -> None:
    """
    Let this process derive with N = 2 for that parallelization.

    Of those that it starts only those that race do so too, as one verifies what another has derived.

    The test kit, which hosts use with the lowest cost that a configuration may have, uses it as well.
    """
    vars(engine)["_FASTEST"] = COST
    derive = hashlib.scrypt

    def derived(password: bytes, *, n: int, p: int, **named: Any) -> bytes:
        return derive(password, n=2 if p == COST.parallelization else n, p=p, **named)

    hashlib.scrypt = derived  # type: ignore[assignment]
    metadata.version = lru_cache(metadata.version)
    read_certificates_once()

    @lru_cache
    def tables() -> bytes:
        first = sqlite3.connect(":memory:", isolation_level=None)
        prepare(first)
        with closing(first):
            return first.serialize()

    vars(in_memory_database)["prepare"] = lambda connection: connection.deserialize(tables())


def read_certificates_once() -> None:
    """Let the clients of this process share what they trust."""
    # Older versions, which `make test-lowest` installs, have no such function.
    read = vars(httpcore2).get("default_ssl_context")

    @lru_cache
    def trusted(trust_env: bool, *_places: str | None) -> Any:
        return read(_trust_env=trust_env)

    def shared(*, _trust_env: bool = True) -> Any:
        return trusted(_trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))

    if read is not None:
        vars(httpcore2)["default_ssl_context"] = shared


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test derive with N = 2 at any cost, as where a guide's configuration names none."""
    derive = hashlib.scrypt
    monkeypatch.setattr(hashlib, "scrypt", lambda password, **named: derive(password, **{**named, "n": 2}))

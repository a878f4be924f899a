"""Hashes that other systems made, by their own libraries, match the passwords that they were made of."""

import json
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.crypto.password import HashFormat, PasswordHasher, ScryptParameters, importers_of

VECTORS: list[dict[str, str]] = json.loads(
    (Path(__file__).parents[2] / "conformance" / "password-imports.json").read_text(encoding="utf-8")
)["hashes"]
CHEAP = ScryptParameters(log2_n=10, block_size=8, parallelization=1)


def named() -> list[Any]:
    return [
        pytest.param(vector, id=f"{vector['format']}-{number}-{vector['library']}")
        for number, vector in enumerate(VECTORS)
    ]


def accepting(*formats: str) -> PasswordHasher:
    return PasswordHasher(CHEAP, importers=importers_of(map(HashFormat, formats)))


@pytest.mark.parametrize("vector", named())
def test_a_hash_of_another_system_matches_its_password(vector: dict[str, str]) -> None:
    """Whoever moves in from there could not sign in."""
    hasher = accepting(vector["format"])

    assert hasher.verify(vector["password"], vector["stored"])
    assert hasher.needs_rehash(vector["stored"])


@pytest.mark.parametrize("kind", HashFormat)
def test_a_hash_of_another_system_matches_no_other_password(kind: HashFormat) -> None:
    """Anybody could sign in."""
    stored = next(vector["stored"] for vector in VECTORS if vector["format"] == kind)

    assert not accepting(kind).verify("another password", stored)


@pytest.mark.parametrize("kind", sorted(set(HashFormat) - {HashFormat.PWDLIB_ARGON2}))
def test_a_format_that_is_not_accepted_matches_nothing(kind: HashFormat) -> None:
    """An operator who ends the acceptance of an old format must have ended it."""
    vector = next(vector for vector in VECTORS if vector["format"] == kind)
    others = sorted(set(HashFormat) - {kind})

    assert not accepting(*others).verify(vector["password"], vector["stored"])


def test_every_format_is_pinned_by_a_hash_of_its_original() -> None:
    """A format that nobody compared with its original may lock every account of it out."""
    assert {vector["format"] for vector in VECTORS} == set(HashFormat)

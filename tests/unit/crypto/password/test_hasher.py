"""Hashing and verifying passwords."""

import hashlib
import os
import sys

import pytest
from argon2 import low_level

from bymax_auth.crypto.password import (
    Argon2Parameters,
    HasherUnavailable,
    PasswordHasher,
    ScryptParameters,
)
from bymax_auth.crypto.password.phc import encode_base64, parse
from bymax_auth.crypto.password.scrypt import UndefinedCost

SCRYPT = ScryptParameters(log2_n=10, block_size=8, parallelization=1)
ARGON2 = Argon2Parameters(memory_kib=64, iterations=1, parallelism=1)
SALT, KEY = "$AAECAwQFBgcICQoLDA0ODw", "$11kKyiyYAc8G7rp3KmncMc44YlkdllIqxOa7pq0fMaU"


class PlainText:
    """Reads the stored text ``plain:<password>``, as some old system wrote it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def matches(self, stored: str) -> bool:
        self.asked.append(stored)
        return stored.startswith("plain:")

    def verify(self, password: str, stored: str) -> bool:
        return stored == f"plain:{password}"


@pytest.mark.parametrize("active", [SCRYPT, ARGON2])
@pytest.mark.parametrize("password", ["correct horse", "pässwörd-🔐", "", "x" * 128])
def test_a_password_matches_its_hash_and_no_other(
    active: ScryptParameters | Argon2Parameters, password: str
) -> None:
    """Nobody could sign in, or anybody could."""
    hasher = PasswordHasher(active)
    stored = hasher.hash(password)
    assert hasher.verify(password, stored)
    assert not hasher.verify(password + "x", stored)
    assert not hasher.needs_rehash(stored)


@pytest.mark.parametrize("active", [SCRYPT, ARGON2])
def test_equal_passwords_have_different_hashes(active: ScryptParameters | Argon2Parameters) -> None:
    """A stolen table would show who shares a password."""
    hasher = PasswordHasher(active)
    assert hasher.hash("same") != hasher.hash("same")


@pytest.mark.parametrize("active", [SCRYPT, ARGON2])
def test_a_hash_has_a_salt_of_16_bytes_and_a_key_of_32(active: ScryptParameters | Argon2Parameters) -> None:
    """A sibling that expects these lengths would refuse it."""
    record = parse(PasswordHasher(active).hash("x"))
    assert record is not None
    assert (len(record.salt), len(record.derived)) == (16, 32)


def test_both_algorithms_verify_whichever_writes() -> None:
    """Changing the algorithm would lock every existing account out."""
    by_scrypt, by_argon2 = PasswordHasher(SCRYPT), PasswordHasher(ARGON2)
    assert by_scrypt.verify("x", by_argon2.hash("x"))
    assert by_argon2.verify("x", by_scrypt.hash("x"))


@pytest.mark.parametrize(
    ("parameters", "stale"),
    [
        ("$scrypt$ln=14,r=8,p=1", False),
        ("$scrypt$ln=15,r=9,p=2", False),
        ("$scrypt$ln=13,r=8,p=1", True),
        ("$scrypt$ln=14,r=7,p=1", True),
        ("$scrypt$ln=15,r=8,p=0", True),
        ("$argon2id$v=19$m=524288,t=9,p=9", True),
        ("plain", True),
    ],
)
def test_a_cheaper_hash_than_scrypt_is_configured_for_is_stale(parameters: str, stale: bool) -> None:
    """Old accounts would keep weak hashes for ever, or strong ones would be weakened."""
    hasher = PasswordHasher(ScryptParameters(log2_n=14, block_size=8, parallelization=1))
    assert hasher.needs_rehash(parameters + SALT + KEY) is stale


@pytest.mark.parametrize(
    ("parameters", "stale"),
    [
        ("$argon2id$v=19$m=19456,t=2,p=1", False),
        ("$argon2id$v=19$m=65536,t=3,p=4", False),
        ("$argon2id$v=19$m=19455,t=2,p=1", True),
        ("$argon2id$v=19$m=19456,t=1,p=1", True),
        ("$argon2id$v=19$m=19456,t=2,p=0", True),
        ("$argon2id$v=16$m=19456,t=2,p=1", True),
        ("$scrypt$ln=22,r=8,p=1", True),
        ("", True),
    ],
)
def test_a_cheaper_hash_than_argon2_is_configured_for_is_stale(parameters: str, stale: bool) -> None:
    """Old accounts would keep weak hashes for ever, or strong ones would be weakened."""
    hasher = PasswordHasher(Argon2Parameters(memory_kib=19456, iterations=2, parallelism=1))
    assert hasher.needs_rehash(parameters + SALT + KEY) is stale


@pytest.mark.parametrize("cost", ["ln=16,r=1,p=1", "ln=22,r=1,p=1"])
def test_a_cost_that_scrypt_does_not_know_matches_nothing(cost: str) -> None:
    """A damaged row within the ceiling would be a server error at every sign-in."""
    assert not PasswordHasher(SCRYPT).verify("x", f"$scrypt${cost}{SALT}{KEY}")


def test_the_largest_cost_that_scrypt_knows_for_small_blocks_matches() -> None:
    """An old hash with small blocks would lock its owner out."""
    derived = hashlib.scrypt(b"x", salt=bytes(16), n=2**15, r=1, p=1, dklen=32)
    stored = f"$scrypt$ln=15,r=1,p=1${encode_base64(bytes(16))}${encode_base64(derived)}"
    assert PasswordHasher(SCRYPT).verify("x", stored)


def test_the_length_of_the_key_is_never_stale() -> None:
    """Two systems on one table would rewrite each other's hashes at every sign-in."""
    hasher = PasswordHasher(SCRYPT)
    derived = hashlib.scrypt(b"x", salt=bytes(16), n=1024, r=8, p=1, dklen=64)
    stored = f"$scrypt$ln=10,r=8,p=1${encode_base64(bytes(16))}${encode_base64(derived)}"
    assert hasher.verify("x", stored)
    assert not hasher.needs_rehash(stored)


def test_hashes_of_an_old_system_verify_and_are_stale() -> None:
    """Accounts moved from another system could not sign in."""
    hasher = PasswordHasher(SCRYPT, (PlainText(),))
    assert hasher.verify("x", "plain:x")
    assert not hasher.verify("y", "plain:x")
    assert not hasher.verify("x", "other:x")
    assert hasher.needs_rehash("plain:x")


@pytest.mark.parametrize("stored", ["$scrypt$ln=31,r=8,p=1", "$argon2id$", "$scrypt$"])
def test_an_old_system_never_judges_a_hash_of_ours(stored: str) -> None:
    """A lax verifier for old hashes would be a way around the ceiling of new ones."""
    old = PlainText()
    assert not PasswordHasher(SCRYPT, (old,)).verify("x", stored)
    assert old.asked == []


def test_without_an_old_system_nothing_else_matches() -> None:
    """A column with plain passwords would be accepted as hashes."""
    assert not PasswordHasher(SCRYPT).verify("plain:x", "plain:x")


def test_a_password_that_is_no_text_matches_nothing_and_is_never_stored() -> None:
    """Hostile JSON would become a server error, or two passwords one hash."""
    hasher = PasswordHasher(SCRYPT)
    assert not hasher.verify("\ud800", hasher.hash("?"))
    with pytest.raises(UnicodeEncodeError):
        hasher.hash("\ud800")


def test_a_broken_system_generator_stops_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A salt from a lesser source could be predicted."""

    def broken(_size: int) -> bytes:
        raise OSError("no entropy")

    hasher = PasswordHasher(SCRYPT)
    monkeypatch.setattr(os, "urandom", broken)
    with pytest.raises(OSError, match="no entropy"):
        hasher.hash("x")


@pytest.mark.parametrize(
    "above",
    [
        ScryptParameters(log2_n=23, block_size=1, parallelization=1),
        ScryptParameters(log2_n=20, block_size=8, parallelization=1),
        ScryptParameters(log2_n=19, block_size=8, parallelization=5),
        ScryptParameters(log2_n=0, block_size=8, parallelization=1),
        ScryptParameters(log2_n=10, block_size=0, parallelization=1),
        ScryptParameters(log2_n=10, block_size=8, parallelization=0),
        Argon2Parameters(memory_kib=524289, iterations=1, parallelism=1),
        Argon2Parameters(memory_kib=524288, iterations=17, parallelism=1),
        Argon2Parameters(memory_kib=1024, iterations=65, parallelism=1),
        Argon2Parameters(memory_kib=1024, iterations=1, parallelism=17),
        Argon2Parameters(memory_kib=1024, iterations=0, parallelism=1),
        Argon2Parameters(memory_kib=1024, iterations=1, parallelism=0),
        Argon2Parameters(memory_kib=127, iterations=1, parallelism=16),
        ScryptParameters(log2_n=1, block_size=256, parallelization=1),
        ScryptParameters(log2_n=1, block_size=1, parallelization=256),
    ],
)
def test_a_cost_that_would_not_verify_is_refused_at_once(above: ScryptParameters | Argon2Parameters) -> None:
    """Every password set from now on would be lost."""
    with pytest.raises(ValueError, match="above the limits"):
        PasswordHasher(above)


@pytest.mark.parametrize(
    "greatest",
    [
        ScryptParameters(log2_n=22, block_size=1, parallelization=4),
        ScryptParameters(log2_n=19, block_size=8, parallelization=4),
        ScryptParameters(log2_n=1, block_size=255, parallelization=1),
        ScryptParameters(log2_n=1, block_size=1, parallelization=255),
        Argon2Parameters(memory_kib=524288, iterations=16, parallelism=1),
        Argon2Parameters(memory_kib=8, iterations=64, parallelism=1),
        Argon2Parameters(memory_kib=128, iterations=1, parallelism=16),
    ],
)
def test_a_cost_at_the_limits_is_within_them(greatest: ScryptParameters | Argon2Parameters) -> None:
    """A hash that was written with the documented limits would lock its owner out."""
    assert greatest.within_limits


@pytest.mark.parametrize(
    "cost", ["$scrypt$ln=23,r=1,p=1", "$scrypt$ln=1,r=256,p=1", "$argon2id$v=19$m=524289,t=1,p=1"]
)
def test_a_hash_above_the_limits_matches_nothing(cost: str) -> None:
    """Whoever can write one row would sign in with any password, or stop the server."""
    assert PasswordHasher(SCRYPT).verify("x", cost + SALT + KEY) is False


def test_scrypt_is_given_the_memory_of_the_dearest_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL refuses what needs more than it is given: a dear hash would be an error at every sign-in."""
    given: list[int] = []
    monkeypatch.setattr(hashlib, "scrypt", lambda *_args, maxmem, **_named: given.append(maxmem) or b"")
    dearest = ScryptParameters(log2_n=19, block_size=8, parallelization=4)
    assert dearest.within_limits

    dearest.derive(b"x", bytes(16), 32)

    # Source: OpenSSL, providers/implementations/kdfs/scrypt.c: p blocks, N blocks and two more.
    assert given[0] >= 128 * dearest.block_size * (4 + 2**19 + 2)


@pytest.mark.parametrize("cost", [(16, 1), (32, 2)])
def test_scrypt_is_not_asked_for_a_cost_that_is_not_defined(cost: tuple[int, int]) -> None:
    """What its library answers then is another error, in each version."""
    log2_n, block_size = cost
    parameters = ScryptParameters(log2_n=log2_n, block_size=block_size, parallelization=1)
    stored = parse(f"$scrypt$ln={log2_n},r={block_size},p=1{SALT}{KEY}")
    assert stored is not None
    with pytest.raises(UndefinedCost):
        parameters.derive_for(stored, b"x")


@pytest.mark.parametrize(
    ("parameters", "mib"),
    [
        (ScryptParameters(log2_n=17, block_size=8, parallelization=1), 128),
        (ScryptParameters(log2_n=17, block_size=8, parallelization=4), 128),
        (ScryptParameters(log2_n=4, block_size=1, parallelization=1), 1),
        (Argon2Parameters(memory_kib=19456, iterations=2, parallelism=1), 19),
        (Argon2Parameters(memory_kib=20479, iterations=2, parallelism=1), 19),
        (Argon2Parameters(memory_kib=8, iterations=1, parallelism=1), 1),
    ],
)
def test_the_working_set_is_what_a_derivation_needs(
    parameters: ScryptParameters | Argon2Parameters, mib: int
) -> None:
    """The thread pool would plan for less memory than it uses."""
    assert parameters.working_set_mib == mib


def test_a_missing_argon2_is_named_at_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first sign-in after a deployment would fail instead of the start."""
    monkeypatch.setitem(sys.modules, "argon2.low_level", None)
    with pytest.raises(HasherUnavailable, match=r"bymax-auth\[argon2\]"):
        PasswordHasher(ARGON2)
    PasswordHasher(SCRYPT)


def test_a_broken_argon2_is_named_at_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes would be written that no working installation can verify."""
    monkeypatch.setattr(low_level, "hash_secret_raw", lambda *_args, hash_len, **_named: bytes(hash_len))
    with pytest.raises(HasherUnavailable, match="incorrectly"):
        PasswordHasher(ARGON2)


def test_a_hash_whose_extra_is_gone_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is called when a sign-in fails would search the library instead of the deployment."""
    stored = PasswordHasher(ARGON2).hash("x")
    monkeypatch.setitem(sys.modules, "argon2.low_level", None)
    with pytest.raises(HasherUnavailable, match=r"bymax-auth\[argon2\]") as raised:
        PasswordHasher(SCRYPT).verify("x", stored)
    assert raised.value.__suppress_context__


def test_argon2_is_not_imported_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without the extra could not even start."""
    for name in [
        name for name in sys.modules if name.partition(".")[0] in {"argon2", "_argon2_cffi_bindings"}
    ]:
        monkeypatch.delitem(sys.modules, name)
    PasswordHasher(SCRYPT).hash("x")
    assert "argon2.low_level" not in sys.modules


def refused(*_args: object, **_named: object) -> bytes:
    raise ValueError("[digital envelope routines] unsupported")


@pytest.mark.parametrize("replacement", [None, lambda *_args, **_named: bytes(16), refused])
def test_an_interpreter_without_scrypt_is_named_at_construction(
    replacement: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some builds of OpenSSL have none, and would fail at the first sign-in."""
    if replacement is None:
        monkeypatch.delattr(hashlib, "scrypt")
    else:
        monkeypatch.setattr(hashlib, "scrypt", replacement)
    with pytest.raises(HasherUnavailable, match="no working scrypt"):
        PasswordHasher(SCRYPT)
    PasswordHasher(ARGON2)


def test_hashes_that_take_equally_long_have_one_cost() -> None:
    """What a derivation takes is remembered by its cost, and not for each account."""
    hasher = PasswordHasher(SCRYPT, (PlainText(),))
    argon2 = PasswordHasher(ARGON2).hash("b")

    assert hasher.cost_of(hasher.hash("a")) == hasher.cost_of(hasher.hash("b")) == "scrypt:ln=10,p=1,r=8"
    assert hasher.cost_of(argon2) == "argon2id:m=64,p=1,t=1"
    assert hasher.cost_of("plain:a") == "legacy:0"
    assert hasher.cost_of("no hash") == ""


class Unreachable:
    """A host's verifier that fails whatever it is asked."""

    def matches(self, stored: str) -> bool:
        raise ConnectionError

    def verify(self, password: str, stored: str) -> bool:
        raise ConnectionError


def test_no_verifier_is_asked_after_one_has_accepted() -> None:
    """A verifier that fails would refuse an account that another has let in."""
    hasher = PasswordHasher(SCRYPT, (PlainText(), PlainText(), Unreachable()))
    assert hasher.compare("a", "plain:a") is True
    with pytest.raises(ConnectionError):
        hasher.compare("b", "plain:a")


def test_a_refusal_without_a_derivation_is_told_from_others() -> None:
    """An account whose hash cannot be derived would be refused at once."""
    hasher = PasswordHasher(SCRYPT, (PlainText(),))
    assert hasher.compare("b", "plain:a") is False
    assert hasher.compare("b", hasher.hash("a")) is False
    assert hasher.compare("b", "of no format") is None
    assert hasher.verify("b", "of no format") is False


def test_the_work_of_both_algorithms_can_be_compared() -> None:
    """Which of two costs is the dearer one must be known before either is derived."""
    assert ScryptParameters(log2_n=17, block_size=8, parallelization=1).work_kib == 2 * 128 * 1024
    assert Argon2Parameters(memory_kib=19_456, iterations=2, parallelism=1).work_kib == 38_912

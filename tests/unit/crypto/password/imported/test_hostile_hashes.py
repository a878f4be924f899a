"""Texts that look like hashes of other systems: damaged, forged, or dearer than anybody would make."""

import json
import sys
from pathlib import Path

import pytest

from bymax_auth.crypto.password import (
    HasherUnavailable,
    HashFormat,
    PasswordHasher,
    ScryptParameters,
    importers_of,
)

VECTORS: list[dict[str, str]] = json.loads(
    (Path(__file__).parents[5] / "conformance" / "password-imports.json").read_text(encoding="utf-8")
)["hashes"]
HASHER = PasswordHasher(
    ScryptParameters(log2_n=10, block_size=8, parallelization=1), importers=importers_of(HashFormat)
)
PLAIN = "correct horse battery staple"
SALT, KEY = "A" * 22, "A" * 43
KEY_64, HEX_32, HEX_64 = "A" * 86, "0" * 64, "0" * 128
CRYPT = "." * 53
SIGNER = f"sk={KEY_64}=="


def of(kind: HashFormat, number: int = 0) -> str:
    return [vector["stored"] for vector in VECTORS if vector["format"] == kind][number]


DAMAGED = {
    "no bcrypt without rounds": f"$2b$${CRYPT}",
    "bcrypt of a defective implementation": f"$2x$12${CRYPT}",
    "bcrypt cut short": f"$2b$12${CRYPT[1:]}",
    "bcrypt, and more": f"$2b$12${CRYPT}\n",
    "bcrypt in other digits": f"$2b$1\u0662${CRYPT}",
    "a hash of Django without a hasher": f"$2b$12${CRYPT}"[1:],
    "Django's PBKDF2 of another digest": f"pbkdf2_md5$1000$salt${KEY}=",
    "Django's PBKDF2 without iterations": f"pbkdf2_sha256$0$salt${KEY}=",
    "Django's PBKDF2 with a plus": f"pbkdf2_sha256$+1$salt${KEY}=",
    "Django's PBKDF2 without padding": f"pbkdf2_sha256$1$salt${KEY}",
    "Django's PBKDF2 with unused bits": f"pbkdf2_sha256$1$salt${'A' * 42}B=",
    "Django's PBKDF2 with unused bits and a lesser character": f"pbkdf2_sha256$1$salt${'A' * 42}+=",
    "Django's PBKDF2 that is none": f"pbkdf2_sha256$1$salt${'!' * 43}=",
    "Django's PBKDF2 without a salt": f"pbkdf2_sha256$1$${KEY}=",
    "Django's scrypt of no power of two": f"scrypt$16383$salt$8$1${KEY_64}==",
    "Django's scrypt of an even N that is no power": f"scrypt$12288$salt$8$1${KEY_64}==",
    "Django's scrypt of N = 1": f"scrypt$1$salt$8$1${KEY_64}==",
    "Django's scrypt cut short": f"scrypt$16384$salt$8$1${KEY}=",
    "Django's scrypt of two bytes more": f"scrypt$16384$salt$8$1${'A' * 88}",
    "Django's scrypt that is none": f"scrypt$16384$salt$8$1${'!' * 88}",
    "Django's scrypt without p": f"scrypt$16384$salt$8${KEY_64}==",
    "Django's bcrypt of a hasher that is listed before": f"a$$2b$12${CRYPT}",
    "Django's bcrypt of a hasher that is listed after": f"z$$2b$12${CRYPT}",
    "Django's Argon2 of a hasher that is listed before": f"a$argon2id$v=19$m=8,t=1,p=1${SALT}${KEY}",
    "Django's Argon2 of a hasher that is listed after": f"z$argon2id$v=19$m=8,t=1,p=1${SALT}${KEY}",
    "Django's Argon2d": f"argon2$argon2d$v=19$m=8,t=1,p=1${SALT}${KEY}",
    "Django's Argon2 without memory": f"argon2$argon2id$v=19$t=1,p=1${SALT}${KEY}",
    "Django's Argon2 that is scrypt": f"argon2$scrypt$ln=10,r=8,p=1${SALT}${KEY}",
    "Django's account without a password": "!Ckmyo1yNLXJbJZlyQT3wYeh3LXOYzPmV",
    "Werkzeug's PBKDF2 of another digest": f"pbkdf2:md5:1000$salt${HEX_32}",
    "Werkzeug's PBKDF2 without iterations": f"pbkdf2:sha256$salt${HEX_32}",
    "Werkzeug's PBKDF2 of half a byte": f"pbkdf2:sha256:1$salt${HEX_32[1:]}",
    "Werkzeug's scrypt of no power of two": f"scrypt:32767:8:1$salt${HEX_64}",
    "Werkzeug's scrypt cut short": f"scrypt:32768:8:1$salt${HEX_32}",
    "Better Auth's in capital digits": f"{'A' * 32}:{HEX_64}",
    "Better Auth's without a salt": f":{HEX_64}",
    "passlib's with a plus": f"$pbkdf2-sha256$1${SALT}${'+' * 43}",
    "passlib's with padding": f"$pbkdf2-sha256$1${SALT}${KEY}=",
    "passlib's with unused bits in the salt": f"$pbkdf2-sha256$1${'A' * 21}B${KEY}",
    "passlib's with unused bits and a lesser character": f"$pbkdf2-sha256$1${'A' * 21}.${KEY}",
    "passlib's of another digest": f"$pbkdf2-md5$1${SALT}${KEY}",
    "Firebase's without a signer key": f"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==${SALT}==${KEY_64}==",
    "Firebase's with an empty signer key": f"$fbscrypt$v=1,n=14,r=8,p=1,sk=$AAAA${KEY_64}==",
    "Firebase's with a signer key that is none": f"$fbscrypt$v=1,n=14,r=8,p=1,sk=!$AAAA${KEY_64}==",
    "Firebase's with a salt that is none": f"$fbscrypt$v=1,n=14,r=8,p=1,{SIGNER}$A${KEY_64}==",
    "Firebase's with a separator that is none": f"$fbscrypt$v=1,n=1,r=8,p=1,ss=B,{SIGNER}$AAAA${KEY_64}==",
    "Firebase's with a signer key cut short": f"$fbscrypt$v=1,n=14,r=8,p=1,sk=AA==$AAAA${KEY_64}==",
    "Firebase's with a longer signer key": f"$fbscrypt$v=1,n=14,r=8,p=1,sk={'A' * 88}$AAAA${KEY_64}==",
    "Firebase's of two bytes more": f"$fbscrypt$v=1,n=14,r=8,p=1,{SIGNER}$AAAA${'A' * 88}",
    "Firebase's cut short": f"$fbscrypt$v=1,n=14,r=8,p=1,{SIGNER}$AAAA$AA==",
    "Firebase's of one byte, as one password in 256 has it": "$fbscrypt$v=1,n=14,r=8,p=1,sk=AA==$AAAA$AA==",
    "Firebase's with a cost in other digits": f"$fbscrypt$v=1,n=1\u0664,r=8,p=1,{SIGNER}$AAAA${KEY_64}==",
    "Firebase's of another version": f"$fbscrypt$v=2,n=14,r=8,p=1,{SIGNER}$AAAA${KEY_64}==",
    "beyond any length": f"pbkdf2_sha256$1${'s' * 600}${KEY}=",
    "beyond ASCII": f"pbkdf2_sha256$1$s\u00e4lt${KEY}=",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_text_that_is_no_hash_matches_nothing(name: str) -> None:
    """A damaged row must refuse its owner, and nobody may choose what a forged one means."""
    stored = DAMAGED[name]

    assert HASHER.cost_of(stored) == ""
    assert not HASHER.verify(PLAIN, stored)


DEAR = {
    "bcrypt for an hour": f"$2b$24${CRYPT}",
    "bcrypt for a minute": f"$2b$16${CRYPT}",
    "bcrypt of too few rounds": f"$2b$03${CRYPT}",
    "Django's bcrypt for an hour": f"bcrypt_sha256$$2b$31${CRYPT}",
    "PBKDF2 for a minute": f"pbkdf2_sha256$99999999$salt${KEY}=",
    "one iteration too many": f"pbkdf2_sha256$4000001$salt${KEY}=",
    "a key of two blocks": f"pbkdf2:sha256:1000$salt${HEX_32}{HEX_32}",
    "a key of less than a block": "pbkdf2:sha256:1000$salt$00",
    "passlib's empty salt for a minute": f"$pbkdf2-sha256$99999999$${KEY}",
    "scrypt for a gigabyte": f"scrypt:1048576:8:1$salt${HEX_64}",
    "scrypt for 256 MiB": f"scrypt:262144:8:1$salt${HEX_64}",
    "scrypt that does half as much again": f"scrypt:131072:8:3$salt${HEX_64}",
    "scrypt for a minute": f"scrypt$16384$salt$8$255${KEY_64}==",
    "scrypt with p beyond its limit": f"scrypt:2:1:300$salt${HEX_64}",
    "Argon2id for a gigabyte": f"argon2$argon2id$v=19$m=1048576,t=1,p=1${SALT}${KEY}",
    "Argon2id for 256 MiB": f"argon2$argon2id$v=19$m=262144,t=1,p=1${SALT}${KEY}",
    "Argon2id for one MiB too many": f"argon2$argon2id$v=19$m=132096,t=1,p=1${SALT}${KEY}",
    "Argon2id for 8 KiB of work too many": f"argon2$argon2id$v=19$m=131073,t=8,p=1${SALT}${KEY}",
    "Argon2i for a minute": f"argon2$argon2i$v=19$m=65536,t=64,p=1${SALT}${KEY}",
    "Firebase's for a gigabyte": f"$fbscrypt$v=1,n=20,r=8,p=1,{SIGNER}$AAAA${KEY_64}==",
    "Firebase's of 999 blocks": f"$fbscrypt$v=1,n=14,r=999,p=1,{SIGNER}$AAAA${KEY_64}==",
    "Firebase's without a block": f"$fbscrypt$v=1,n=14,r=0,p=1,{SIGNER}$AAAA${KEY_64}==",
    "Firebase's of 999 lanes": f"$fbscrypt$v=1,n=14,r=8,p=999,{SIGNER}$AAAA${KEY_64}==",
    "Firebase's of no lane": f"$fbscrypt$v=1,n=14,r=8,p=0,{SIGNER}$AAAA${KEY_64}==",
    "Firebase's of no cost": f"$fbscrypt$v=1,n=0,r=8,p=1,{SIGNER}$AAAA${KEY_64}==",
}


@pytest.mark.parametrize("name", DEAR)
def test_a_hash_above_the_limits_is_refused_and_not_derived(name: str) -> None:
    """One stored row must not occupy a thread for a minute, or the memory of the machine."""
    stored = DEAR[name]

    (imported,) = [found for one in HASHER.importers if (found := one.read(stored)) is not None]
    assert not imported.within_limits
    assert not HASHER.verify(PLAIN, stored)


DEAREST = {
    "bcrypt": f"$2b$15${CRYPT}",
    "PBKDF2": f"pbkdf2_sha256$4000000$salt${KEY}=",
    "scrypt": f"scrypt:131072:8:2$salt${HEX_64}",
    "Argon2id": f"argon2$argon2id$v=19$m=131072,t=8,p=1${SALT}${KEY}",
}
LENGTHY = f"$fbscrypt$v=1,n=14,r=8,p={{}},{SIGNER}${{}}${KEY_64}=="


@pytest.mark.parametrize("name", DEAREST)
def test_a_hash_at_the_limits_is_within_them(name: str) -> None:
    """The accounts of a system that chose a dear cost could not move in."""
    (imported,) = [found for one in HASHER.importers if (found := one.read(DEAREST[name])) is not None]
    assert imported.within_limits


def test_the_longest_text_that_is_read_has_512_characters() -> None:
    """A hash of the documented length would match nothing, or the limit would be another one."""
    salt = "A" * (512 - len(LENGTHY.format(1, "")))
    longest, longer = LENGTHY.format(1, salt), LENGTHY.format(10, salt)
    assert len(longest) == 512

    assert HASHER.cost_of(longest) == "scrypt:ln=14,p=1,r=8"
    assert HASHER.cost_of(longer) == ""
    assert HASHER.cost_of(LENGTHY.format(10, salt[:-4])) == "scrypt:ln=14,p=10,r=8"


@pytest.mark.parametrize(
    "stored",
    [
        f"scrypt:65536:1:1$salt${HEX_64}",
        f"$fbscrypt$v=1,n=16,r=1,p=1,{SIGNER}$AAAA${KEY_64}==",
    ],
)
def test_a_cost_that_scrypt_does_not_know_matches_nothing(stored: str) -> None:
    """A damaged row within the limits would be a server error at every sign-in."""
    assert not HASHER.verify(PLAIN, stored)


def test_a_salt_with_unused_bits_matches_nothing() -> None:
    """The package raises for it, which would be a server error at every sign-in."""
    assert not HASHER.verify(PLAIN, f"$2b$04${'.' * 21}A{'.' * 31}")


@pytest.mark.parametrize("prefix", ["$2a$", "$2y$"])
def test_the_other_names_of_bcrypt_are_the_same(prefix: str) -> None:
    """PHP writes ``2y``, and older systems ``2a``."""
    stored = of(HashFormat.BCRYPT, 2)

    assert HASHER.verify(PLAIN, prefix + stored[4:])


def test_bcrypt_reads_72_bytes_and_no_more() -> None:
    """An account of an older release with a longer password would be locked out."""
    stored, password = of(HashFormat.BCRYPT, 3), VECTORS[3]["password"]
    assert len(password.encode()) > 72

    assert HASHER.verify(password, stored)
    assert HASHER.verify(password.encode()[:72].decode(), stored)
    assert HASHER.verify(f"{password} and more", stored)
    assert not HASHER.verify(password.encode()[:71].decode(), stored)


def test_a_nul_never_matches_bcrypt() -> None:
    """Its key repeats after the terminator, so that a longer password would be the same as a short one."""
    assert not HASHER.verify(f"{PLAIN}\0{PLAIN}", of(HashFormat.BCRYPT, 2))


def test_an_argon2i_of_an_older_django_matches() -> None:
    """Releases before 3.2 wrote it."""
    from argon2 import low_level

    raw = low_level.hash_secret(
        PLAIN.encode(),
        bytes(16),
        time_cost=2,
        memory_cost=512,
        parallelism=2,
        hash_len=16,
        type=low_level.Type.I,
    )
    stored = f"argon2{raw.decode()}"

    assert HASHER.verify(PLAIN, stored)
    assert not HASHER.verify(f"{PLAIN} ", stored)
    assert HASHER.cost_of(stored) == "argon2id:m=512,p=2,t=2"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["format"])
def test_a_lone_surrogate_is_another_password(vector: dict[str, str]) -> None:
    """It has no UTF-8, and must not become a server error."""
    cheap = vector["stored"].startswith(("$2a$04$", "pbkdf2:sha1:1000", "$pbkdf2-", "$fbscrypt$"))
    if cheap:
        assert not HASHER.verify("\ud800", vector["stored"])


@pytest.mark.parametrize(
    ("kind", "module"),
    [
        (HashFormat.BCRYPT, "bcrypt"),
        (HashFormat.DJANGO_ARGON2, "argon2.low_level"),
        (HashFormat.FIREBASE_SCRYPT, "cryptography.hazmat.primitives.ciphers"),
    ],
)
def test_a_package_that_is_gone_is_named(
    kind: HashFormat, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator installs what is said; the exception of an import says which folder was searched."""
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(HasherUnavailable, match=r"bymax-auth\[importers\]"):
        HASHER.verify(PLAIN, of(kind))


@pytest.mark.parametrize("kind", HashFormat)
def test_the_sample_of_a_format_is_one_of_its_hashes(kind: HashFormat) -> None:
    """The cost that it stands for would be missing from the time that a refusal takes."""
    (importer,) = importers_of([kind])
    sample = importer.read(importer.sample)

    assert sample is not None
    assert sample.within_limits
    assert HASHER.cost_of(importer.sample) == sample.cost


@pytest.mark.parametrize("kind", HashFormat)
def test_the_parts_of_a_hash_are_not_shown(kind: HashFormat) -> None:
    """A log of what was read would let its readers guess the password at home."""
    (importer,) = importers_of([kind])
    imported = importer.read(of(kind))
    assert imported is not None

    parts = [getattr(imported, name, b"") for name in ("salt", "derived", "signer_key", "encoded")]
    assert any(parts)
    shown = repr(imported)
    assert not [part for part in parts if part and repr(part) in shown]


@pytest.mark.parametrize("kind", [HashFormat.BCRYPT, HashFormat.DJANGO_PBKDF2])
def test_what_needs_nearly_no_memory_counts_as_one_mib(kind: HashFormat) -> None:
    """The thread pool divides the memory by it."""
    (importer,) = importers_of([kind])
    imported = importer.read(importer.sample)
    assert imported is not None

    assert imported.working_set_mib == 1


def test_a_format_that_is_named_twice_is_tried_once() -> None:
    """An environment variable that repeats itself would be measured twice at every start."""
    assert len(importers_of([HashFormat.BCRYPT, HashFormat.BCRYPT])) == 1

"""Known answers of the primitives, shared with every other implementation of the contract."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.crypto import totp
from bymax_auth.crypto.aead import AesGcmBox, DecryptError
from bymax_auth.crypto.digest import KeyedDigest, derive_identifier_key, sha256_hex
from bymax_auth.crypto.password import Argon2Parameters, PasswordHasher, ScryptParameters
from bymax_auth.crypto.password.phc import parse

ANSWERS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "conformance" / "crypto-vectors.json").read_text(encoding="utf-8")
)
PASSWORDS, AEAD, TOTP = ANSWERS["passwords"], ANSWERS["aead"], ANSWERS["totp"]
SECRET = TOTP["secretAscii"].encode()


def named(vectors: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for vector in vectors]


@pytest.fixture
def hasher() -> PasswordHasher:
    return PasswordHasher(ScryptParameters(log2_n=14, block_size=8, parallelization=1))


@pytest.mark.parametrize("vector", ANSWERS["sha256"])
def test_tokens_are_digested_as_text(vector: dict[str, str]) -> None:
    """A shared store would look for the session under another key."""
    assert sha256_hex(vector["text"]) == vector["hex"]


def test_the_identifier_key_is_derived_as_everywhere() -> None:
    """A sibling that shares the store would find none of its accounts' state."""
    known = ANSWERS["identifierKey"]
    assert derive_identifier_key(known["secret"]) == known["key"].encode()


@pytest.mark.parametrize("vector", ANSWERS["keyedDigests"])
def test_identifiers_are_digested_as_everywhere(vector: dict[str, str]) -> None:
    """A lockout counted by one backend would not hold at its sibling."""
    digest = KeyedDigest.of_secret(ANSWERS["identifierKey"]["secret"])
    assert digest.hex(vector["message"]) == vector["hex"]


@pytest.mark.parametrize("vector", PASSWORDS["written"])
def test_a_hash_is_written_as_everywhere(vector: dict[str, str]) -> None:
    """A sibling could not read what we write."""
    record = parse(vector["stored"])
    assert record is not None
    kind = ScryptParameters if record.algorithm == "scrypt" else Argon2Parameters
    written = kind.of(record).encode(vector["password"].encode(), bytes.fromhex(vector["salt"]))
    assert written == vector["stored"]


@pytest.mark.parametrize("vector", named(PASSWORDS["matching"]))
def test_a_stored_hash_matches_its_password(vector: dict[str, str], hasher: PasswordHasher) -> None:
    """Someone whose account a sibling created could not sign in."""
    assert hasher.verify(vector["password"], vector["stored"])


@pytest.mark.parametrize("vector", named(PASSWORDS["refused"]))
def test_a_wrong_or_greedy_hash_is_refused_without_deriving(
    vector: dict[str, str], hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One stored hostile hash would exhaust the server's memory, or keep its threads busy for minutes."""

    def derived(*_: object) -> bytes:
        raise AssertionError("something was derived")

    monkeypatch.setattr(ScryptParameters, "derive", derived)
    monkeypatch.setattr(Argon2Parameters, "derive", derived)
    assert not hasher.verify("correct horse battery staple", vector["stored"])


@pytest.mark.parametrize("stored", PASSWORDS["admittedAtTheCeiling"])
def test_the_ceiling_itself_is_admitted(
    stored: str, hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account hashed at the highest allowed cost could never sign in."""
    record = parse(stored)
    assert record is not None
    for kind in (ScryptParameters, Argon2Parameters):
        monkeypatch.setattr(kind, "derive", lambda *_: record.derived)
    assert hasher.verify("any", stored)


def test_a_blob_is_sealed_as_everywhere() -> None:
    """A sibling could not read the second factor that someone enrolled here."""
    box = AesGcmBox(b64decode(AEAD["key"]))
    assert box._seal(AEAD["plaintext"], bytes.fromhex(AEAD["nonce"])) == AEAD["blob"]
    assert box.open(AEAD["blob"]) == AEAD["plaintext"]


@pytest.mark.parametrize("vector", named(AEAD["refused"]))
def test_anything_but_a_blob_is_refused(vector: dict[str, str]) -> None:
    """A damaged row would surface as a server error, or as a wrong secret."""
    with pytest.raises(DecryptError):
        AesGcmBox(b64decode(AEAD["key"])).open(vector["blob"])


@pytest.mark.parametrize(("counter", "code"), list(enumerate(TOTP["counters"])))
def test_codes_follow_the_counter(counter: int, code: str) -> None:
    """Authenticator apps would show other digits than we expect.  Source: RFC 4226 appendix D."""
    assert f"{totp.generate(SECRET, counter * 30):06d}" == code


@pytest.mark.parametrize("moment", TOTP["moments"])
def test_codes_follow_the_time(moment: dict[str, Any]) -> None:
    """Authenticator apps would show other digits than we expect.  Source: RFC 6238 appendix B."""
    assert f"{totp.generate(SECRET, moment['time']):06d}" == moment["code"]
    assert totp.verify(SECRET, moment["code"], moment["time"], window=0)


def test_a_code_is_accepted_within_its_window_and_not_outside() -> None:
    """A slow clock would lock people out, or an old code would still work."""
    window = TOTP["window"]
    for moment in window["accepted"]:
        assert totp.verify(SECRET, window["code"], moment, window["width"]), moment
    for moment in window["refused"]:
        assert not totp.verify(SECRET, window["code"], moment, window["width"]), moment


def test_the_secret_and_the_uri_are_spelled_as_apps_read_them() -> None:
    """Scanning the QR code would enrol the wrong secret or a nameless account."""
    uri = TOTP["uri"]
    assert totp.base32_encode(SECRET) == TOTP["base32"]
    assert totp.base32_decode(TOTP["base32"]) == SECRET
    assert totp.provisioning_uri(SECRET, uri["issuer"], uri["account"]) == uri["uri"]

"""Signing keys."""

import copy
import hmac
import pickle

import pytest

from bymax_auth.jwt import keys as keys_module
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.types.secret import Secret

NEW, OLD, OLDER = Secret("n" * 32), Secret("o" * 32), Secret("p" * 32)


@pytest.mark.parametrize("length", [1, 63, 64, 65, 4096])
@pytest.mark.parametrize("message", [b"", b"header.payload", b"x" * 1000])
def test_a_tag_is_plain_hmac(length: int, message: bytes) -> None:
    """No other implementation could verify our tokens, and no published proof would cover them."""
    secret = "k" * length
    assert KeyRing(Secret(secret)).tag(message) == hmac.digest(secret.encode(), message, "sha256")


def test_a_key_serves_any_number_of_messages() -> None:
    """State left over from one token would refuse the next."""
    ring = KeyRing(NEW)
    assert ring.tag(b"a") == ring.tag(b"a") != ring.tag(b"b")


def test_retired_keys_verify_and_never_sign() -> None:
    """Rotating the secret would sign everybody out, or would not retire the old one."""
    ring = KeyRing(NEW, (OLD, OLDER))
    for secret in (NEW, OLD, OLDER):
        assert ring.accepts(b"m", KeyRing(secret).tag(b"m"))
    assert ring.tag(b"m") == KeyRing(NEW).tag(b"m")
    assert not ring.accepts(b"m", KeyRing(Secret("x" * 32)).tag(b"m"))
    assert not KeyRing(NEW).accepts(b"m", KeyRing(OLD).tag(b"m"))


@pytest.mark.parametrize("signer", [NEW, OLD, OLDER, Secret("x" * 32)])
def test_every_key_is_compared_whichever_matches(signer: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of an answer would say which key signed a token."""
    compared: list[bytes] = []

    def counting(a: bytes, b: bytes) -> bool:
        compared.append(a)
        return hmac.compare_digest(a, b)

    monkeypatch.setattr(keys_module, "ct_eq", counting)
    KeyRing(NEW, (OLD, OLDER)).accepts(b"m", KeyRing(signer).tag(b"m"))
    assert len(compared) == 3


@pytest.mark.parametrize("secret", ["", "k" * 4097, "ç" * 2049])
def test_a_secret_no_verifier_could_hold_is_refused(secret: str) -> None:
    """Tokens would be signed that the edge can never verify."""
    with pytest.raises(ValueError, match="1 to 4096 bytes"):
        KeyRing(Secret(secret))
    with pytest.raises(ValueError, match="1 to 4096 bytes"):
        KeyRing(NEW, (Secret(secret),))


def test_a_ring_shows_and_copies_no_key() -> None:
    """A log line, a cache or a traceback would publish the key that signs every session."""
    ring = KeyRing(Secret("swordfish" * 4), (OLD,))
    assert repr(ring) == f"{ring}" == "KeyRing([REDACTED], previous=1)"
    for copied in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(ring)

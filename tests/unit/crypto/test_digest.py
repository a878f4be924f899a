"""Digests that name keys and bind codes."""

import hashlib
import hmac

import pytest

from bymax_auth.crypto.digest import KeyedDigest, derive_identifier_key, sha256_hex


def test_sha256_is_the_lower_case_hex_of_the_utf8_bytes() -> None:
    """A store shared with another implementation finds no session otherwise."""
    assert sha256_hex("açaí") == hashlib.sha256("açaí".encode()).hexdigest()


def test_the_identifier_key_is_the_hex_text_and_not_the_bytes_it_spells() -> None:
    """A backend sharing the store would look under other keys, and every session would be lost."""
    key = derive_identifier_key("s")
    assert len(key) == 64
    assert key == hashlib.sha256(b"bymax-auth:hmac-key:v1:s").hexdigest().encode()


def test_a_keyed_digest_is_plain_hmac_however_often_it_is_used() -> None:
    """State left over from an earlier message would give one account two keys."""
    digest = KeyedDigest(b"k" * 80)
    for message in ("one", "", "açaí", "one"):
        assert digest.hex(message) == hmac.digest(b"k" * 80, message.encode(), "sha256").hex()


def test_a_digest_made_from_a_secret_uses_the_identifier_key() -> None:
    """Two derivations of one secret that differ would split an account's state in two."""
    assert KeyedDigest.of_secret("s").hex("m") == KeyedDigest(derive_identifier_key("s")).hex("m")


def test_a_keyed_digest_does_not_show_its_key() -> None:
    """A traceback with local variables must not publish the key."""
    assert repr(KeyedDigest(b"swordfish")) == "KeyedDigest([REDACTED])"


def test_a_lone_surrogate_is_refused_and_not_replaced() -> None:
    """Two different texts must not share a digest."""
    with pytest.raises(UnicodeEncodeError):
        sha256_hex("\ud800")
    with pytest.raises(UnicodeEncodeError):
        KeyedDigest(b"k").hex("\ud800")

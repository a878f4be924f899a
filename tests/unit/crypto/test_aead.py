"""AES-256-GCM blobs."""

import base64
import os
import sys

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from bymax_auth.crypto.aead import AesGcmBox, CipherUnavailable, DecryptError

KEY, OLD, OTHER = bytes(range(32)), b"o" * 32, b"x" * 32


@given(st.text())
def test_what_is_sealed_opens(plaintext: str) -> None:
    """A second factor could not be checked any more."""
    box = AesGcmBox(KEY)
    assert box.open(box.seal(plaintext)) == plaintext


@given(st.text(max_size=80) | st.text(alphabet="AQgw=:+/-_!", max_size=80))
def test_any_text_opens_or_is_refused(blob: str) -> None:
    """A damaged row would become a server error."""
    with pytest.raises(DecryptError):
        AesGcmBox(KEY).open(blob)


@given(st.data())
def test_a_changed_blob_never_opens(data: st.DataObject) -> None:
    """Whoever can write to the table could choose a second factor."""
    box = AesGcmBox(KEY)
    blob = box.seal("GEZDGNBVGY3TQOJQ")
    at = data.draw(st.integers(0, len(blob) - 1))
    changed = blob[:at] + data.draw(st.sampled_from("AQgwz09+/=:")) + blob[at + 1 :]
    if changed != blob:
        with pytest.raises(DecryptError):
            box.open(changed)


def test_no_nonce_comes_twice() -> None:
    """Two messages under one nonce reveal each other."""
    box = AesGcmBox(KEY)
    assert len({box.seal("same").partition(":")[0] for _ in range(10_000)}) == 10_000


def test_a_retired_key_opens_and_asks_to_be_replaced() -> None:
    """Rotating the key would end every second factor."""
    sealed = AesGcmBox(OLD).seal("secret")
    box = AesGcmBox(KEY, (OTHER, OLD))
    assert box.open_and_check_key(sealed) == ("secret", True)
    assert box.open_and_check_key(box.seal("secret")) == ("secret", False)
    with pytest.raises(DecryptError):
        AesGcmBox(KEY, (OTHER,)).open(sealed)


def test_sealed_bytes_that_are_no_text_are_refused() -> None:
    """A blob of another application would surface as a server error."""
    sealed = AESGCM(KEY).encrypt(bytes(12), b"\xff\xfe", None)
    blob = ":".join(base64.b64encode(part).decode() for part in (bytes(12), sealed[-16:], sealed[:-16]))
    with pytest.raises(DecryptError):
        AesGcmBox(KEY).open(blob)


def test_a_blob_has_the_lengths_that_other_systems_expect() -> None:
    """The same table is read by systems that split a blob into 12 bytes, 16 bytes and the rest."""
    nonce, tag, ciphertext = AesGcmBox(KEY).seal("secret").split(":")
    assert [len(base64.b64decode(part)) for part in (nonce, tag, ciphertext)] == [12, 16, 6]


@pytest.mark.parametrize(("nonce_bytes", "tag_bytes"), [(11, 16), (13, 16), (12, 15), (12, 17)])
def test_parts_of_other_lengths_are_refused(nonce_bytes: int, tag_bytes: int) -> None:
    """One secret would have several spellings, and a shorter tag is easier to guess."""
    nonce = bytes(nonce_bytes)
    sealed = AESGCM(KEY).encrypt(nonce, b"secret", None)
    parts = (nonce, sealed[-tag_bytes:], sealed[:-tag_bytes])
    with pytest.raises(DecryptError):
        AesGcmBox(KEY).open(":".join(base64.b64encode(part).decode() for part in parts))


@pytest.mark.parametrize("odd", [" ", "\n", "-", "=", "A", "\u00e9"])
def test_characters_that_are_no_base64_are_refused(odd: str) -> None:
    """A decoder that skips them would open a blob in any number of spellings."""
    box = AesGcmBox(KEY)
    blob = box.seal("secret")
    for changed in (odd + blob, blob + odd, blob.replace(":", f"{odd}:", 1)):
        with pytest.raises(DecryptError):
            box.open(changed)


def test_every_refusal_is_the_same() -> None:
    """The reason would help whoever is guessing."""
    box, blob = AesGcmBox(KEY), AesGcmBox(OTHER).seal("x")
    said = set()
    for bad in ("", "a:b:c", blob, f"{blob}A"):
        with pytest.raises(DecryptError) as caught:
            box.open(bad)
        said.add((str(caught.value), caught.value.__cause__))
    assert said == {("", None)}


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    """A shorter key would silently select a weaker cipher."""
    with pytest.raises(ValueError, match="32 bytes"):
        AesGcmBox(bytes(length))
    with pytest.raises(ValueError, match="32 bytes"):
        AesGcmBox(KEY, (bytes(length),))


def test_a_missing_library_is_named_at_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first enrolment would fail instead of the start."""
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(CipherUnavailable, match=r"bymax-auth\[mfa\]"):
        AesGcmBox(KEY)


def test_a_broken_system_generator_stops_sealing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeated nonce would reveal what it seals."""

    def broken(_size: int) -> bytes:
        raise OSError("no entropy")

    box = AesGcmBox(KEY)
    monkeypatch.setattr(os, "urandom", broken)
    with pytest.raises(OSError, match="no entropy"):
        box.seal("x")


def test_a_box_does_not_show_its_key() -> None:
    """A traceback with local variables must not publish the key."""
    assert repr(AesGcmBox(KEY, (OLD,))) == "AesGcmBox([REDACTED], previous=1)"


def test_associated_data_is_needed_to_open() -> None:
    """A blob that was copied to another row would be that row's second factor."""
    box = AesGcmBox(KEY)
    sealed = box.seal("secret", b"ana")
    assert box.open_and_check_key(sealed, b"ana") == ("secret", False)
    for other in (b"bob", b"", None):
        with pytest.raises(DecryptError):
            box.open_and_check_key(sealed, other)

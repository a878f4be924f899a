"""Base64url with one spelling per value."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bymax_auth.jwt import base64url


@given(st.binary())
def test_what_is_encoded_decodes(raw: bytes) -> None:
    """A token could not be read back."""
    text = base64url.encode(raw)
    assert text == base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert base64url.decode(text.encode()) == raw


@given(st.binary(max_size=12) | st.text(alphabet="ABQgw048_-+/=* \n", max_size=9).map(str.encode))
def test_only_the_one_spelling_decodes(text: bytes) -> None:
    """Two texts for one token would let a revoked one pass as another."""
    try:
        raw = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(raw).encode() == text


@pytest.mark.parametrize(
    "text", [b"A", b"AB=", b"AA==", b"AB", b"AAB", b"+/+/", b"AA A", b"AAA\n", b"*A", b"\xff\xff"]
)
def test_other_spellings_are_refused(text: bytes) -> None:
    """Padding, stray bits and foreign characters are ways to write a token twice."""
    with pytest.raises(ValueError):  # noqa: PT011
        base64url.decode(text)

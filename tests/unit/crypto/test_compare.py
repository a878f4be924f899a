"""Constant-time comparison."""

import pytest

from bymax_auth.crypto.compare import ct_eq, ct_eq_text


@pytest.mark.parametrize(("a", "b"), [(b"", b""), (b"same", b"same")])
def test_equal_bytes_are_equal(a: bytes, b: bytes) -> None:
    """A right code would be refused."""
    assert ct_eq(a, b)


@pytest.mark.parametrize(("a", "b"), [(b"", b"a"), (b"same", b"sama"), (b"same", b"same ")])
def test_other_bytes_are_not(a: bytes, b: bytes) -> None:
    """A wrong code would be accepted."""
    assert not ct_eq(a, b)


@pytest.mark.parametrize("text", ["", "user@example.com", "açaí", "🔐", "\ud800"])
def test_any_text_is_equal_to_itself(text: str) -> None:
    """A tenant with an accent, or hostile JSON, would turn a comparison into a server error."""
    assert ct_eq_text(text, text[:])


@pytest.mark.parametrize(("a", "b"), [("a", "b"), ("a", "aa"), ("acai", "açaí"), ("\ud800", "?"), ("", "\0")])
def test_other_texts_are_not(a: str, b: str) -> None:
    """A token bound to one address would open another."""
    assert not ct_eq_text(a, b)

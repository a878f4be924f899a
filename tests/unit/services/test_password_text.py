"""One form of a password for every keyboard, and its bounds."""

import sys
import unicodedata

import pytest

from bymax_auth.errors import ValidationFailed
from bymax_auth.services import password_text
from bymax_auth.services.password_text import (
    PASSWORD_MAX_SENT_LENGTH,
    normalize_password,
    password_forms,
    require_password,
)

VIETNAMESE = "\u1ec7" * 54 + "a" * 14
"""68 characters as Windows types them, and 176 as macOS does."""


@pytest.mark.parametrize(
    ("typed", "normalized"),
    [
        ("a\u0301gua", "\u00e1gua"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00"),
        ("\u212b", "\u00c5"),
        ("\u00a0no\u2003break\u3000", " no break "),
        (" Kept As Typed ", " Kept As Typed "),
        ("\ufb01", "\ufb01"),
        ("stra\u00dfe", "stra\u00dfe"),
    ],
    ids=ascii,
)
def test_one_password_has_one_form(typed: str, normalized: str) -> None:
    """Somebody who sets a password on a phone must be able to type it on a laptop."""
    assert normalize_password(typed) == normalized


def test_characters_are_counted_in_the_normalised_form() -> None:
    """A keyboard that sends marks apart must not make a password too long, or long enough."""
    sent = unicodedata.normalize("NFD", VIETNAMESE)
    assert (len(VIETNAMESE), len(sent)) == (68, 176)
    assert require_password(sent, "password", 8) == VIETNAMESE
    with pytest.raises(ValidationFailed):
        require_password(unicodedata.normalize("NFD", "\u1ec7" * 7), "password", 8)
    with pytest.raises(ValidationFailed):
        require_password(unicodedata.normalize("NFD", "\u1ec7" * 129), "password", 8)


def test_no_acceptable_password_is_longer_as_it_is_sent() -> None:
    """A keyboard that sends the longest form of each letter must be understood too."""
    longest = max(len(unicodedata.normalize("NFD", chr(code))) for code in range(sys.maxunicode + 1))
    assert 128 * longest == PASSWORD_MAX_SENT_LENGTH
    widest = unicodedata.normalize("NFD", "\u1f82" * 128)
    assert len(widest) == PASSWORD_MAX_SENT_LENGTH
    assert require_password(widest, "password", 8) == "\u1f82" * 128


@pytest.mark.parametrize("text", ["a" * 129, "a" + "\u0301\u0323" * 256, "a" * 2**20, "\ud800" * 8], ids=len)
def test_what_cannot_be_a_password_is_refused_by_its_field(text: str) -> None:
    """A megabyte of combining marks must not be sorted first."""
    with pytest.raises(ValidationFailed) as refusal:
        require_password(text, "newPassword", 8)
    assert refusal.value.fields[0].field == "newPassword"


def test_the_text_as_it_was_sent_is_a_form_of_its_own_only_where_it_differs() -> None:
    """Every sign-in would be derived twice, or a password from before normalisation match no more."""
    assert password_forms("\u00e1gua") == ("\u00e1gua",)
    assert password_forms("a\u0301gua") == ("\u00e1gua", "a\u0301gua")


def test_a_text_that_is_too_long_is_not_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    """One request with a megabyte of marks would keep a thread busy for minutes."""

    def normalised(_text: str) -> str:
        raise AssertionError("a text that no password can have was normalised")

    monkeypatch.setattr(password_text, "normalize_password", normalised)
    with pytest.raises(ValidationFailed):
        require_password("a" * (PASSWORD_MAX_SENT_LENGTH + 1), "password", 8)

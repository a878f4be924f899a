"""Authenticator codes."""

import os
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bymax_auth.crypto import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    "code",
    ["", "28708", "2870822", "28708a", "２８７０８２", "٢٨٧٠٨٢", "287082\n", " 287082", "+28708", "287 082"],
)
def test_only_six_ascii_digits_are_a_code(code: str) -> None:
    """Another spelling of a used code would be counted as a fresh one."""
    assert not totp.verify(SECRET, code, 59)


@pytest.mark.parametrize(("window", "span"), [(0, 30), (1, 90), (2, 150), (3, 150), (99, 150)])
def test_a_code_lives_as_long_as_its_window(window: int, span: int) -> None:
    """A code would outlive the mark that stops it from being used twice."""
    code = f"{totp.generate(SECRET, 30_000):06d}"
    assert sum(totp.verify(SECRET, code, moment, window) for moment in range(29_000, 31_000)) == span


def test_a_code_is_accepted_one_step_away_unless_another_window_is_named() -> None:
    """Clocks differ by some seconds; each further step is one more code that may be guessed."""
    code = f"{totp.generate(SECRET, 30_000):06d}"
    assert sum(totp.verify(SECRET, code, moment) for moment in range(29_900, 30_130)) == 90


@pytest.mark.parametrize("code", ["755224", "000000"])
def test_every_step_is_compared_whichever_matches(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of an answer would say how far a clock is off."""
    compared: list[bytes] = []
    monkeypatch.setattr(totp, "ct_eq", lambda a, b: compared.append(a) is None and a == b)
    totp.verify(SECRET, code, 45, window=1)
    assert len(compared) == 3


@given(st.binary(min_size=1, max_size=64), st.integers(0, 2**40))
def test_the_code_of_the_moment_verifies(secret: bytes, moment: int) -> None:
    """Someone would be locked out by a code with leading zeros."""
    assert totp.verify(secret, f"{totp.generate(secret, moment):06d}", moment, window=0)


def test_a_new_secret_has_160_bits_from_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shorter or repeated secret could be guessed."""
    secrets = {totp.new_secret() for _ in range(100)}
    assert {len(secret) for secret in secrets} == {20}
    assert len(secrets) == 100

    def broken(_size: int) -> bytes:
        raise OSError("no entropy")

    monkeypatch.setattr(os, "urandom", broken)
    with pytest.raises(OSError, match="no entropy"):
        totp.new_secret()


@given(st.binary(min_size=1, max_size=40))
def test_base32_comes_back(raw: bytes) -> None:
    """A secret typed by hand would differ from the enrolled one."""
    text = totp.base32_encode(raw)
    assert totp.base32_decode(text) == raw
    assert totp.base32_decode(f" {text.lower()[:4]}-{text.lower()[4:]} ") == raw


@given(st.text(max_size=20) | st.text(alphabet="AEIQY27=- abſı018", max_size=20))
def test_any_text_is_base32_or_refused(text: str) -> None:
    """A typing mistake would become a server error."""
    try:
        raw = totp.base32_decode(text)
    except ValueError:
        return
    assert totp.base32_encode(raw) == text.replace(" ", "").replace("-", "").rstrip("=").upper()


@pytest.mark.parametrize(
    "text", ["", " - ", "====", "A", "AAA", "AAAAAA", "A1", "A8", "AB", "ſſ", "A\n", "AA=A"]
)
def test_what_is_not_base32_is_refused(text: str) -> None:
    """A mistyped secret would be accepted, and never match the app."""
    with pytest.raises(ValueError):  # noqa: PT011
        totp.base32_decode(text)


@given(st.text(min_size=1).filter(str.isprintable), st.text(min_size=1).filter(str.isprintable))
def test_any_issuer_and_account_survive_the_uri(issuer: str, account: str) -> None:
    """An issuer with a colon or an ampersand would change what the app enrols."""
    parts = urlsplit(totp.provisioning_uri(SECRET, issuer, account))
    assert [unquote(part) for part in parts.path[1:].split(":")] == [issuer, account]
    assert parse_qs(parts.query) == {
        "secret": [totp.base32_encode(SECRET)],
        "issuer": [issuer],
        "period": ["30"],
        "digits": ["6"],
        "algorithm": ["SHA1"],
    }

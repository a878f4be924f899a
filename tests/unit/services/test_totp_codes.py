"""Codes of an authenticator app."""

from datetime import UTC, datetime, timedelta

import pytest

from bymax_auth.services.totp_codes import TotpCodes, has_totp_form
from bymax_auth.testing import FakeClock

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(("window", "seconds"), [(0, 30), (1, 90), (2, 150)])
def test_a_used_code_is_remembered_as_long_as_it_is_valid(window: int, seconds: int) -> None:
    """A code that is forgotten sooner passes twice."""
    assert TotpCodes(window, FakeClock()).usable_for == timedelta(seconds=seconds)


@pytest.mark.parametrize(("at", "valid"), [(29, True), (59, True), (89, True), (90, False), (200, False)])
def test_a_code_is_valid_in_its_window(at: int, valid: bool) -> None:
    """Source: RFC 6238, appendix B."""
    clock = FakeClock(datetime.fromtimestamp(at, UTC))
    assert TotpCodes(1, clock).matches(SECRET, "287082") is valid


@pytest.mark.parametrize(
    ("code", "is_totp"),
    [
        ("123456", True),
        ("12345", False),
        ("1234567", False),
        ("123456\n", False),
        ("١٢٣٤٥٦", False),
        ("", False),
    ],
)
def test_six_ascii_digits_are_a_code_of_the_app(code: str, is_totp: bool) -> None:
    """Everything else can be a recovery code only."""
    assert has_totp_form(code) is is_totp

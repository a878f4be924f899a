"""QR codes for hosts that render on the server."""

import sys
from xml.etree import ElementTree as ET

import pytest

from bymax_auth.types.qr_code import qr_svg
from bymax_auth.types.results import MfaSetupResult

URI = (
    "otpauth://totp/Bymax%20One:alice%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    "&issuer=Bymax%20One&period=30&digits=6&algorithm=SHA1"
)


def test_a_code_is_one_element_that_scales() -> None:
    """It stands in a page of any width, and in one of strict XML."""
    root = ET.fromstring(qr_svg(URI))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "viewBox" in root.attrib
    assert not {"width", "height"} & set(root.attrib)


def test_a_code_has_no_text_of_the_secret() -> None:
    """A title would be read aloud, and found by a search of the page."""
    drawn = qr_svg(URI)
    assert "GEZDG" not in drawn
    assert "alice" not in drawn
    assert drawn == qr_svg(URI)


def test_an_enrolment_draws_its_own_uri() -> None:
    """What is scanned is what is typed."""
    shown = MfaSetupResult(secret="A" * 32, qr_code_uri=URI, recovery_codes=("a", "b"))
    assert shown.qr_svg() == qr_svg(URI)
    assert (repr(shown), str(shown)) == ("MfaSetupResult(recovery_codes=2)", "recovery_codes=2")
    assert list(shown.model_dump(by_alias=True)) == ["secret", "qrCodeUri", "recoveryCodes"]


def test_a_text_that_is_too_long_is_refused() -> None:
    """A QR code holds about two kilobytes."""
    with pytest.raises(ValueError, match="too"):
        qr_svg("x" * 5_000)


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of the traceback installs it."""
    monkeypatch.setitem(sys.modules, "segno", None)
    with pytest.raises(ModuleNotFoundError, match=r"bymax-auth\[mfa\]"):
        qr_svg(URI)

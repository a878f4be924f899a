"""What logs, hooks and session lists may show."""

import pytest

from bymax_auth.services.privacy import (
    clip_ip,
    device_label,
    is_credential_header,
    log_safe,
    mask_email,
    redact_headers,
    sanitize_headers,
)
from tests.unit.services.parts import CHROME_ON_MAC


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("john.doe@example.com", "j***@example.com"),
        ("élève@example.com", "é***@example.com"),
        ("no-at-sign", "***"),
        ("@example.com", "***"),
        ("a\n@example.com", "a***@example.com"),
        ("a@exam\nple.com", "<malformed>"),
    ],
)
def test_an_address_is_masked_for_logs(email: str, masked: str) -> None:
    """Whoever reads the logs learns neither the address nor a forged record."""
    assert mask_email(email) == masked


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("acme", "acme"),
        ("a\u2028b", "a\u2028b"),
        ("a\nb", "<malformed>"),
        ("a\x9fb", "<malformed>"),
        ("a\ud800b", "<malformed>"),
        ("x" * 300, "x" * 256),
        ("x" * 256 + "\n", "x" * 256),
    ],
)
def test_text_cannot_forge_a_log_record(text: str, safe: str) -> None:
    """A tenant named with a line break would write a record of its own."""
    assert log_safe(text) == safe


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (CHROME_ON_MAC, "Chrome on macOS"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/120 Safari/537 OPR/106", "Opera on Linux"),
        ("Opera/9.80 (Windows NT 6.1)", "Opera on Windows"),
        ("Mozilla/5.0 (Android 14; Mobile) Firefox/120.0", "Firefox on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari on iOS"),
        ("Mozilla/5.0 (iPad) Safari/604.1", "Unknown Browser on iOS"),
        ("MyApp/1.0 iOS/17", "Unknown Browser on iOS"),
        ("Version/17.0", "Unknown Browser on Unknown OS"),
        ("", "Unknown Browser on Unknown OS"),
        (" " * 506 + "Chrome Windows", "Chrome on Unknown OS"),
        (" " * 507 + "Chrome Windows", "Unknown Browser on Unknown OS"),
    ],
)
def test_a_device_is_named_as_a_person_would(agent: str, label: str) -> None:
    """People find the session to end by its label."""
    assert device_label(agent) == label


def test_an_address_of_a_client_keeps_whole_characters() -> None:
    """Half a character in a record could not be read again."""
    assert clip_ip("2001:db8:85a3:8d3:1319:8a2e:370:7348") == "2001:db8:85a3:8d3:1319:8a2e:370:7348"
    assert clip_ip("x" * 60) == "x" * 45
    assert clip_ip("é" * 30) == "é" * 22
    assert clip_ip("\ud800x") == "x"


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Cookie", "Set-Cookie", "Forwarded", "X-Api-Key", "X-Request-Token", "X-Hub-Signature"],
)
def test_credentials_in_headers_reach_no_hook_and_no_log(name: str) -> None:
    """A hook that logs its headers would log a session."""
    assert is_credential_header(name.lower())
    assert sanitize_headers([(name.encode(), b"secret")]) == {}
    assert redact_headers({name: "secret"}) == {name: "[REDACTED]"}


@pytest.mark.parametrize("name", ["X-Token", "Session-Token", "X-Tenant-Id", "X-Request-Id", "Host"])
def test_other_headers_are_kept(name: str) -> None:
    """A tenant resolver needs them."""
    assert sanitize_headers([(name, "value")]) == {name.lower(): "value"}
    assert redact_headers({name: "value"}) == {name: "value"}


def test_the_last_of_repeated_headers_counts_and_what_is_no_text_is_dropped() -> None:
    """A resolver must see one text per header, whatever a client sends."""
    pairs = [(b"X-Tenant-Id", b"a"), (b"x-tenant-id", b"b"), (b"x-tenant-id", b"\xff"), (b"\xff", b"c")]

    assert sanitize_headers(pairs) == {"x-tenant-id": "b"}

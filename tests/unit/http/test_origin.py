import pytest

from bymax_auth.http.origin import TrustedOrigins
from tests.unit.http.scopes import http_scope

LISTED = ("https://app.example.com",)

CELLS = [
    (None, None, True, True),
    (None, "https://app.example.com", True, True),
    (None, "https://evil.example", True, False),
    ("same-origin", None, True, True),
    ("same-origin", "https://evil.example", True, True),
    ("none", None, True, True),
    ("none", "https://evil.example", True, True),
    ("cross-site", "https://app.example.com", False, True),
    ("same-site", "https://app.example.com", False, True),
    ("cross-site", "HTTPS://APP.example.com", False, True),
    ("same-site", "HTTPS://APP.example.com", False, True),
    ("cross-site", "https://evil.example", False, False),
    ("same-site", "https://evil.example", False, False),
    ("cross-site", None, False, False),
    ("same-site", None, False, False),
    ("Same-Origin", None, False, False),
    ("", None, False, False),
    (None, "null", True, False),
    ("cross-site", "null", False, False),
]


@pytest.mark.parametrize(("site", "origin", "unlisted", "listed"), CELLS)
def test_a_page_may_send_requests_only_from_where_the_table_says(
    site: str | None, origin: str | None, unlisted: bool, listed: bool
) -> None:
    """One wrong cell lets a stranger's page sign a visitor in, or keeps the real page out."""
    headers = [
        (name, value) for name, value in (("sec-fetch-site", site), ("origin", origin)) if value is not None
    ]
    lines = http_scope(headers)["headers"]
    assert TrustedOrigins(()).admit(lines) is unlisted
    assert TrustedOrigins(LISTED).admit(lines) is listed


def test_a_header_that_is_no_text_counts_as_absent() -> None:
    """Bytes that no browser sends must not be compared as if they meant something."""
    garbage = http_scope([("sec-fetch-site", b"same-origin\xff"), ("origin", b"\xff")])["headers"]
    assert TrustedOrigins(LISTED).admit(garbage)


def test_only_ascii_letters_are_folded() -> None:
    """The Kelvin sign folds into a k for Unicode; an origin spelt with it belongs to someone else."""
    origins = TrustedOrigins(("https://\u212aelvin.example",))
    folded = http_scope([("sec-fetch-site", "cross-site"), ("origin", "https://kelvin.example")])["headers"]
    assert not origins.admit(folded)


def test_the_first_of_two_headers_decides() -> None:
    """A proxy that appends its own line must not be able to speak for the browser."""
    lines = http_scope([("sec-fetch-site", "cross-site"), ("sec-fetch-site", "none")])["headers"]
    assert not TrustedOrigins(()).admit(lines)
    lines = http_scope([("origin", "https://evil.example"), ("origin", LISTED[0])])["headers"]
    assert not TrustedOrigins(LISTED).admit(lines)

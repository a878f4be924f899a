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


@pytest.mark.parametrize(
    ("origin", "admitted"),
    [
        ("https://app.example.com", True),
        ("HTTPS://App-2.Example.com", True),
        ("https://pr_7.example.com", True),
        ("https://xn--caf-dma.example.com", True),
        ("https://app.local.example:8443", True),
        ("https://example.com", False),
        ("https://.example.com", False),
        ("https://a.b.example.com", False),
        ("http://app.example.com", False),
        ("https://app.example.com:8443", False),
        ("https://app.example.com.evil.example", False),
        ("https://appXexample.com", False),
        ("https://evil.example/.example.com", False),
        ("https://evil.example#.example.com", False),
        ("https://user@app.example.com", False),
        ("https://-app.example.com", False),
        ("https://app-.example.com", False),
        ("https://app.local.example", False),
        (f"https://{'a' * 64}.example.com", False),
        ("https://*.example.com", False),
        ("null", False),
    ],
)
def test_an_asterisk_is_one_label(origin: str, admitted: bool) -> None:
    """A pattern that means more than it says trusts pages that somebody else can publish."""
    origins = TrustedOrigins(("https://*.example.com", "https://*.local.example:8443"))
    lines = http_scope([("sec-fetch-site", "cross-site"), ("origin", origin)])["headers"]
    assert origins.admit(lines) is admitted


def test_a_pattern_is_a_list_too() -> None:
    """With only patterns listed, an origin that none of them names is not taken for unclassifiable."""
    lines = http_scope([("origin", "https://evil.example")])["headers"]
    assert TrustedOrigins(()).admit(lines)
    assert not TrustedOrigins(("https://*.example.com",)).admit(lines)


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


@pytest.mark.parametrize(
    ("host", "origin", "admitted"),
    [
        ("auth.example.com:443", "https://auth.example.com", True),
        ("AUTH.example.com:443", "HTTPS://auth.example.com", True),
        ("auth.example.com:80", "http://auth.example.com", True),
        ("auth.example.com:8443", "https://auth.example.com:8443", True),
        ("auth.example.com:8443", "https://auth.example.com", False),
        ("auth.example.com:443", "http://auth.example.com", False),
        ("auth.example.com:443", "https://evil.example", False),
        ("auth.example.com:4430", "https://auth.example.com", False),
        (":443", "https://", False),
        ("", "https://", False),
    ],
)
def test_a_default_port_in_the_host_names_the_same_page(host: str, origin: str, admitted: bool) -> None:
    """A proxy that sends `$host:$server_port` would keep the own page's WebSockets out."""
    scope = http_scope([("host", host), ("origin", origin)])
    assert TrustedOrigins(()).admit_credentials({**scope, "scheme": "http"}) is admitted


def test_headers_may_be_read_once() -> None:
    """A server may give an iterator, whose second reading would find no origin and admit every page."""
    lines = [(b"host", b"app.example.com"), (b"origin", b"https://evil.example")]
    origins = TrustedOrigins(LISTED)
    assert origins.admit(iter(lines)) is False
    assert origins.admit_credentials({"type": "http", "headers": iter(lines)}) is False
    own = [(b"host", b"app.example.com"), (b"origin", b"https://app.example.com")]
    assert TrustedOrigins(()).admit_credentials({"type": "http", "headers": iter(own)}) is True

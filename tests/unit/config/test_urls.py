"""Hosts and origins are read as a browser reads them."""

import pytest

from bymax_auth.config.urls import (
    host_of,
    is_bare_origin,
    is_same_origin_path,
    is_secure_url,
    port_of,
    shown_url,
)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://u@h.example:8443/p", "h.example"),
        ("//evil.example/p", "evil.example"),
        ("https://a@b/", "b"),
        (r"https://evil.example\@ok.example", "evil.example"),
        ("https://[::1]:8443/p", "[::1]"),
        ("https:///p", None),
        ("/x", None),
        ("https://a@b@c/", "c"),
        ("https://evil.example?@ok.example", "evil.example"),
        ("https://evil.example#@ok.example", "evil.example"),
        ("https://", None),
        ("", None),
        ("https://:443/", None),
        ("https://h.example", "h.example"),
    ],
)
def test_the_host_is_the_one_a_browser_goes_to(url: str, host: str | None) -> None:
    """Reading another host than the browser does lets a list of allowed hosts be walked around."""
    assert host_of(url) == host


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://[::1]:8443",
        "chrome-extension://abc",
        "coap+tcp://g.example",
        "HTTPS://A.example",
    ],
)
def test_a_bare_origin_is_accepted(origin: str) -> None:
    """These are what browsers send."""
    assert is_bare_origin(origin)


@pytest.mark.parametrize(
    "text",
    [
        "https://app.example.com/",
        "https://a/x",
        "app.example.com",
        "https://e@a",
        "https://",
        "://a",
        "ht!tp://a",
        "not a url",
        "https://a?x",
        "https://a#x",
        "https://a\\x",
        "https://:1",
        "https://b\u00fccher.example",
        "https://*.b\u00fccher.example",
        "https://a b.example",
        "https://a.example\n",
        "https://a.example,https://b.example",
        "//a",
        "",
    ],
)
def test_anything_else_is_no_origin(text: str) -> None:
    """An entry that can never equal an Origin header would silently lock a page out."""
    assert not is_bare_origin(text)


@pytest.mark.parametrize(
    ("url", "expected"),
    [("/x", True), ("/", True), ("//x", False), ("/\\x", False), ("x", False), ("", False)],
)
def test_a_path_stays_on_its_origin(url: str, expected: bool) -> None:
    """Two slashes, or a slash and a backslash, leave the site."""
    assert is_same_origin_path(url) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [("https://a", True), ("http://a", False), ("https:///a", False), ("HTTPS://a", False)],
)
def test_a_secure_url_is_https_with_a_host(url: str, expected: bool) -> None:
    """A redirect over http would carry a session in the clear."""
    assert is_secure_url(url) is expected


@pytest.mark.parametrize(
    ("origin", "port"),
    [("https://a:1", "1"), ("https://a", None), ("https://[::1]:8", "8"), ("https://a:", ""), ("a", None)],
)
def test_the_port_is_what_follows_the_host(origin: str, port: str | None) -> None:
    """A port in the wrong form never equals what a browser sends."""
    assert port_of(origin) == port


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pass@a.example/p?token=1#x", "https://a.example/p"),
        ("//user:pass@a.example/p", "a.example/p"),
        ("https:/user:pass@a.example", "a.example"),
        ("user:pass@a.example", "a.example"),
        ("https://a.example/?to=https://user:pass@b.example", "https://a.example/"),
        ("/p?token=1", "/p"),
        ("a.example", "a.example"),
    ],
)
def test_a_url_is_shown_without_credentials(url: str, shown: str) -> None:
    """Problems are printed into logs, and URLs can hold passwords."""
    assert shown_url(url) == shown

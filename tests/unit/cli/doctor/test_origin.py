"""Where a browser would go, and which origins are asked."""

import pytest

from bymax_auth.cli.doctor.origin import (
    Destination,
    Origin,
    OriginRefused,
    destination,
    path_argument,
    same_page,
)

APP = Origin("https", "app.test", 443)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://app.test", "https://app.test"),
        ("https://app.test/", "https://app.test"),
        ("HTTPS://APP.test:443", "https://app.test"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_read_as_a_browser_reads_it(text: str, shown: str) -> None:
    """Another server is asked than the one that was named."""
    assert str(Origin.parse(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "app.test",
        "ftp://app.test",
        "file:///etc/passwd",
        "https://",
        "https:app.test",
        "https://ana@app.test",
        "https://ana:hunter2@app.test",
        "https://@app.test",
        "https://app.test\\@evil.example",
        "https://app.test/dashboard",
        "https://app.test/?x=1",
        "https://app.test/#x",
        "https://app.test:0",
        "https://app.test:99999",
        "https://app test",
        "https://app.test\n",
        "https://[::1",
        "",
    ],
)
def test_what_is_no_origin_is_refused_without_repeating_it(text: str) -> None:
    """A password in a URL ends in the log of a pipeline, or a path is silently ignored."""
    with pytest.raises(OriginRefused) as refused:
        Origin.parse(text)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("location", "there"),
    [
        ("/a?b=1#c", "https://app.test/a?b=1"),
        ("b", "https://app.test/x/b"),
        ("../b", "https://app.test/b"),
        ("?q", "https://app.test/x/y?q"),
        ("", "https://app.test/x/y"),
        ("#top", "https://app.test/x/y"),
        ("/a/./%2e%2E/..", "https://app.test/"),
        ("/é", "https://app.test/%C3%A9"),
        ("https:b", "https://app.test/x/b"),
        ("https:/b", "https://app.test/b"),
        ("\\b", "https://app.test/b"),
        ("/%2fevil.example", "https://app.test/%2fevil.example"),
        ("/..//evil.example", "https://app.test//evil.example"),
        ("/x?u=//evil.example", "https://app.test/x?u=//evil.example"),
        ("//evil.example", "https://evil.example/"),
        ("///evil.example/a/../b", "https://evil.example/b"),
        ("/\\evil.example", "https://evil.example/"),
        ("\\\\evil.example", "https://evil.example/"),
        ("/\t/evil.example", "https://evil.example/"),
        (" \n//evil.example?q", "https://evil.example/?q"),
        ("https:\\/evil.example", "https://evil.example/"),
        ("http:evil.example", "http://evil.example/"),
        ("HtTpS://EVIL.example.:444/", "https://evil.example:444/"),
        ("https://app.test@evil.example", "https://evil.example/"),
        ("https://app.test:x@evil.example:443", "https://evil.example/"),
        ("https://%65vil.example", "https://evil.example/"),
        ("https://[::1]:8/a", "https://[::1]:8/a"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://evil.example:port", None),
    ],
)
def test_a_redirect_leads_where_a_browser_takes_it(location: str, there: str | None) -> None:
    """A redirect to another site is taken for one to a path, and the other way round."""
    found = destination(location, APP, "/x/y?z")
    assert (None if found is None else f"{found.origin}{found.target}") == there


def test_a_page_by_http_takes_https_without_slashes_for_another_site() -> None:
    """The same text is a path on a page by https, which alone was looked at."""
    found = destination("https:evil.example", Origin("http", "app.test", 80), "/")
    assert found == Destination(Origin("https", "evil.example", 443), "/")


@pytest.mark.parametrize(
    "form",
    [
        "/a/b/",
        "//a//b",
        "/a/%62",
        "/A/B",
        "/a/b.rsc",
        "/a/b/index.html",
        "/x/../a/b",
        "/a/b.",
        "/a/b;c=d",
        "/a/b?c",
    ],
)
def test_forms_of_a_path_are_the_same_page(form: str) -> None:
    """A redirect from one form of the page to another is taken for a refusal."""
    assert same_page(form, "/a/b")
    assert not same_page(form, "/a/c")
    assert not same_page("/login", form)


@pytest.mark.parametrize("text", ["dashboard", "//dashboard", "/a?b", "/a#b", "/a\\b", "/a\nb", ""])
def test_what_is_no_path_is_refused(text: str) -> None:
    """Another address is asked than the one that was meant, and found to be sound."""
    with pytest.raises(ValueError, match="a path"):
        path_argument(text)


def test_a_path_is_encoded_as_a_browser_encodes_it() -> None:
    """A page whose name is not ASCII cannot be examined."""
    assert path_argument("/conta é/%2e{x}") == "/conta%20%C3%A9/%2e%7Bx%7D"

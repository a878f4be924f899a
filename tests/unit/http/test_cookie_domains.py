import logging
from collections.abc import Sequence
from typing import Any

import pytest

from bymax_auth.http.cookies import AllowlistDomainResolver, CookieDomains, host_name
from tests.unit.http.scopes import view_of


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("app.example.com", "app.example.com"),
        ("App.Example.com:8000", "App.Example.com"),
        ("localhost:8000", "localhost"),
        ("[::1]:8000", ""),
        ("[::1]", ""),
        ("exa mple.com", ""),
        ("example.com;evil", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_host_is_known_by_its_name_alone(header: str | None, name: str) -> None:
    """A resolver must never see a port or text that is no host name."""
    assert host_name(header) == name


@pytest.mark.parametrize(
    ("host", "domains"),
    [
        ("example.com", ("example.com",)),
        ("app.example.com", ("example.com",)),
        ("APP.EXAMPLE.COM", ("example.com",)),
        ("notexample.com", ()),
        ("example.com.evil.example", ()),
        ("", ()),
        ("b.other.test", ("other.test",)),
    ],
)
def test_the_allow_list_covers_hosts_and_their_subdomains(host: str, domains: tuple[str, ...]) -> None:
    """A look-alike host must not receive the session of the real one."""
    assert AllowlistDomainResolver((".Example.com", "other.test"))(host) == domains


@pytest.mark.parametrize(
    ("resolved", "domain"),
    [
        ([], None),
        (["example.com"], "example.com"),
        ([".example.com"], "example.com"),
        (["one.example", "two.example"], "one.example"),
        (["exa;mple.com"], None),
        (["example.com; Secure"], None),
        (["example.com\r\nx: y"], None),
        ([""], None),
    ],
)
def test_only_the_first_clean_domain_is_used(
    resolved: Sequence[str], domain: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """What a resolver answers becomes a header, so it must not be able to write one."""
    with caplog.at_level(logging.WARNING, "bymax_auth"):
        assert CookieDomains(lambda _host: resolved).of(view_of([("host", "app.example.com")])) == domain
    assert len(caplog.records) == (1 if domain is None and resolved else 0)


@pytest.mark.parametrize("answer", ["example.com", 5, (5,), {"example.com": 1}, {"example.com"}], ids=repr)
def test_an_answer_of_the_wrong_kind_leaves_the_cookies_host_only(
    answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A text is a sequence of letters, and a browser drops the session of the domain "e"."""
    with caplog.at_level(logging.WARNING, "bymax_auth"):
        assert CookieDomains(lambda _host: answer).of(view_of()) is None
    (record,) = caplog.records
    assert record.__dict__["why"] == "TypeError"


def test_the_resolver_sees_the_host_without_its_port() -> None:
    """An allow-list of names would never match a host with a port."""
    seen: list[str] = []

    def resolve(host: str) -> Sequence[str]:
        seen.append(host)
        return ()

    CookieDomains(resolve).of(view_of([("host", "app.example.com:8443")]))
    CookieDomains(resolve).of(view_of([("host", "[::1]:8000")]))
    assert seen == ["app.example.com", ""]
    assert CookieDomains(None).of(view_of()) is None


def test_a_failing_resolver_leaves_the_cookies_host_only(caplog: pytest.LogCaptureFixture) -> None:
    """A session that exists must reach its browser, and the log must not print the host's exception."""

    def fail(host: str) -> Sequence[str]:
        raise RuntimeError("the database said secret-text")

    with caplog.at_level(logging.WARNING, "bymax_auth"):
        assert CookieDomains(fail).of(view_of()) is None
    (record,) = caplog.records
    assert record.__dict__["event"] == "cookies.domain_ignored"
    assert record.__dict__["why"] == "RuntimeError"
    assert "secret-text" not in caplog.text

import pytest

from bymax_auth.http.cookies import SessionCookies
from tests.unit.http.configs import resolved
from tests.unit.http.scopes import view_of

GONE = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"


def lines(headers: tuple[tuple[bytes, bytes], ...]) -> list[str]:
    assert all(name == b"set-cookie" for name, _ in headers)
    return [value.decode() for _, value in headers]


def test_production_plants_the_three_cookies_to_the_letter() -> None:
    """An attribute that is missing or misspelt gives the session to scripts or to other sites."""
    assert lines(SessionCookies(resolved()).set("aaa.bbb.ccc", "cd" * 32, None)) == [
        "access_token=aaa.bbb.ccc; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax",
        f"refresh_token={'cd' * 32}; Path=/auth; Max-Age=604800; HttpOnly; Secure; SameSite=Strict",
        "has_session=1; Path=/; Max-Age=604800; Secure; SameSite=Lax",
    ]


def test_a_clear_repeats_every_attribute_of_its_plant() -> None:
    """A browser keeps a Secure cookie that a weaker line tries to overwrite: still signed in."""
    assert lines(SessionCookies(resolved()).clear(None)) == [
        f"access_token=; Path=/; {GONE}; HttpOnly; Secure; SameSite=Lax",
        f"refresh_token=; Path=/auth; {GONE}; HttpOnly; Secure; SameSite=Strict",
        f"has_session=; Path=/; {GONE}; Secure; SameSite=Lax",
    ]


def test_development_drops_secure_and_nothing_else() -> None:
    """A browser refuses Secure cookies over plain http, and nobody could sign in on their own machine."""
    assert lines(SessionCookies(resolved(environment="development")).set("a", "r", None)) == [
        "access_token=a; Path=/; Max-Age=900; HttpOnly; SameSite=Lax",
        "refresh_token=r; Path=/auth; Max-Age=604800; HttpOnly; SameSite=Strict",
        "has_session=1; Path=/; Max-Age=604800; SameSite=Lax",
    ]


@pytest.mark.parametrize(("same_site", "word"), [("none", "None"), ("strict", "Strict"), ("lax", "Lax")])
def test_the_refresh_cookie_is_strict_whatever_is_configured(same_site: str, word: str) -> None:
    """Another site must never be able to spend a refresh token."""
    access, refresh, signal = lines(
        SessionCookies(resolved(cookies={"same_site": same_site})).set("a", "r", None)
    )
    assert access.endswith(f"; SameSite={word}")
    assert refresh.endswith("; SameSite=Strict")
    assert signal.endswith(f"; SameSite={word}")


def test_a_domain_stands_before_the_path() -> None:
    """A session for all subdomains must be cleared on the domain it was planted on."""
    cookies = SessionCookies(resolved())
    planted, cleared = lines(cookies.set("a", "r", "example.com")), lines(cookies.clear("example.com"))
    assert planted[0] == (
        "access_token=a; Domain=example.com; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax"
    )
    assert cleared[1] == (
        f"refresh_token=; Domain=example.com; Path=/auth; {GONE}; HttpOnly; Secure; SameSite=Strict"
    )


def test_names_lifetimes_and_paths_follow_the_configuration() -> None:
    """A deployment under another path or name must still get its own cookies back."""
    config = resolved(
        route_prefix="/api/v1/",
        jwt={"access_cookie_max_age": "PT1H", "refresh_expires_in_days": 2},
        cookies={"access_token_name": "at", "refresh_token_name": "rt", "session_signal_name": "hs"},
    )
    assert lines(SessionCookies(config).set("a", "r", None)) == [
        "at=a; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax",
        "rt=r; Path=/api/v1; Max-Age=172800; HttpOnly; Secure; SameSite=Strict",
        "hs=1; Path=/; Max-Age=172800; Secure; SameSite=Lax",
    ]
    moved = resolved(cookies={"refresh_cookie_path": "/api/auth"})
    assert "; Path=/api/auth; " in lines(SessionCookies(moved).set("a", "r", None))[1]


def test_only_carried_cookies_are_cleared_when_asked_so() -> None:
    """A bearer client that never had a cookie must not be sent three."""
    cookies = SessionCookies(resolved())
    view = view_of([("cookie", "has_session=1; access_token=; other=1")])
    assert lines(cookies.clear_carried(view, None)) == [f"has_session=; Path=/; {GONE}; Secure; SameSite=Lax"]
    assert cookies.clear_carried(view_of(), None) == ()


def test_prefixed_cookies_are_set_and_cleared_under_the_same_name() -> None:
    """A clear of another name leaves the session in the browser."""
    cookies = SessionCookies(resolved(cookies={"prefixed_names": True}))
    assert lines(cookies.set("a", "r", None)) == [
        "__Host-access_token=a; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax",
        "__Secure-refresh_token=r; Path=/auth; Max-Age=604800; HttpOnly; Secure; SameSite=Strict",
        "__Host-has_session=1; Path=/; Max-Age=604800; Secure; SameSite=Lax",
    ]
    assert [line.partition("=")[0] for line in lines(cookies.clear(None))] == [
        "__Host-access_token",
        "__Secure-refresh_token",
        "__Host-has_session",
    ]
    view = view_of([("cookie", "access_token=old; __Secure-refresh_token=r")])
    assert lines(cookies.clear_carried(view, None)) == [
        f"__Secure-refresh_token=; Path=/auth; {GONE}; HttpOnly; Secure; SameSite=Strict"
    ]

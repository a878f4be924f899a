import pytest

from bymax_auth.http.request import header_text, route_path
from tests.unit.http.scopes import http_scope, view_of


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        ("/auth/login", "", "/auth/login"),
        ("/auth/login", "/auth", "/login"),
        ("/api/auth/login", "/api/auth", "/login"),
        ("/auth", "/auth", ""),
        ("/authority", "/auth", "/authority"),
        ("/login", "/auth", "/login"),
    ],
)
def test_the_route_path_is_what_stands_below_the_mount(path: str, root: str, expected: str) -> None:
    """Frameworks that strip the mount point and frameworks that keep it must both find the route."""
    assert route_path(http_scope(path=path, root_path=root)) == expected


def test_a_server_may_leave_the_root_path_out() -> None:
    """The protocol makes it optional, so its absence must not fail every request."""
    scope = http_scope(path="/auth/login")
    del scope["root_path"]
    assert route_path(scope) == "/auth/login"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["access_token=abc"], "abc"),
        (["a=1; access_token=abc; b=2"], "abc"),
        (["access_token=one; access_token=two"], "two"),
        (["access_token=one", "access_token=two"], "two"),
        ([" access_token = abc "], "abc"),
        (["access_token=a=b"], "a=b"),
        (["access_token=%41"], "%41"),
        (['access_token="abc"'], '"abc"'),
        (["access_token="], None),
        (["access_token"], None),
        (["ACCESS_TOKEN=abc"], None),
        ([], None),
    ],
)
def test_cookies_are_read_as_they_were_planted(lines: list[str], expected: str | None) -> None:
    """A cookie read another way than it was written signs people out."""
    assert view_of([("cookie", line) for line in lines]).cookie("access_token") == expected


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        (["access_token=one"], ("one",)),
        (["access_token=one; access_token=one"], ("one",)),
        (["access_token=1; access_token=2", "access_token=1; access_token=3"], ("1", "2", "3")),
        (["access_token=; access_token=two"], ("two",)),
        (["access_token=two; access_token="], ("two",)),
        (["access_token="], ()),
        (["other=1; other=2"], ()),
        ([], ()),
    ],
)
def test_different_values_of_one_cookie_are_all_seen(lines: list[str], values: tuple[str, ...]) -> None:
    """A value that is hidden by another may be the one that the browser's owner was given."""
    view = view_of([("cookie", line) for line in lines])
    assert view.cookie_values("access_token") == values
    assert view.cookie_values("access_token") == values


def test_a_cookie_header_that_is_too_long_is_not_read() -> None:
    """A megabyte of names would block the event loop on a route that needs no sign-in."""
    short = "a=;" * 5_000 + "access_token=abc"
    assert view_of([("cookie", short)]).cookie("access_token") == "abc"
    for lines in ([f"access_token=a; access_token=b; {short}{short}"], ["access_token=a", short, short]):
        view = view_of([("cookie", line) for line in lines])
        assert view.cookie_values("access_token") == ()


def test_cookies_are_parsed_once() -> None:
    """Three guards that ask for three cookies must not parse the header three times."""
    view = view_of([("cookie", "a=1; b=2")])
    assert view.cookie("a") == "1"
    view.scope["headers"] = []
    assert view.cookie("b") == "2"


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"plain", "plain"), (b"tab\there", "tab\there"), (b"", ""), (b"\xff", None), (b"a\x00b", None)],
)
def test_a_header_value_is_visible_text_or_nothing(raw: bytes, text: str | None) -> None:
    """Control characters in a header must not travel on into logs and comparisons."""
    assert header_text(raw) == text


def test_a_header_is_found_by_its_first_line() -> None:
    """Which of two lines counts must not depend on chance."""
    view = view_of([("host", "a.example"), ("host", "b.example")])
    assert view.header(b"host") == "a.example"
    assert view.header(b"origin") is None
    assert view.lines(b"host") == [b"a.example", b"b.example"]

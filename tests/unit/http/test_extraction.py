import pytest

from bymax_auth.http.extraction import TokenChannels, bearer_token
from tests.unit.http.configs import resolved
from tests.unit.http.scopes import view_of

COOKIES = ("cookie", "access_token=from-cookie; refresh_token=r-cookie")
HEADER = ("authorization", "Bearer from-header")


def channels(delivery: str) -> TokenChannels:
    return TokenChannels(resolved(token_delivery=delivery))


@pytest.mark.parametrize(
    ("delivery", "headers", "expected"),
    [
        ("cookie", [COOKIES, HEADER], "from-cookie"),
        ("cookie", [HEADER], None),
        ("cookie", [("cookie", "access_token="), HEADER], None),
        ("bearer", [COOKIES, HEADER], "from-header"),
        ("bearer", [COOKIES], None),
        ("both", [COOKIES, HEADER], "from-cookie"),
        ("both", [HEADER], "from-header"),
        ("both", [("cookie", "access_token="), HEADER], "from-header"),
        ("both", [("cookie", "access_token=not.a.token"), HEADER], "not.a.token"),
        ("both", [], None),
    ],
)
def test_the_access_token_comes_from_the_channel_of_the_mode(
    delivery: str, headers: list[tuple[str, str]], expected: str | None
) -> None:
    """A second channel that is read by surprise is a second way in."""
    assert channels(delivery).access(view_of(headers)) == expected


@pytest.mark.parametrize(
    ("delivery", "headers", "in_body", "expected"),
    [
        ("cookie", [COOKIES], "r-body", "r-cookie"),
        ("cookie", [], "r-body", "r-body"),
        ("cookie", [("cookie", "refresh_token=")], "r-body", "r-body"),
        ("bearer", [COOKIES], "r-body", "r-body"),
        ("bearer", [COOKIES], None, None),
        ("both", [COOKIES], "r-body", "r-cookie"),
        ("both", [], "r-body", "r-body"),
        ("both", [], "", None),
        ("both", [], None, None),
    ],
)
def test_the_refresh_token_comes_from_the_channel_of_the_mode(
    delivery: str, headers: list[tuple[str, str]], in_body: str | None, expected: str | None
) -> None:
    """A stray cookie of an earlier deployment must not shadow what a bearer client sends."""
    assert channels(delivery).refresh(view_of(headers), in_body) == expected


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("BEARER abc", "abc"),
        ("Bearer\tabc", "abc"),
        ("  Bearer   abc  ", "abc"),
        ("Bearer abc def", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("abc", None),
        ("Basic abc", None),
        ("Bearerabc", None),
        ("", None),
        (b"Bearer a\xa0b", "a\xa0b"),
    ],
)
def test_the_authorization_header_has_one_form(value: str | bytes, token: str | None) -> None:
    """A client that spells the scheme another way is still heard; a malformed header is nothing."""
    assert bearer_token(view_of([("authorization", value)])) == token


def test_two_authorization_headers_are_none() -> None:
    """A proxy may have judged the other one."""
    assert bearer_token(view_of([HEADER, HEADER])) is None


@pytest.mark.parametrize("delivery", ["cookie", "bearer", "both"])
def test_no_token_is_read_from_the_url(delivery: str) -> None:
    """URLs are logged, shared and sent on in Referer."""
    view = view_of([], query_string=b"access_token=t&refresh_token=t&token=t")
    assert channels(delivery).access(view) is None
    assert channels(delivery).refresh(view, None) is None
    assert bearer_token(view) is None

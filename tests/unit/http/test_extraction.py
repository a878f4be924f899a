import pytest

from bymax_auth.errors import TokenInvalid
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


def strict(delivery: str) -> TokenChannels:
    return TokenChannels(resolved(token_delivery=delivery, cookies={"refuse_conflicts": True}))


TWO = ("cookie", "access_token=a1; access_token=a2; refresh_token=r1; refresh_token=r2")


@pytest.mark.parametrize("delivery", ["cookie", "both"])
def test_two_values_of_a_cookie_are_no_token_where_conflicts_are_refused(delivery: str) -> None:
    """The visitor of a hostile subdomain would work, and pay, in the account of its owner."""
    view = view_of([TWO, HEADER])
    with pytest.raises(TokenInvalid):
        strict(delivery).access(view)
    with pytest.raises(TokenInvalid):
        strict(delivery).refresh(view, "r-body")
    assert strict(delivery).carries_access(view)
    assert channels(delivery).access(view) == "a2"
    assert channels(delivery).refresh(view, None) == "r2"
    same = view_of([("cookie", "access_token=a1; access_token=; access_token=a1")])
    assert strict(delivery).access(same) == "a1"


def test_cookies_that_are_not_read_do_not_conflict() -> None:
    """Leftovers of an earlier deployment must not lock out a client that sends a header."""
    assert strict("bearer").access(view_of([TWO, HEADER])) == "from-header"
    assert strict("bearer").refresh(view_of([TWO]), "r-body") == "r-body"


@pytest.mark.parametrize(
    ("delivery", "headers", "in_body", "pairs"),
    [
        ("cookie", [TWO], "r-body", (("a1", "r1"), ("a2", "r2"))),
        (
            "cookie",
            [("cookie", "access_token=a1; refresh_token=r1; refresh_token=r2")],
            None,
            (("a1", "r1"), (None, "r2")),
        ),
        ("cookie", [HEADER], "r-body", ((None, "r-body"),)),
        ("both", [HEADER], "", (("from-header", None),)),
        ("both", [], None, ((None, None),)),
        ("bearer", [TWO, HEADER], "r-body", (("from-header", "r-body"),)),
        (
            "cookie",
            [("cookie", ";".join(f"refresh_token=r{number}" for number in range(9)))],
            None,
            ((None, "r5"), (None, "r6"), (None, "r7"), (None, "r8")),
        ),
    ],
)
def test_signing_out_ends_whichever_value_is_the_callers(
    delivery: str, headers: list[tuple[str, str]], in_body: str | None, pairs: object
) -> None:
    """A cookie that somebody else set must not keep the caller's own session alive."""
    assert strict(delivery).to_end(view_of(headers), in_body) == pairs
    assert len(channels(delivery).to_end(view_of(headers), in_body)) == 1


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


def test_the_cookie_that_opens_a_host_route_is_the_one_whose_origin_is_checked() -> None:
    """An empty cookie of a sibling subdomain would hide the owner's from the check of the page."""
    hidden = view_of([("cookie", "access_token=a1; access_token=")])
    assert strict("cookie").access(hidden) == strict("cookie").access_cookie(hidden) == "a1"
    with pytest.raises(TokenInvalid):
        strict("cookie").access_cookie(view_of([TWO]))
    assert strict("bearer").access_cookie(view_of([TWO])) is None

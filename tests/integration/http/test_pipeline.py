"""The order of a request's checks: who learns what, and what it costs them."""

from datetime import timedelta

import pytest

from bymax_auth.http.config import RateLimitConfig
from bymax_auth.http.routes import ROUTES, AnyRoute
from tests.integration.http.driver import Answer
from tests.integration.http.requests import BODIES, GUARDED, JSON_ROUTES, path_of, route_id
from tests.integration.http.world import LOGIN, World, a_world, user

CROSS_SITE = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]
UNTRUSTED = (
    b'{"error":{"code":"auth.untrusted_origin","message":"Request origin not allowed","details":null}}'
)
TOKEN_INVALID = b'{"error":{"code":"auth.token_invalid","message":"Invalid token","details":null}}'


def is_uncached(answer: Answer) -> bool:
    return (answer.header("cache-control"), answer.header("pragma")) == ("no-store", "no-cache")


@pytest.mark.parametrize("spec", GUARDED, ids=route_id)
async def test_a_stranger_learns_nothing_about_a_guarded_route(world: World, spec: AnyRoute) -> None:
    """An answer about the body would describe a route that is not theirs to call."""
    answer = await world.driver.call(spec.method, path_of(spec), raw=b"{")
    assert (answer.status, answer.body) == (401, TOKEN_INVALID)


@pytest.mark.parametrize("spec", [spec for spec in JSON_ROUTES if spec.access.guards], ids=route_id)
async def test_a_caller_is_told_of_a_malformed_body(world: World, spec: AnyRoute) -> None:
    """A client with a bug hears of it once it is known to be somebody's."""
    cookies = await world.signed_in()
    answer = await world.driver.call(spec.method, path_of(spec), raw=b"{", cookies=cookies)
    assert (answer.status, answer.code) == (400, "auth.validation")


async def test_a_blocked_account_is_told_that_first(world: World) -> None:
    """What is wrong with the form does not matter to somebody who may not send it."""
    cookies = await world.signed_in()
    world.users.replace(user(status="BANNED"))
    answer = await world.driver.call("POST", "/password/change", raw=b"{", cookies=cookies)
    assert (answer.status, answer.code) == (403, "auth.account_banned")


CHANGING = [spec for spec in ROUTES if spec.method != "GET" and not spec.any_origin]


@pytest.mark.parametrize("spec", CHANGING, ids=route_id)
async def test_a_cross_site_request_is_refused_before_anything_else(spec: AnyRoute) -> None:
    """A page of another site must neither sign its visitor in nor use up their budget."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        for _ in range(25):
            answer = await world.driver.call(spec.method, path_of(spec), raw=b"{", headers=CROSS_SITE)
            assert (answer.status, answer.body) == (403, UNTRUSTED)
            assert is_uncached(answer)
        answer = await world.driver.call(spec.method, path_of(spec), raw=b"{")
        assert answer.status != 429


async def test_a_listed_origin_passes(caplog: pytest.LogCaptureFixture) -> None:
    """An app on a sibling subdomain is the commonest deployment there is."""
    async with a_world(cookies={"trusted_origins": ["https://app.example.com"]}) as world:
        own = [("sec-fetch-site", "same-site"), ("origin", "https://app.example.com")]
        assert (await world.driver.call("POST", "/login", json_body=LOGIN, headers=own)).status == 200
        other = [("origin", "https://evil.example")]
        answer = await world.driver.call("POST", "/login", json_body=LOGIN, headers=other)
        assert (answer.status, answer.body) == (403, UNTRUSTED)
    (record,) = [entry for entry in caplog.records if entry.__dict__.get("event") == "origin.refused"]
    assert record.__dict__["origin"] == "https://evil.example"
    assert record.__dict__["route"] == "login"


async def test_refused_origins_are_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """These requests spend no budget: a page that repeats them would fill the disk with the same line."""
    async with a_world(cookies={"trusted_origins": ["https://app.example.com"]}) as world:

        async def refused(origin: str) -> None:
            headers = [("origin", origin)]
            assert (await world.driver.call("POST", "/login", raw=b"{}", headers=headers)).status == 403

        await refused("https://evil.example")
        world.clock.advance(timedelta(seconds=59))
        for number in range(100):
            await refused(f"https://{number}.evil.example")
        world.clock.advance(timedelta(seconds=1))
        await refused("https://staging.example.com")
        await refused("https://evil.example")
    told = [vars(entry) for entry in caplog.records if vars(entry).get("event") == "origin.refused"]
    assert [(one["origin"], one["suppressed"]) for one in told] == [
        ("https://evil.example", 0),
        ("https://staging.example.com", 100),
    ]
    assert told[1]["origins"] == tuple(f"https://{number}.evil.example" for number in range(8))


async def test_reading_is_not_checked(world: World) -> None:
    """A link from another site leads to a page that reads its visitor's account."""
    answer = await world.driver.call("GET", "/me", cookies=await world.signed_in(), headers=CROSS_SITE)
    assert answer.status == 200


async def test_a_bad_request_spends_budget_and_a_wrong_method_does_not() -> None:
    """Guesses count even when they are badly written; a lost client does not lock its user out."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        for _ in range(10):
            assert (await world.driver.call("GET", "/login")).status == 405
        for _ in range(5):
            assert (await world.driver.call("POST", "/login", raw=b"{")).status == 400
        answer = await world.driver.call("POST", "/login", raw=b"{")
        assert (answer.status, answer.code) == (429, "auth.too_many_requests")


async def test_a_bad_token_spends_budget() -> None:
    """A token that is guessed at costs what a real one costs."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        for _ in range(5):
            answer = await world.driver.call("DELETE", "/sessions/all", cookies={"access_token": "x"})
            assert answer.status == 401
        assert (await world.driver.call("DELETE", "/sessions/all")).status == 429


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/login", "POST"),
        ("HEAD", "/me", "GET"),
        ("OPTIONS", "/login", "POST"),
        ("POST", "/me", "GET"),
        ("PUT", "/sessions", "GET"),
        ("GET", "/sessions/all", "DELETE"),
        ("DELETE", "/sessions/revoke-all", "POST"),
        ("HEAD", "/sessions", "GET"),
        ("GET", f"/sessions/{'0' * 64}", "DELETE"),
        ("TRACE", "/password/change", "POST"),
    ],
)
async def test_a_known_path_names_its_methods(world: World, method: str, path: str, allow: str) -> None:
    """A scanner's HEAD must not run a handler, and a lost client can find its way."""
    answer = await world.driver.call(method, path, cookies=await world.signed_in())
    assert (answer.status, answer.body, answer.header("allow")) == (405, b"", allow)
    assert answer.header("content-length") == "0"
    assert answer.header("content-type") is None
    assert is_uncached(answer)


@pytest.mark.parametrize(
    "path",
    ["", "/", "/nothing", "/login/", "/Login", "//login", "/login/x", "/sessions/", "/sessions/a/b", "/me "],
)
async def test_an_unknown_path_is_nowhere(world: World, path: str) -> None:
    """There are no second spellings, and no redirect that trusts the Host header."""
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        answer = await world.driver.call(method, path)
        assert (answer.status, answer.body, answer.header("location")) == (404, b"", None)
        assert is_uncached(answer)


@pytest.mark.parametrize("spec", ROUTES, ids=route_id)
async def test_no_answer_of_a_route_may_be_stored(world: World, spec: AnyRoute) -> None:
    """A cache between two people must not hand one the other's session."""
    answers = [
        await world.driver.call(spec.method, path_of(spec), json_body=BODIES.get(spec.name)),
        await world.driver.call(spec.method, path_of(spec), raw=b"{"),
        await world.driver.call(spec.method, path_of(spec), raw=b"0" * 1_048_577),
    ]
    await world.stores.aclose()
    answers.append(await world.driver.call(spec.method, path_of(spec), json_body=BODIES.get(spec.name)))
    assert all(is_uncached(answer) for answer in answers)
    for answer in answers:
        assert (answer.header("content-type") == "application/json") is bool(answer.body)
        assert answer.header("x-content-type-options") == ("nosniff" if answer.body else None)
        assert answer.header("www-authenticate") is None

"""Sign-in with a provider that is refused, at every step."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import StoreUnavailable
from bymax_auth.http.config import RateLimitConfig
from bymax_auth.ports.one_time import OAUTH_STATE
from tests.integration.http.providers import (
    CLEARED,
    FAILED,
    PAGES,
    ZOE,
    Open,
    arrive,
    depart,
    returned,
    signed_in,
)
from tests.integration.http.world import EMAIL, TENANT, World, a_world, user


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world(hooks=Open()) as ready:
        yield ready


@pytest.fixture
async def paged() -> AsyncIterator[World]:
    """A deployment that has pages for every outcome."""
    async with a_world(hooks=Open(), oauth=PAGES) as ready:
        yield ready


# ── failure ──────────────────────────────────────────────────────────────────────────────────────────────

REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"provider_id": "unwelcome"}, 401, "oauth_failed"),
    ({"email": "ADA@example.com"}, 409, "oauth_email_mismatch"),
    ({"email": EMAIL, "provider_id": "banned"}, 403, "account_banned"),
    ({"provider_id": "5", "email": "eve@example.com", "verified": False}, 403, "email_not_verified"),
]


@pytest.mark.parametrize("pages", [False, True])
@pytest.mark.parametrize(("person", "status", "code"), REFUSED, ids=[row[2] for row in REFUSED])
async def test_a_refusal_is_a_page_with_its_code_or_an_envelope(
    person: dict[str, Any], status: int, code: str, pages: bool
) -> None:
    """Somebody who is turned away would look at a line of JSON, or at a page that cannot say why."""
    options: dict[str, Any] = {"oauth": PAGES} if pages else {}
    banned = user(id="u2", email="ben@example.com", status="BANNED")
    async with a_world(
        hooks=Open(), accounts=(user(), banned), email_verification={"required": True}, **options
    ) as world:
        await world.users.link_oauth("u2", "memory", "banned", tenant_id=TENANT)
        answer = await signed_in(world, **person)
        assert answer.all("set-cookie") == [CLEARED]
        assert answer.header("referrer-policy") == "no-referrer"
        if pages:
            assert (answer.status, answer.body) == (302, b"")
            assert answer.header("location") == f"https://app.example.com/sign-in?error={code}#form"
        else:
            assert (answer.status, answer.code) == (status, f"auth.{code}")


BASES = {
    "https://app.example.com/cb": "https://app.example.com/cb?error=oauth_failed",
    "https://app.example.com/cb?next=/x": "https://app.example.com/cb?next=/x&error=oauth_failed",
    "https://app.example.com/cb#frag": "https://app.example.com/cb?error=oauth_failed#frag",
    "/error": "/error?error=oauth_failed",
    "https://a/e?x=1#f": "https://a/e?x=1&error=oauth_failed#f",
    "https://a/e#f?g": "https://a/e?error=oauth_failed#f?g",
}


@pytest.mark.parametrize("base", BASES)
async def test_the_code_stands_in_the_query_before_a_fragment(base: str) -> None:
    """A page could not read it, or its own parameters would be lost."""
    async with a_world(oauth={"error_redirect_url": base}) as world:
        answer = await signed_in(world)
        assert (answer.status, answer.header("location")) == (302, BASES[base])


@pytest.mark.parametrize("page", ["success_redirect_url", "mfa_redirect_url", "error_redirect_url"])
@pytest.mark.parametrize(
    "url", ["/a\r\nset-cookie: a=b", "/ü", "https://app.example.com/a b", f"/{'a' * 4096}"]
)
async def test_a_page_that_cannot_be_sent_is_a_refusal_before_anything_is_written(
    page: str, url: str
) -> None:
    """A session would be left behind that nobody has, and the code of the sign-in spent for nothing."""
    async with a_world(hooks=Open(), oauth={page: url}) as world:
        person = {"provider_id": "unwelcome"} if page == "error_redirect_url" else {}
        back, cookies = await returned(world, **person)
        answer = await arrive(world, back, cookies)
        assert (answer.status, answer.body, answer.all("set-cookie")) == (401, FAILED, [CLEARED])
        assert await world.users.find_by_email(ZOE, tenant_id=TENANT) is None
        kept = await world.engine.stores.proofs.read(OAUTH_STATE, sha256_hex(back["state"]))  # type: ignore[union-attr]
        assert (kept is None) is (page == "error_redirect_url")


@pytest.mark.parametrize("given", [{"error": "access_denied", "error_description": "<b>no</b>"}, {}])
async def test_a_provider_that_sends_no_code_is_a_refusal(paged: World, given: dict[str, str]) -> None:
    """Somebody who pressed "cancel" would see an error of the server, or the provider's words on our page."""
    back, cookies = await returned(paged)
    answer = await arrive(paged, {"state": back["state"], **given}, cookies)
    assert answer.header("location") == "https://app.example.com/sign-in?error=oauth_failed#form"
    assert answer.all("set-cookie") == [CLEARED]
    kept = await paged.engine.stores.proofs.read(OAUTH_STATE, sha256_hex(back["state"]))  # type: ignore[union-attr]
    assert kept is not None


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"code": "c"}, ["state"]),
        ({"state": "", "code": "c"}, ["state"]),
        ({"state": "s" * 129, "code": "c"}, ["state"]),
        ({"state": "s", "code": ""}, ["code"]),
        ({"state": "s", "code": "c" * 2_049}, ["code"]),
        ({"state": "s", "error": "e" * 129}, ["error"]),
        ({"state": "s", "error_description": "e" * 513}, ["error_description"]),
        ({"state": "s", "error_uri": "e" * 513}, ["error_uri"]),
        ({"state": "s", "iss": "e" * 513}, ["iss"]),
        ({"state": "s", "scope": "e" * 2_049}, ["scope"]),
        ({"state": "s", "authuser": "e" * 17}, ["authuser"]),
        ({"state": "s", "prompt": "e" * 65}, ["prompt"]),
        ({"state": "s", "hd": "e" * 254}, ["hd"]),
    ],
    ids=range(13),
)
async def test_a_return_that_is_malformed_is_an_envelope_and_clears_nothing(
    paged: World, given: dict[str, str], fields: list[str]
) -> None:
    """A page of another site could end a sign-in in progress by embedding a picture of this address."""
    _, cookies = await returned(paged)
    answer = await arrive(paged, given, cookies)
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", fields)
    assert answer.all("set-cookie") == []


async def test_a_repeated_parameter_is_refused_and_an_unknown_one_ignored(world: World) -> None:
    """Two codes mean two things to two readers; providers send parameters of their own."""
    back, cookies = await returned(world)
    query = f"{urlencode(back)}&code=other".encode()
    twice = await world.driver.call("GET", "/oauth/memory/callback", query=query, cookies=cookies)
    assert (twice.status, twice.fields) == (400, ["query"])
    answer = await arrive(world, {**back, "session_state": "x", "scope": "openid email"}, cookies)
    assert answer.status == 200, answer.body


async def test_a_return_without_the_cookie_leaves_the_state(world: World) -> None:
    """A link on another page would end somebody's sign-in."""
    back, cookies = await returned(world)
    others: list[dict[str, str] | None] = [None, {"oauth_state": "a" * 64}, {"oauth_state": ""}]
    for other in others:
        refused = await arrive(world, back, other)
        assert (refused.status, refused.body, refused.all("set-cookie")) == (401, FAILED, [CLEARED])
    assert (await arrive(world, back, cookies)).status == 200


async def test_a_state_that_a_sibling_host_can_plant_is_none() -> None:
    """Its page would sign a browser that has no cookie of its own in to the account of a stranger."""
    async with a_world(hooks=Open(), cookies={"prefixed_names": True}) as world:
        back, cookies = await returned(world)
        assert list(cookies) == ["__Host-oauth_state"]
        answer = await arrive(world, back, {"oauth_state": back["state"]})
        assert (answer.status, answer.body) == (401, FAILED)
        assert answer.all("set-cookie") == [f"__Host-{CLEARED}"]
        assert (await arrive(world, back, cookies)).status == 200


async def test_two_cookies_of_a_state_are_none(world: World) -> None:
    """Another host of the domain would plant one of its own beside the browser's."""
    back, cookies = await returned(world)
    planted = [("cookie", f"oauth_state={'a' * 64}"), ("cookie", f"oauth_state={cookies['oauth_state']}")]
    refused = await arrive(world, back, None, headers=planted)
    assert (refused.status, refused.body) == (401, FAILED)
    same = [("cookie", f"oauth_state={cookies['oauth_state']}")] * 2
    assert (await arrive(world, back, None, headers=same)).status == 200


async def test_a_return_works_once(world: World) -> None:
    """Whoever finds the address in the browser's history would be signed in."""
    back, cookies = await returned(world)
    assert (await arrive(world, back, cookies)).status == 200
    again = await arrive(world, back, cookies)
    assert (again.status, again.body) == (401, FAILED)


async def test_of_two_returns_at_once_one_is_signed_in(world: World) -> None:
    """A double click would make two sessions of one code."""
    back, cookies = await returned(world)
    answers = await asyncio.gather(*(arrive(world, back, cookies) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401, 401]


async def test_a_return_of_another_provider_is_refused(world: World) -> None:
    """A dishonest provider would get the code that an honest one has issued."""
    back, cookies = await returned(world)
    for name in ("apple", "google", "memory"):
        answer = await arrive(world, back, cookies, name)
        assert (answer.status, answer.body) == (401, FAILED), name
    assert world.provider.callbacks == world.apple.callbacks == []


@pytest.mark.parametrize("path", ["/oauth/memory", "/oauth/memory/callback"])
async def test_a_scanners_head_spends_nothing(world: World, path: str) -> None:
    """A mail program that looks at a link would end the sign-in."""
    back, cookies = await returned(world)
    for method in ("HEAD", "OPTIONS", "PUT"):
        answer = await world.driver.call(method, path, query=urlencode(back).encode(), cookies=cookies)
        assert answer.status == 405
    assert (await arrive(world, back, cookies)).status == 200


async def test_an_outage_is_an_envelope_and_is_reported(
    paged: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A monitor would see a redirect, and the operator nothing."""
    back, cookies = await returned(paged)

    async def fail(*_arguments: Any, **_named: Any) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(paged.engine, "oauth_callback", fail)
        answer = await arrive(paged, back, cookies)
    assert (answer.status, answer.code) == (503, "auth.unavailable")
    assert answer.all("set-cookie") == [CLEARED]
    assert [origin for origin, _ in paged.failures] == ["oauth_callback"]


async def test_both_directions_are_limited(world: World) -> None:
    """A script would fill the store with states, or a provider with our requests."""
    defaults = RateLimitConfig()
    limits = RateLimitConfig(
        **{
            **dict.fromkeys(RateLimitConfig.__dataclass_fields__),
            "oauth_initiate": defaults.oauth_initiate,
            "oauth_callback": defaults.oauth_callback,
        }
    )
    async with a_world(hooks=Open(), rate_limits=limits, oauth=PAGES) as limited:
        left = [(await depart(limited)).status for _ in range(11)]
        assert left == [302] * 10 + [429]
        came = [await arrive(limited, {"state": "s", "code": "c"}, None) for _ in range(11)]
        assert [answer.status for answer in came] == [302] * 10 + [429]
        assert (came[-1].code, came[-1].all("set-cookie")) == ("auth.too_many_requests", [])
    assert world.engine.route_groups.oauth


async def test_without_the_group_there_are_no_routes() -> None:
    """Whoever does not sign in with providers would have addresses that answer."""
    async with a_world(controllers={"oauth": False}) as world:
        for path in ("/oauth/memory", "/oauth/memory/callback"):
            assert (await world.driver.call("GET", path)).status == 404

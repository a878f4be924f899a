"""Sign-in with a provider, as a browser navigates through it."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bymax_auth.config.resolvers import TenantUnresolved
from bymax_auth.testing import InMemoryOAuthProvider
from tests.integration.http.factors import enrolled
from tests.integration.http.providers import CLEARED, FAILED, PAGES, ZOE, Open, depart, signed_in
from tests.integration.http.world import EMAIL, TENANT, World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world(hooks=Open()) as ready:
        yield ready


@pytest.fixture
async def paged() -> AsyncIterator[World]:
    """A deployment that has pages for every outcome."""
    async with a_world(hooks=Open(), oauth=PAGES) as ready:
        yield ready


# ── departure ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_browser_is_sent_to_the_provider_with_a_cookie(world: World) -> None:
    """Without the cookie, a link of a stranger would finish a sign-in that they have begun."""
    left = await depart(world)
    assert (left.status, left.body, left.header("content-length")) == (302, b"", "0")
    location = left.header("location")
    assert location is not None
    assert location.startswith("https://memory.example/authorize?")
    state = parse_qs(urlsplit(location).query)["state"][0]
    assert left.all("set-cookie") == [
        f"oauth_state={state}; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax"
    ]
    assert (left.header("cache-control"), left.header("referrer-policy")) == ("no-store", "no-referrer")


@pytest.mark.parametrize("same_site", ["strict", "none"])
async def test_the_cookie_of_a_state_is_lax_whatever_is_configured(same_site: str) -> None:
    """A strict cookie is not sent when the provider's page sends the browser back."""
    cookies = {"same_site": same_site, "trusted_origins": ["https://app.example.com"]}
    async with a_world(hooks=Open(), cookies=cookies) as world:
        [line] = (await depart(world)).all("set-cookie")
        assert line.endswith("; HttpOnly; Secure; SameSite=Lax")


@pytest.mark.parametrize("name", ["google", "Memory", "memory%20", "a" * 65])
async def test_an_unknown_provider_is_an_envelope_and_never_a_redirect(paged: World, name: str) -> None:
    """Whoever types an address by hand, or scans for one, is no sign-in in progress."""
    for query in ("", f"tenantId={TENANT}"):
        answer = await depart(paged, name, query)
        assert (answer.status, answer.body) == (401, FAILED)
        assert answer.all("set-cookie") == []
        assert answer.header("referrer-policy") == "no-referrer"


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", ["tenantId"]),
        ("tenantId=", ["tenantId"]),
        (f"tenantId={'t' * 129}", ["tenantId"]),
        ("tenantId=a%00b", ["tenantId"]),
        ("tenantId=a&tenantId=a", ["query"]),
        ("tenantId=acme&redirect=https://evil.example", ["query"]),
        ("tenant_id=acme", ["query"]),
        ("tenantId=%ff", ["query"]),
        ("tenantId=\xff", ["query"]),
        ("&".join(f"p{number}=1" for number in range(70)), ["query"]),
        (f"tenantId=acme&x={'x' * 16_384}", ["query"]),
    ],
    ids=range(11),
)
async def test_a_departure_takes_a_tenant_and_nothing_else(
    world: World, query: str, fields: list[str]
) -> None:
    """A target in the address would send people wherever its author likes."""
    answer = await world.driver.call("GET", "/oauth/memory", query=query.encode("latin-1"))
    assert (answer.status, answer.code, answer.fields) == (400, "auth.validation", fields)
    assert answer.all("set-cookie") == []


async def test_the_hosts_tenant_counts_and_not_the_addresss() -> None:
    """Whoever edits an address would get an account of another customer."""

    class ByHost:
        async def resolve(self, parts: Any) -> str:
            if parts.host == "nobody.example":
                raise TenantUnresolved
            return "globex"

    async with a_world(hooks=Open(), tenancy={"resolver": ByHost()}) as world:
        answer = await signed_in(world)
        assert answer.status == 200, answer.body
        assert await world.users.find_by_email(ZOE, tenant_id="globex") is not None
        scope = world.driver.scope("GET", "/oauth/memory")
        scope["headers"] = [(b"host", b"nobody.example")]
        refused = await world.driver.exchange(scope, (b"",))
        assert refused is not None
        assert (refused.status, refused.code) == (403, "auth.forbidden")


async def test_an_address_that_cannot_be_sent_is_refused() -> None:
    """A line feed in a provider's address would write a header of its own."""
    for url in ("https://p.example/\r\nset-cookie: a=b", "https://p.example/ü", "https://p.example/a b"):

        class Odd(InMemoryOAuthProvider):
            async def authorize_url(self, _request: Any, url: str = url) -> str:
                return url

        async with a_world(hooks=Open(), oauth_providers=(Odd("odd"),)) as world:
            answer = await depart(world, "odd")
            assert (answer.status, answer.body, answer.all("set-cookie")) == (401, FAILED, [])


# ── success ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_person_comes_back_and_is_signed_in(world: World) -> None:
    """The whole way, and once more: the first makes an account, the second finds it."""
    for _ in range(2):
        answer = await signed_in(world)
        assert answer.status == 200, answer.body
        assert list(answer.members) == ["user"]
        assert answer.all("set-cookie")[-1] == CLEARED
        assert {"access_token", "refresh_token", "has_session"} < set(answer.cookies)
        assert answer.header("referrer-policy") == "no-referrer"
        me = await world.driver.call("GET", "/me", cookies=answer.cookies)
        assert (me.members["email"], me.members["oauthProvider"]) == (ZOE, "memory")
        assert (me.members["oauthProviderId"], me.members["emailVerified"]) == ("1234", True)
        refreshed = await world.driver.call("POST", "/refresh", cookies=answer.cookies)
        assert refreshed.status == 200


@pytest.mark.parametrize("delivery", ["bearer", "both"])
async def test_a_client_without_a_page_gets_its_tokens_as_configured(delivery: str) -> None:
    """An application that opens a browser of its own reads them from the body."""
    async with a_world(hooks=Open(), token_delivery=delivery) as world:
        answer = await signed_in(world)
        assert list(answer.members) == ["user", "accessToken", "refreshToken"]
        assert ("access_token" in answer.cookies) is (delivery == "both")


async def test_a_browser_goes_on_to_the_page_with_its_session(paged: World) -> None:
    """Somebody who signed in would look at a line of JSON."""
    answer = await signed_in(paged)
    assert (answer.status, answer.body) == (302, b"")
    assert answer.header("location") == PAGES["success_redirect_url"]
    names = [line.partition("=")[0] for line in answer.all("set-cookie")]
    assert names == ["access_token", "refresh_token", "has_session", "oauth_state"]
    assert answer.all("set-cookie")[-1] == CLEARED
    assert (answer.header("cache-control"), answer.header("referrer-policy")) == ("no-store", "no-referrer")
    assert (await paged.driver.call("GET", "/me", cookies=answer.cookies)).status == 200


@pytest.mark.parametrize("pages", [False, True])
@pytest.mark.parametrize("delivery", ["cookie", "bearer", "both"])
async def test_a_second_factor_is_asked_for(pages: bool, delivery: str) -> None:
    """Whoever has somebody's account at the provider would have this one too."""
    chosen = {"mfa_redirect_url": "/code"} if pages else {}
    async with a_world(hooks=Open(), oauth=chosen, token_delivery=delivery) as world:
        app = await enrolled(world)
        await world.users.link_oauth("u1", "memory", "1234", tenant_id=TENANT)
        answer = await signed_in(world, EMAIL)
        [handed, cleared] = answer.all("set-cookie")
        assert cleared == CLEARED
        token = answer.cookies["mfa_temp_token"]
        assert handed == (
            f"mfa_temp_token={token}; Path=/auth/mfa; Max-Age=300; HttpOnly; Secure; SameSite=Strict"
        )
        if pages:
            assert (answer.status, answer.header("location"), answer.body) == (302, "/code", b"")
        else:
            assert (answer.status, answer.members) == (200, {"mfaRequired": True, "mfaTempToken": token})
        passed = await world.driver.call(
            "POST", "/mfa/challenge", json_body={"code": app.code(1)}, cookies={"mfa_temp_token": token}
        )
        assert passed.status == 200, passed.body

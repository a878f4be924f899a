"""Identities of providers, as a signed-in browser lists, links and unlinks them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.http.driver import Answer
from tests.integration.http.providers import CLEARED, FAILED, PAGES, Open, arrive, signed_in
from tests.integration.http.providers import returned as leaving
from tests.integration.http.world import PASSWORD, TENANT, World, a_world

ELSEWHERE = "ana@elsewhere.example"
OWN_PAGE = [("sec-fetch-site", "same-origin")]
"""A page of the application's own."""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world(hooks=Open()) as ready:
        yield ready


async def begun(world: World, cookies: dict[str, str], **more: Any) -> Answer:
    body = {"password": PASSWORD, **more.pop("body", {})}
    return await world.driver.call("POST", "/oauth/memory/link", json_body=body, cookies=cookies, **more)


async def returned(world: World, cookies: dict[str, str], provider_id: str = "1234") -> Answer:
    """A whole link; the browser's Lax cookies come along."""
    left = await begun(world, cookies)
    assert left.status == 200, left.body
    url = str(left.members["authorizeUrl"])
    given = world.provider.sign_in(url, email=ELSEWHERE, provider_id=provider_id)
    lax = {"access_token": cookies["access_token"], **left.cookies}
    return await arrive(world, given, lax)


async def test_a_browser_links_an_identity_and_unlinks_it(world: World) -> None:
    """The whole way, as a page of settings goes it."""
    session = (await world.login()).cookies
    before = await world.driver.call("GET", "/oauth/identities", cookies=session)
    assert (before.status, before.json()) == (200, [])

    left = await begun(world, session)
    assert (left.status, list(left.members)) == (200, ["authorizeUrl"])
    assert str(left.members["authorizeUrl"]).startswith("https://memory.example/authorize?")
    [cookie] = left.all("set-cookie")
    assert cookie.startswith("oauth_state=")
    assert cookie.endswith("; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax")
    assert left.header("cache-control") == "no-store"

    linked = await returned(world, session)
    assert linked.status == 200, linked.body
    assert list(linked.members) == ["id", "provider", "providerId", "linkedAt"]
    assert (linked.members["provider"], linked.members["providerId"]) == ("memory", "1234")
    assert linked.all("set-cookie") == [CLEARED]
    assert linked.header("referrer-policy") == "no-referrer"
    listed = await world.driver.call("GET", "/oauth/identities", cookies=session)
    assert listed.json() == [linked.members]
    me = await world.driver.call("GET", "/me", cookies=session)
    assert (me.members["oauthProvider"], me.members["oauthProviderId"]) == ("memory", "1234")
    other = await signed_in(world, ELSEWHERE)
    assert other.members["user"] == me.json()

    path = f"/oauth/identities/{linked.members['id']}"
    gone = await world.driver.call("DELETE", path, json_body={"password": PASSWORD}, cookies=session)
    assert (gone.status, gone.body) == (204, b"")
    assert (await world.driver.call("POST", "/refresh", cookies=other.cookies)).status == 401
    kept = await world.driver.call("POST", "/refresh", cookies=session)
    assert kept.status == 200
    again = await world.driver.call(
        "POST", f"{path}/unlink", json_body={"password": PASSWORD}, cookies=kept.cookies
    )
    assert again.status == 204


@pytest.mark.parametrize("page", ["link_redirect_url", "success_redirect_url"])
async def test_a_browser_goes_on_to_the_page_that_there_is(page: str) -> None:
    """Somebody who has linked an identity would look at a line of JSON, or at the page of a sign-in."""
    pages = {**PAGES, "link_redirect_url": "/settings"} if page == "link_redirect_url" else PAGES
    async with a_world(hooks=Open(), oauth=pages) as world:
        session = (await world.login()).cookies
        answer = await returned(world, session)
        assert (answer.status, answer.header("location")) == (302, pages[page])
        assert answer.all("set-cookie") == [CLEARED]
        other = await signed_in(world, "zoe@example.com", provider_id="zoe")
        assert other.header("location") == PAGES["success_redirect_url"]
        taken = await returned(world, session, "zoe")
        assert taken.header("location") == "https://app.example.com/sign-in?error=oauth_email_mismatch#form"


@pytest.mark.parametrize("delivery", ["bearer", "both"])
async def test_a_client_without_cookies_names_its_session_in_the_body(delivery: str) -> None:
    """An application with bearer tokens could not link at all."""
    async with a_world(hooks=Open(), token_delivery=delivery) as world:
        session = (await world.login()).members
        access, refresh = str(session["accessToken"]), session["refreshToken"]
        anonymous = await begun(world, {}, bearer=access)
        assert (anonymous.status, anonymous.code) == (404, "auth.session_not_found")
        left = await begun(world, {}, bearer=access, body={"refreshToken": refresh})
        assert left.status == 200, left.body
        given = world.provider.sign_in(str(left.members["authorizeUrl"]), email=ELSEWHERE)
        linked = await arrive(world, given, left.cookies)
        assert linked.status == 200, linked.body
        gone = await world.driver.call(
            "POST",
            f"/oauth/identities/{linked.members['id']}/unlink",
            json_body={"password": PASSWORD, "refreshToken": refresh},
            bearer=access,
        )
        assert gone.status == 204


@pytest.mark.parametrize("path", ["/oauth/memory/link", "/oauth/identities/" + "a" * 64 + "/unlink"])
async def test_a_page_of_another_site_changes_nobodys_identities(world: World, path: str) -> None:
    """A page that a signed-in person visits would begin a link in their name."""
    session = (await world.login()).cookies
    for site in ("cross-site", "same-site"):
        answer = await world.driver.call(
            "POST",
            path,
            json_body={"password": PASSWORD},
            cookies=session,
            headers=[("sec-fetch-site", site), ("origin", "https://evil.example")],
        )
        assert (answer.status, answer.code) == (403, "auth.untrusted_origin")
        assert answer.all("set-cookie") == []


async def test_refusals_are_the_documented_ones(world: World) -> None:
    """A page could not say what went wrong."""
    session = (await world.login()).cookies
    refused = {
        "auth.token_invalid": (401, await begun(world, {})),
        "auth.invalid_credentials": (401, await begun(world, session, body={"password": "wrong"})),
        "auth.validation": (400, await begun(world, session, body={"password": ""})),
        "auth.oauth_failed": (
            401,
            await world.driver.call(
                "POST", "/oauth/nowhere/link", json_body={"password": PASSWORD}, cookies=session
            ),
        ),
    }
    for code, (status, answer) in refused.items():
        assert (answer.status, answer.code) == (status, code)
        assert answer.all("set-cookie") == []
    ana = await world.users.find_by_id("u1", tenant_id=TENANT)
    assert ana is not None
    world.users.replace(replace(ana, email_verified=False))
    assert (await begun(world, session)).code == "auth.email_not_verified"
    world.users.replace(replace(ana, password_hash=None))
    linked = await returned(world, session)
    last = await world.driver.call("DELETE", f"/oauth/identities/{linked.members['id']}", cookies=session)
    assert (last.status, last.code) == (403, "auth.forbidden")


async def test_a_browser_with_the_session_of_somebody_else_links_nothing(world: World) -> None:
    """Whoever signs in at a shared computer meanwhile would give their identity away."""
    session = (await world.login()).cookies
    zoe = await signed_in(world, "zoe@example.com", provider_id="zoe")
    left = await begun(world, session)
    given = world.provider.sign_in(str(left.members["authorizeUrl"]), email=ELSEWHERE)
    answer = await arrive(world, given, {"access_token": zoe.cookies["access_token"], **left.cookies})
    assert (answer.status, answer.body) == (401, FAILED)
    assert answer.all("set-cookie") == [CLEARED]


async def test_two_access_cookies_stop_a_link_and_no_sign_in() -> None:
    """A page of a sibling host sets a cookie too, and would choose to whose account an identity is added."""
    async with a_world(hooks=Open(), cookies={"refuse_conflicts": True}) as world:
        session = (await world.login()).cookies
        twice = [("cookie", f"access_token={session['access_token']}; access_token=x")]
        left = await begun(world, session)
        given = world.provider.sign_in(str(left.members["authorizeUrl"]), email=ELSEWHERE)
        assert (await arrive(world, given, left.cookies, headers=twice)).body == FAILED
        given, cookies = await leaving(world, "zoe@example.com")
        assert (await arrive(world, given, cookies, headers=twice)).status == 200

"""The example for Next when something is away, slow, wrong or too fast."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.nextjs.deployment import SECRET, deployed, eventually
from tests.browser.nextjs.member import Member
from tests.browser.nextjs.tokens import LIFETIME, access_token
from tests.browser.visit import Visit
from tests.long import long_only
from tests.servers.redis import RedisProcess

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
]

TABS = 4

NAVIGATIONS = 50


async def test_an_outage_of_the_api_ends_no_session(member: Member) -> None:
    """A restart of the API signs everybody out, or sends their browsers in circles."""
    page, api = member.page, member.deployment.api
    await member.signs_in()
    api.refuse()
    await api.cut()
    await member.goes_to("/dashboard")
    await expect(page.get_by_text("The server cannot be reached just now.")).to_be_visible()
    await expect(page.get_by_test_id("user")).not_to_be_empty()
    await member.lets_the_access_token_expire()
    await member.goes_to("/dashboard")
    await expect(page.get_by_text("The server could not be reached just now.")).to_be_visible()
    assert page.url == f"{member.deployment.url}/login?reason=unavailable"
    api.admit()
    await member.goes_to("/dashboard")
    await member.sees_dashboard()


async def test_a_slow_api_is_waited_for(member: Member) -> None:
    """A page that is impatient asks for a refresh again and again, which makes the API slower."""
    page, api = member.page, member.deployment.api
    await member.signs_in()
    refreshes = member.deployment.refreshes()
    await member.lets_the_access_token_expire()
    api.stall()
    try:
        async with page.expect_request(lambda request: "/silent-refresh" in request.url):
            opening = asyncio.ensure_future(member.goes_to("/dashboard"))
        await eventually(lambda: member.deployment.refreshes() > refreshes, "the API is asked")
        other = await member.context.new_page()
        async with other.expect_request(lambda request: "/silent-refresh" in request.url):
            also_opening = asyncio.ensure_future(other.goto(f"{member.deployment.url}/dashboard"))
    finally:
        api.flow()
    await asyncio.gather(opening, also_opening)
    await member.sees_dashboard()
    await expect(other.get_by_test_id("tenant")).to_have_text("acme")
    assert member.deployment.refreshes() == refreshes + 1


@pytest.mark.parametrize(
    ("ahead", "refreshes"), [(55, 0), (-LIFETIME, 1)], ids=["a minute ahead", "behind, and expired here"]
)
async def test_a_clock_that_differs_ends_no_session(member: Member, ahead: int, refreshes: int) -> None:
    """Machines whose clocks differ by a minute refuse each other's tokens, until nobody stays signed in."""
    await member.signs_in()
    before = member.deployment.refreshes()
    token = access_token(SECRET, await member.account_id(), ahead=ahead)
    await member.context.add_cookies(
        [{"name": "access_token", "value": token, "url": member.deployment.url, "httpOnly": True}]
    )
    await member.goes_to("/dashboard")
    await member.sees_dashboard()
    assert member.page.url == f"{member.deployment.url}/dashboard"
    assert member.deployment.refreshes() == before + refreshes


@long_only
@pytest.mark.parametrize("seconds", [-60, 60])
async def test_pages_whose_own_clock_is_a_minute_wrong_keep_every_session(
    context: BrowserContext, built: Path, redis_server: RedisProcess, tmp_path: Path, seconds: int
) -> None:
    """The machine of the pages has another time than the one of the API."""
    clock = tmp_path / "clock.cjs"
    clock.write_text(f"const now = Date.now; Date.now = () => now() + {1000 * seconds};\n", encoding="utf-8")
    async with deployed(built, redis_server.url, tmp_path, NODE_OPTIONS=f"--require {clock}") as deployment:
        member = await Member.registered(Visit(await context.new_page(), deployment.url), deployment)
        await member.signs_in()
        await member.sees_dashboard()
        await member.lets_the_access_token_expire()
        await member.goes_to("/dashboard")
        await member.sees_dashboard()
        assert deployment.refreshes() == 1


async def test_cookies_that_are_deleted_end_at_the_sign_in_page(member: Member) -> None:
    """A browser that forgets its cookies sees a page without data, or a loop."""
    await member.signs_in()
    await member.context.clear_cookies()
    await member.page.get_by_role("link", name="Security").click()
    await member.is_asked_to_sign_in()
    await member.enters_password()
    await expect(member.page.get_by_role("heading", name="Add an authenticator app")).to_be_visible()
    # What is left without the refresh token cannot be renewed, and is cleared.
    await member.context.clear_cookies(name="access_token")
    await member.context.clear_cookies(name="refresh_token")
    await member.goes_to("/dashboard")
    await expect(member.page.get_by_text("Your session has ended.")).to_be_visible()
    assert await member.cookies() == {}


async def test_hurried_navigations_with_an_expired_token_cost_one_refresh(member: Member) -> None:
    """Somebody who clicks impatiently is signed out by the limit of refreshes, or sent in a circle."""
    await member.signs_in()
    refreshes = member.deployment.refreshes()
    await member.lets_the_access_token_expire()
    page = member.page
    browser = await member.context.new_cdp_session(page)
    visits = [f"{member.deployment.url}/dashboard?visit={number}" for number in range(NAVIGATIONS)]
    for url in visits:
        # Each is on its way before the next one ends it.
        async with page.expect_request(url):
            await browser.send("Page.navigate", {"url": url})
    await page.wait_for_url(visits[-1])
    await member.sees_dashboard()
    assert member.deployment.refreshes() == refreshes + 1


async def test_tabs_that_are_opened_together_cost_one_refresh(member: Member) -> None:
    """A browser that is started again with its tabs finds some of them on the sign-in page."""
    await member.signs_in()
    refreshes = member.deployment.refreshes()
    await member.lets_the_access_token_expire()
    tabs = [await member.context.new_page() for _ in range(TABS)]
    await asyncio.gather(*(tab.goto(f"{member.deployment.url}/sessions") for tab in tabs))
    for tab in tabs:
        await expect(tab.get_by_role("listitem").filter(has_text="This device")).to_have_count(1)
    assert member.deployment.refreshes() == refreshes + 1

"""The example for Next in a browser, from the registration to the end of the session."""

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from bymax_auth.crypto import totp
from tests.browser.nextjs.deployment import Deployment
from tests.browser.nextjs.member import NAME, PASSWORD, Member
from tests.browser.visit import Visit
from tests.servers.asgi import served
from tests.servers.redis import RedisProcess

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
]


def code_of(secret: str) -> str:
    """What an authenticator app shows."""
    return f"{totp.generate(totp.base32_decode(secret), int(time.time())):06d}"


async def test_a_person_registers_signs_in_and_out_and_stays_signed_in_meanwhile(
    visit_of_example: Visit, deployment: Deployment
) -> None:
    """A person who comes back after lunch signs in again, or sees a counter in the address."""
    member = Member(visit_of_example, deployment, "new@example.com")
    await member.registers()
    await member.enters_password()
    await member.sees_dashboard()
    before = await member.cookies()
    assert set(before) == {"access_token", "refresh_token", "has_session"}
    refreshes = deployment.refreshes()
    await member.lets_the_access_token_expire()
    await member.goes_to("/dashboard?view=all")
    await member.sees_dashboard()
    assert member.page.url == f"{deployment.url}/dashboard?view=all"
    assert (await member.cookies())["access_token"] != before["access_token"]
    assert deployment.refreshes() == refreshes + 1
    # The same by a link, whose page the client router asks for in the background.
    await member.lets_the_access_token_expire()
    await member.page.get_by_role("link", name="Sessions").click()
    await expect(member.page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    assert member.page.url == f"{deployment.url}/sessions"
    await member.signs_out()
    assert await member.cookies() == {}


async def test_a_second_factor_is_asked_for_at_the_next_sign_in(member: Member) -> None:
    """Somebody adds an app to their account, and a password alone still opens it."""
    page = member.page
    await member.signs_in("/security")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Begin").click()
    secret = await page.get_by_test_id("secret").inner_text()
    recovery = await page.locator(".codes code").first.inner_text()
    await page.get_by_label("Code").fill(code_of(secret))
    await page.get_by_role("button", name="Turn on").click()
    # Every session ends with a new factor, this one too.
    await member.is_asked_to_sign_in()
    await member.enters_password()
    await expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    # The proxy knows nothing of it before the token expires; the API does, and shows nothing.
    await member.goes_to("/dashboard")
    await member.is_asked_to_sign_in()
    await member.enters_password()
    await page.get_by_label("Code").fill(recovery)
    await page.get_by_role("button", name="Verify").click()
    await member.sees_dashboard()
    await page.get_by_role("link", name="Sessions").click()
    await expect(page.get_by_role("listitem").filter(has_text="This device")).to_have_count(1)


async def test_a_page_for_another_role_is_refused(member: Member) -> None:
    """A member reads the administrators' page, or cannot tell why a link does nothing."""
    page = member.page
    await member.signs_in()
    await page.get_by_role("link", name="Administration").click()
    await expect(page.get_by_text("Your role may not open that page.")).to_be_visible()
    assert page.url == f"{member.deployment.url}/dashboard?error=forbidden"
    await member.context.clear_cookies()
    administrator = await Member.registered(member.visit, member.deployment, "admin@example.com")
    await administrator.signs_in("/admin")
    await expect(page.get_by_text("Only the role ADMIN is let through")).to_be_visible()


async def test_a_link_that_was_prefetched_before_the_sign_in_opens_its_page_after_it(member: Member) -> None:
    """The router keeps what it was answered before, and a click after the sign-in leads to the login page."""
    page = member.page
    async with page.expect_response(lambda answer: "/dashboard?_rsc=" in answer.url) as prefetched:
        await member.goes_to("/")
    assert (await prefetched.value).status == 401
    await page.get_by_role("link", name="Open the dashboard").click()
    await member.is_asked_to_sign_in()
    assert page.url == f"{member.deployment.url}/login?redirectTo=%2Fdashboard"
    await member.enters_password()
    await member.sees_dashboard()
    await page.get_by_role("link", name="Ledger").click()
    await page.get_by_role("link", name="Open the dashboard").click()
    await member.sees_dashboard()


async def test_a_link_of_another_site_opens_the_page_with_an_expired_token(member: Member) -> None:
    """Each link in a mail leads somebody who is signed in to an empty page, or to the login page."""

    async def mailbox(_request: Request) -> HTMLResponse:
        return HTMLResponse(f'<a href="{member.deployment.url}/dashboard">Open</a>')

    await member.signs_in()
    await member.lets_the_access_token_expire()
    async with served(Starlette(routes=[Route("/", mailbox)])) as address:
        elsewhere = f"http://{address.replace('127.0.0.1', 'localhost')}"
        other = Visit(await member.context.new_page(), member.deployment.url)
        await other.page.goto(elsewhere)
        await other.page.get_by_role("link", name="Open").click()
        await Member(other, member.deployment, member.email).sees_dashboard()
        assert other.page.url == f"{member.deployment.url}/dashboard"


@pytest_asyncio.fixture(loop_scope="session")
async def visit_of_example(
    context: BrowserContext, deployment: Deployment, redis_server: RedisProcess
) -> AsyncIterator[Visit]:
    """A visit of somebody without an account."""
    visit = Visit(await context.new_page(), deployment.url)
    visit.watch()
    yield visit
    assert visit.faults == []


SEEN_AGAIN = """addEventListener("pageshow", ({ persisted }) => {
    if (persisted) console.log("restored:", document.body.innerText);
})"""


@pytest.mark.usefixtures("redis_server")
async def test_after_a_sign_out_neither_the_back_button_nor_another_tab_shows_anything(
    remembering: BrowserContext, deployment: Deployment
) -> None:
    """Whoever uses the machine next presses the back button."""
    tabs = [Visit(await remembering.new_page(), deployment.url) for _ in range(3)]
    first = await Member.registered(tabs[0], deployment)
    second, third = (Member(visit, deployment, first.email) for visit in tabs[1:])
    for tab in (first, second, third):
        await tab.signs_in()
        await tab.sees_dashboard()
    await first.goes_to("/")
    await third.goes_to("/sessions")
    await third.signs_out()
    await second.is_asked_to_sign_in()
    for tab in (first, third):
        await tab.page.go_back()
        await tab.is_asked_to_sign_in()
        await tab.sees_nobody()
    assert await first.cookies() == {}

    # A public page with a name is kept as it is, unless a tab tells it of the end of the session. One that is
    # loaded anew knows of no session that has expired.
    await first.page.add_init_script(SEEN_AGAIN)
    await first.signs_in("/")
    await first.goes_to("/verify")
    await first.ends_the_session_elsewhere()
    async with first.page.expect_console_message(lambda said: said.text.startswith("restored:")) as restored:
        await first.page.go_back()
    assert NAME not in (await restored.value).text
    await first.page.wait_for_url(f"{deployment.url}/login?reason=expired")
    await first.sees_nobody()

"""What the page of `bymax-auth dev` promises a visitor, seen by one."""

import asyncio
import re

import pytest
from playwright.async_api import BrowserContext, Page, Request, Route, expect

from tests.browser.person import MEMBER, Person
from tests.browser.visit import Visit, phone_and_desk
from tests.integration.cli.dev_server import serving
from tests.long import long_only
from tests.servers.patience import PATIENCE

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

THEFT = "Replay a stolen token"
SESSIONS = "End a session, timed"
LOCKOUT = "Lock yourself out, and back in"
ROLES = "Ask for what only an ADMIN may"


@phone_and_desk
async def test_a_replayed_token_ends_the_login_in_every_tab(member: Person, context: BrowserContext) -> None:
    """A visitor is told that a stolen token is noticed, and cannot see it."""
    page = member.page
    chain = page.get_by_role("list", name="Refresh tokens of this login").get_by_role("listitem")
    await expect(chain).to_have_text([re.compile("Current$")])
    async with context.expect_page() as opened:
        await page.get_by_role("link", name="Open a second tab").click()
    second = Person(Visit(await opened.value, member.visit.url), MEMBER)
    await second.is_signed_in()
    tabs = page.get_by_role("list", name="Tabs with this page").get_by_role("listitem")
    await expect(tabs).to_have_text([re.compile(f"Signed in as {MEMBER}")] * 2)

    await page.bring_to_front()
    await member.presses(THEFT, "Refresh now")
    await expect(chain).to_have_text([re.compile("Used$"), re.compile("Current$")])
    await member.presses(THEFT, "Replay the stolen token")
    await member.sees(THEFT, "Sign in again; the thief cannot.")
    await expect(chain).to_have_text([re.compile("Used$"), re.compile("Ended$")])
    await expect(tabs).to_have_text([re.compile("Signed out$")] * 2)
    await member.sees("Sign in", "This login has ended")
    await second.sees("Sign in", "This login has ended")
    await member.presses("Sign in", "Sign in as MEMBER")
    await member.is_signed_in()
    await second.is_signed_in()


async def test_a_token_is_used_before_it_is_replayed(member: Person) -> None:
    """A visitor presses the red button first, and is told to press another one."""
    await member.presses(THEFT, "Replay the stolen token")
    steps = member.section(THEFT).get_by_role("list", name="What happened to the stolen token")
    await expect(steps).to_contain_text("the browser exchanges it for")
    await member.sees(THEFT, "Sign in again; the thief cannot.")


async def test_another_process_refuses_an_ended_session_within_a_measured_time(member: Person) -> None:
    """A visitor has to believe that revocation is immediate."""
    await member.presses(SESSIONS, "Sign in a phone")
    await member.sees(SESSIONS, "A phone has signed in.")
    rows = member.page.get_by_role("list", name="Your sessions").get_by_role("listitem")
    phone = rows.filter(has_text="In the second process")
    await phone.get_by_role("button", name="End Safari on iOS").click()
    await member.sees(SESSIONS, "The session has ended.")
    await expect(member.section(SESSIONS)).to_contain_text(
        re.compile(r"\d ms (before|after) your request was answered, the other process refused the phone")
    )
    await expect(phone).to_have_count(0)
    await expect(member.page.get_by_role("heading", name=SESSIONS)).to_be_focused()
    # Ending a session revokes the account's access tokens; this browser has refreshed by itself.
    await member.is_signed_in()


async def test_a_message_stays_when_the_page_asks_again_who_is_signed_in(visit: Visit) -> None:
    """A visitor presses a button, and what it answered is gone before it can be read."""
    person, asked, answer = Person(visit, MEMBER), asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await answer.wait()
        await route.continue_()

    # What the page asks every second would come between.
    await visit.page.add_init_script("setInterval = () => 0")
    await person.open()
    await person.presses("Sign in", "Sign in as MEMBER")
    await person.is_signed_in()
    await visit.page.route("**/auth/me", hold, times=1)
    # As when the visitor comes back from another tab.
    await visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await asyncio.wait_for(asked.wait(), PATIENCE)
    await person.presses(SESSIONS, "Sign in a phone")
    await person.sees(SESSIONS, "A phone has signed in.")
    async with visit.page.expect_response("**/auth/me") as late:
        answer.set()
    await (await late.value).finished()
    await visit.page.evaluate("new Promise((done) => setTimeout(done))")
    await person.sees(SESSIONS, "A phone has signed in.")


async def test_a_button_waits_until_the_page_knows_who_is_signed_in(
    context: BrowserContext, visit: Visit
) -> None:
    """A visitor presses a button early, and the rest of the page wipes its outcome away."""
    person, release = Person(visit, MEMBER), asyncio.Event()

    async def hold(route: Route) -> None:
        await release.wait()
        await route.continue_()

    await visit.page.add_init_script("setInterval = () => 0")
    await person.open()
    await visit.page.route("**/auth/sessions", hold)
    elsewhere = Person(Visit(await context.new_page(), visit.url), MEMBER)
    await elsewhere.open()
    await elsewhere.presses("Sign in", "Sign in as MEMBER")
    await expect(person.section("Signed in")).to_contain_text(MEMBER)
    await expect(visit.page.get_by_role("main")).to_have_attribute("aria-busy", "true")
    await person.presses(THEFT, "Replay the stolen token")
    for _ in range(20):  # a button that does not wait has done its work by then
        await visit.page.evaluate("fetch('/healthz').then((answer) => answer.text())")
    release.set()
    await person.sees(THEFT, "Sign in again; the thief cannot.")
    steps = person.section(THEFT).get_by_role("list", name="What happened to the stolen token")
    await expect(steps).to_contain_text("the browser exchanges it for")


async def test_a_form_that_is_sent_during_a_sign_in_knows_who_has_signed_in(visit: Visit) -> None:
    """A visitor presses two buttons, and the second asks for a password that the page has shown."""
    person, release = Person(visit, MEMBER), asyncio.Event()

    async def hold(route: Route) -> None:
        await release.wait()
        await route.continue_()

    await person.open()
    await visit.page.route("**/auth/login", hold)
    await person.presses("Sign in", "Sign in as MEMBER")
    await person.presses(SESSIONS, "Sign in a phone")
    release.set()
    await person.sees(SESSIONS, "A phone has signed in.")


async def test_a_late_answer_signs_nobody_in_again(member: Person) -> None:
    """A visitor signs out, and an answer from before shows the account once more."""
    page, asked, release = member.page, False, asyncio.Event()
    held: asyncio.Future[Request] = asyncio.get_running_loop().create_future()

    async def hold_the_first(route: Route) -> None:
        nonlocal asked
        if asked:
            await route.continue_()
            return
        asked = True
        answer = await route.fetch()
        held.set_result(route.request)
        await release.wait()
        await route.fulfill(response=answer)

    await page.route("**/auth/me", hold_the_first)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    early = await held
    await member.presses("Signed in", "Sign out")
    await member.sees("Sign in", "You are signed out.")
    release.set()
    late = await early.response()
    assert late is not None
    await late.finished()
    await page.evaluate("new Promise((done) => setTimeout(done))")
    await member.sees("Sign in", "You are signed out.")
    await expect(member.section("Signed in")).to_be_hidden()


async def test_a_member_is_refused_where_an_admin_is_let_in(member: Person) -> None:
    """A visitor reads about roles, and sees none."""
    await member.presses(ROLES, "Open the ADMIN route")
    await member.sees(ROLES, "Refused (403): your role is MEMBER, and the route asks for ADMIN.")
    await member.sign_out()
    await member.presses(ROLES, "Open the ADMIN route")
    await member.sees(ROLES, "Refused (401): nobody is signed in.")
    await member.presses("Sign in", "Sign in as ADMIN")
    await member.sees("Signed in", "You are signed in.")
    await member.presses(ROLES, "Open the ADMIN route")
    await member.sees(ROLES, "You are let in. The server answered 200: your role is ADMIN.")


async def locked_out(page: Page, url: str) -> Person:
    """A visitor who has pressed the button of the lockout."""
    person = Person(Visit(page, url), MEMBER)
    await person.open()
    await person.presses(LOCKOUT, "Lock me out")
    await person.sees(LOCKOUT, "The account is locked for 15 minutes.")
    return person


@long_only
async def test_wrong_passwords_lock_the_account_and_the_reset_mail_comes(context: BrowserContext) -> None:
    """A visitor presses the button of the lockout, and sees no lock and no way out."""
    with serving() as server:
        person = await locked_out(await context.new_page(), server.url)
        steps = person.section(LOCKOUT).get_by_role("list", name="What happened at the lock")
        await expect(steps).to_contain_text("The right password: refused (429), auth.account_locked.")
        await person.presses(LOCKOUT, "Reset by mail and sign in")
        await expect(steps).to_contain_text("The token sets the password.")
        token = person.section("Mailbox").get_by_role("button", name="Use this token")
        await expect(token).to_be_visible()


@long_only
async def test_a_mailed_reset_signs_the_visitor_in(context: BrowserContext) -> None:
    """A visitor presses the button of the reset, and has to find the token and the form."""
    with serving() as server:
        person = Person(Visit(await context.new_page(), server.url), MEMBER)
        await person.open()
        await person.presses(LOCKOUT, "Reset by mail and sign in")
        await person.sees(LOCKOUT, "You are signed in again.")
        await person.is_signed_in()
        await person.presses(LOCKOUT, "Reset by mail and sign in")
        await person.sees(LOCKOUT, "One address gets one reset mail a minute")


async def test_a_reset_lifts_the_lockout(context: BrowserContext) -> None:
    """Whoever reads the account's mail stays locked out by a stranger's wrong passwords."""
    with serving() as server:
        person = await locked_out(await context.new_page(), server.url)
        await person.presses(LOCKOUT, "Reset by mail and sign in")
        steps = person.section(LOCKOUT).get_by_role("list", name="What happened at the lock")
        await expect(steps).to_contain_text("The token sets the password.")
        await expect(steps.get_by_role("listitem").last).to_contain_text("The new password")
        await expect(steps.get_by_role("listitem").last).to_contain_text("lifted the lock", timeout=1)
        await person.is_signed_in()


@pytest.mark.parametrize(
    ("title", "name"),
    [(THEFT, "Refresh now"), (THEFT, "Replay the stolen token"), (SESSIONS, "Sign in a phone")],
)
async def test_a_visitor_who_is_not_signed_in_is_led_there(visit: Visit, title: str, name: str) -> None:
    """A visitor presses the first interesting button, and nothing happens."""
    person = Person(visit, MEMBER)
    await person.open()
    await person.presses(title, name)
    await person.sees(title, "Sign in first")
    await expect(visit.page.get_by_role("button", name="Sign in as MEMBER")).to_be_focused()

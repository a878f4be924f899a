"""The page of `bymax-auth dev`, used by a person in a browser."""

import asyncio
import signal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Route, expect

from tests.browser.looks import is_readable
from tests.browser.person import Person
from tests.browser.visit import Visit, phone_and_desk
from tests.integration.cli.dev_server import DevServer, serving
from tests.servers.patience import PATIENCE

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "green tea in paris 71"
CHOSEN_PASSWORD = "brown bread in lyon 82"
RESET_PASSWORD = "white snow in turin 93"


@pytest_asyncio.fixture(loop_scope="session")
async def ana(visit: Visit) -> Person:
    """Ana, who opens the page; her address is her own in each window."""
    viewport = visit.page.viewport_size
    assert viewport is not None
    person = Person(visit, f"ana-{viewport['width']}@example.com")
    await person.open()
    return person


@phone_and_desk
async def test_a_person_goes_through_everything_an_account_can_do(
    ana: Person, chromium: Browser, demo_server: DevServer
) -> None:
    """A new user gets stuck somewhere on the way from registering to a forgotten password."""
    await ana.register("Ana Souza", PASSWORD)
    await ana.is_signed_in()
    code = await ana.reads("Confirm your email address")
    proof = ana.section("Verify your address")
    await proof.get_by_label("Code").fill(code)
    await proof.get_by_role("button", name="Verify").click()
    await ana.sees("Signed in", "Your address is verified.")
    await expect(proof).to_be_hidden()

    await ana.sign_out()
    await ana.sign_in(PASSWORD)
    await ana.sees("Signed in", "You are signed in.")
    await sees_and_ends_another_session(ana, chromium, demo_server)
    await changes_the_password(ana)
    await ana.sign_out()
    await resets_a_forgotten_password(ana)
    await ana.sign_in(RESET_PASSWORD)
    await ana.sees("Signed in", "You are signed in.")
    await ana.is_signed_in()


async def sees_and_ends_another_session(ana: Person, chromium: Browser, server: DevServer) -> None:
    async with await chromium.new_context() as elsewhere:
        other = Person(Visit(await elsewhere.new_page(), server.url), ana.email)
        await other.open()
        await other.sign_in(PASSWORD)
        await other.is_signed_in()
        await ana.page.reload()
        sessions = sessions_of(ana)
        here = sessions.filter(has_text="This one")
        await expect(here).to_have_count(1)
        before = await sessions.count()
        # The newest of the others is the one that has just begun.
        await sessions.filter(has_not_text="This one").first.get_by_role("button", name="End").click()
        await ana.sees("End a session, timed", "The session has ended.")
        await expect(sessions).to_have_count(before - 1)
        await expect(here).to_have_count(1)
        await other.sees("Sign in", "This login has ended")


def sessions_of(person: Person) -> Locator:
    return person.page.get_by_role("list", name="Your sessions").get_by_role("listitem")


async def changes_the_password(ana: Person) -> None:
    account = ana.section("Signed in")
    await account.get_by_text("Change your password").click()
    await account.get_by_label("Current password").fill(PASSWORD)
    await account.get_by_label("New password").fill(CHOSEN_PASSWORD)
    await account.get_by_role("button", name="Change password").click()
    await ana.sees("Signed in", "Your password is changed.")
    await expect(sessions_of(ana)).to_have_count(1)


async def resets_a_forgotten_password(ana: Person) -> None:
    form = ana.section("Sign in")
    await form.get_by_text("Forgot your password?").click()
    await form.get_by_label("Email of the account", exact=True).fill(ana.email)
    await form.get_by_role("button", name="Send a reset mail").click()
    await ana.sees("Sign in", "a mail with a token is in the mailbox")
    token = await ana.reads("Reset your password")
    await ana.section("Mailbox").get_by_role("button", name="Use this token").first.click()
    await expect(form).to_contain_text(f"by the token {token[:8]}")
    await expect(form.get_by_label("New password")).to_be_focused()
    await form.get_by_label("New password").fill(RESET_PASSWORD)
    await form.get_by_role("button", name="Set the new password").click()
    await ana.sees("Sign in", "The new password is set.")


async def test_somebody_who_has_not_verified_is_led_to_the_code(ana: Person) -> None:
    """A person is told that the address is not verified, and finds nowhere to verify it."""
    bob = Person(ana.visit, ana.email.replace("ana", "bob"))
    await bob.register("Bob Lima", PASSWORD)
    await bob.sign_out()
    await bob.sign_in(PASSWORD)
    await bob.sees_fault("Sign in", "Email", "Verify your email address first.")
    proof = bob.section("Verify your address")
    await expect(proof.get_by_label("Email")).to_have_value(bob.email)
    await bob.section("Mailbox").get_by_role("button", name="Use this code").first.click()
    await proof.get_by_role("button", name="Verify").click()
    await bob.sees("Sign in", "Your address is verified.")


async def test_a_demo_account_is_one_press_away(ana: Person) -> None:
    """The accounts on the page are there to be typed off."""
    await ana.presses("Sign in", "Sign in as ADMIN")
    await ana.sees("Signed in", "You are signed in.")
    await expect(ana.section("Signed in")).to_contain_text("ADMIN")
    await ana.section("Signed in").get_by_text("Where you are signed in").click()
    listed = ana.section("Where you are signed in").get_by_role("listitem")
    await expect(listed.filter(has_text="This device")).to_have_count(1)
    await is_readable(ana.page)
    await ana.visit.fits()


async def test_an_answer_that_is_late_does_not_undo_signing_out(ana: Person) -> None:
    """Somebody who signs out on a slow network still sees the account, and leaves the machine as it is."""
    await ana.presses("Sign in", "Sign in as ADMIN")
    await ana.sees("Signed in", "You are signed in.")
    answered, delivered = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        answered.set()
        await delivered.wait()
        await route.fulfill(response=answer)

    # The page asks every second who is signed in.
    await ana.page.route("**/auth/me", late, times=1)
    await asyncio.wait_for(answered.wait(), PATIENCE)
    await ana.sign_out()
    async with ana.page.expect_response("**/auth/me") as delayed:
        delivered.set()
    await (await delayed.value).finished()
    await ana.page.evaluate("new Promise((done) => setTimeout(done))")
    await ana.sees("Sign in", "You are signed out.")


async def test_a_name_is_text_wherever_it_is_shown(ana: Person) -> None:
    """Somebody registers a script as a name, and it runs in the page of whoever looks."""
    carl = Person(ana.visit, ana.email.replace("ana", "carl"))
    name = "<img src=x onerror=alert(1)>"
    await carl.register(name, PASSWORD)
    await expect(carl.section("Signed in")).to_contain_text(name)


async def test_the_page_says_that_the_server_is_gone(context: BrowserContext) -> None:
    """The server was stopped in another terminal, and every button seems dead."""
    page = await context.new_page()
    with serving() as server:
        person = Person(Visit(page, server.url), "ana@example.com")
        await person.open()
        server.end(signal.SIGTERM)
    await person.sign_in(PASSWORD)
    await person.sees("Sign in", "The server is not reachable.")


@phone_and_desk
async def test_the_documentation_is_readable_and_calls_the_server(visit: Visit) -> None:
    """A new user opens the documentation and sees a blank page, or scrolls sideways on a phone."""
    page = visit.page
    await page.goto(f"{visit.url}/docs")
    operation = page.locator("#operations-auth-bymax_auth_login")
    await operation.get_by_role("button").first.click()
    await visit.fits()
    await operation.get_by_role("button", name="Try it out").click()
    body = '{"email": "member@example.com", "password": "pebble-compass-violin-47"}'
    await operation.locator("textarea").fill(body)
    await operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    await expect(answer).to_contain_text("Demo Member")
    await visit.fits()
    await page.goto(visit.url)
    await expect(page.get_by_role("region", name="Signed in")).to_contain_text("member@example.com")

"""Demo ID on the page of `bymax-auth dev`: a person leaves for a provider and comes back."""

import asyncio
import re
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.looks import button_names, is_readable
from tests.browser.person import Person
from tests.browser.visit import DESK, PHONE, Visit
from tests.integration.cli.dev_server import DevServer, enrolled
from tests.long import long_only

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

PROVIDER = "Sign in with another account"
CONTINUE = "Continue with Demo ID"
EMAIL = "lia@demo-id.example"


async def at_the_provider(page: Page) -> None:
    await page.get_by_role("link", name=CONTINUE).click()
    await sees_the_provider(page)


async def sees_the_provider(page: Page) -> None:
    await expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()


def linked(person: Person) -> Locator:
    """The identities that the page shows."""
    return person.section(PROVIDER).get_by_role("list", name="Linked identities").get_by_role("listitem")


async def is_somebody(page: Page, name: str, email: str, *, verified: bool = True) -> None:
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Demo ID has verified this address").set_checked(verified)
    await page.get_by_role("button", name="Continue", exact=True).click()


async def reads_below(person: Person, title: Locator, text: str) -> None:
    """The focused heading and what the page says below it are both in the window."""
    await expect(title).to_be_focused()
    await expect(title).to_be_in_viewport(ratio=1)
    said = person.section(PROVIDER).get_by_role("status").filter(has_text=text)
    await expect(said).to_be_in_viewport(ratio=1)


async def test_a_visitor_signs_up_and_in_with_the_provider(visit: Visit) -> None:
    """A visitor wants to see the sign-in that most people use, and gets stuck between two pages."""
    page, person = visit.page, Person(visit, EMAIL)
    await person.open()
    await at_the_provider(page)
    await page.get_by_role("button", name="Continue", exact=True).click()
    await person.sees_fault("Who are you?", "Name", "Name is missing.")
    await page.get_by_role("button", name="Cancel and go back").click()
    await person.sees("Sign in", "Demo ID did not sign you in.")
    await expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_focused()
    for _ in range(2):
        await at_the_provider(page)
        await is_somebody(page, "Lia Duarte", EMAIL)
        await person.sees("Signed in", "You are signed in with Demo ID.")
        await expect(page.get_by_role("heading", name="Signed in")).to_be_focused()
        await expect(person.section("Signed in")).to_contain_text("Lia Duarte")
        await expect(person.section("Signed in")).to_contain_text("Address verified.")
        assert page.url == f"{visit.url}/"
        await person.sign_out()


async def test_an_address_that_the_provider_has_not_verified_opens_no_account(visit: Visit) -> None:
    """The demonstration shows the attack that the library refuses, as a success."""
    person = Person(visit, "member@example.com")
    await person.open()
    await at_the_provider(visit.page)
    await is_somebody(visit.page, "Demo Member", person.email)
    await person.sees("Sign in", "An account here has this address already")


async def test_a_visitor_links_an_identity_signs_in_with_it_and_unlinks_it(member: Person) -> None:
    """A visitor links an identity and gets a second account, or unlinks the only way in."""
    page, title = member.page, member.section(PROVIDER).get_by_role("heading", name="Linked identities")
    noa = ("Noa Weber", "noa@demo-id.example")
    await member.presses(PROVIDER, "Link Demo ID to this account")
    await page.get_by_role("button", name="Cancel and go back").click()
    await member.sees(PROVIDER, "Demo ID was not linked.")
    await reads_below(member, title, "Demo ID was not linked.")
    await member.presses(PROVIDER, "Link Demo ID to this account")
    await sees_the_provider(page)
    await is_somebody(page, *noa)
    await member.sees(PROVIDER, "Demo ID is linked.")
    await reads_below(member, title, "Demo ID is linked.")
    await expect(linked(member).get_by_role("button")).to_have_count(1)
    await member.sign_out()
    await at_the_provider(page)
    await is_somebody(page, *noa)
    await member.sees("Signed in", "You are signed in with Demo ID.")
    await member.is_signed_in()
    await member.presses(PROVIDER, "Unlink Demo ID")
    await member.sees(PROVIDER, "Demo ID is unlinked. Every other session of the account has ended.")
    await expect(title).to_be_focused()
    await expect(linked(member)).to_have_text("No identity is linked to this account.")
    await member.sign_out()
    await at_the_provider(page)
    await is_somebody(page, *noa)
    await member.sees("Signed in", "You are signed in with Demo ID.")
    await expect(member.section("Signed in")).to_contain_text("Noa Weber")
    await member.presses(PROVIDER, "Unlink Demo ID")
    await expect(linked(member).get_by_role("status")).to_contain_text("This is the last way in")
    await expect(linked(member).get_by_role("button")).to_be_focused()
    await is_readable(page)
    await member.visit.fits()


async def test_nothing_of_a_stranger_is_left_when_the_owner_comes(visit: Visit) -> None:
    """A visitor reads that accounts are reclaimed, and sees the stranger still in one."""
    page, person = visit.page, Person(visit, "")
    await person.open()
    await person.presses(PROVIDER, "Register the owner’s address")
    owner = person.section(PROVIDER).get_by_role("link", name=re.compile("^Come as the owner, "))
    await expect(owner).to_be_focused()
    await person.sees(PROVIDER, "The owner has heard of nothing.")
    name = (await owner.inner_text()).removeprefix("Come as the owner, ")
    await owner.click()
    await page.get_by_role("button", name=f"Continue as {name}").first.click()
    await person.sees(PROVIDER, "Nothing of the stranger is left.")
    steps = person.section(PROVIDER).get_by_role("list", name="What became of the stranger")
    await expect(steps).to_contain_text("The stranger’s session: refused (401), auth.token_invalid.")
    await expect(steps).to_contain_text("The stranger’s password: refused (401), auth.invalid_credentials.")
    await expect(page.get_by_role("heading", name=PROVIDER)).to_be_focused()
    await expect(person.section("Signed in")).to_contain_text("@demo-id.example")


async def test_the_demo_phone_has_the_code_after_the_provider(visit: Visit, demo_server: DevServer) -> None:
    """A visitor with a second factor links an identity, and cannot sign in with it without a phone."""
    page, person, password = visit.page, Person(visit, "kim@example.com"), "green tea in paris 71"
    with demo_server.client() as elsewhere:
        await asyncio.to_thread(enrolled, elsewhere, person.email, password)
    await person.open()
    await person.sign_in(password)
    await passes_the_second_step(person)
    await person.presses(PROVIDER, "Link Demo ID to this account")
    await person.sees_fault(PROVIDER, "Password, to link or unlink", "Invalid email or password.")
    await person.section(PROVIDER).get_by_label("Password, to link or unlink").fill(password)
    await page.keyboard.press("Enter")
    await sees_the_provider(page)
    await is_somebody(page, "Kim Novak", "kim@demo-id.example")
    await person.sees(PROVIDER, "Demo ID is linked.")
    await person.sign_out()
    await at_the_provider(page)
    await is_somebody(page, "Kim Novak", "kim@demo-id.example")
    await passes_the_second_step(person)
    await person.is_signed_in()


async def passes_the_second_step(person: Person) -> None:
    await person.presses("Second factor", "Code from the demo phone")
    code = person.section("Second factor").get_by_label("Code of the app, or a recovery code")
    await expect(code).to_have_value(re.compile("^[0-9]{6}$"))
    await person.presses("Second factor", "Continue")
    await person.sees("Signed in", "You are signed in, with both factors.")


async def test_a_second_factor_is_asked_for_after_the_provider(visit: Visit) -> None:
    """A visitor with a second factor comes back to a page that says nothing."""
    person = Person(visit, "")
    await visit.page.goto(f"{visit.url}/?second-step")
    code = person.section("Second factor").get_by_label("Code of the app, or a recovery code")
    await expect(code).to_be_focused()
    assert visit.page.url == f"{visit.url}/"
    # No code of this visitor's: the cookie of a challenge is missing, too.
    await code.fill("123456")
    await person.presses("Second factor", "Continue")
    await person.sees("Second factor", "The second step took too long, or its sign-in has ended.")
    await person.presses("Second factor", "Back to sign-in")
    await expect(visit.page.get_by_role("heading", name="Sign in", exact=True)).to_be_focused()


@pytest.mark.parametrize(
    ("scheme", "size"),
    [
        pytest.param("dark", PHONE, id="dark-phone"),
        pytest.param("light", DESK, id="light-desk", marks=long_only),
    ],
)
async def test_the_providers_page_is_readable(
    chromium: Browser, demo_server: DevServer, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    """Its errors are grey on grey, or two buttons have one name."""
    width, height = size
    async with await chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme
    ) as context:
        visit = Visit(await context.new_page(), demo_server.url)
        await Person(visit, EMAIL).open()
        await at_the_provider(visit.page)
        await visit.page.get_by_role("button", name="Continue", exact=True).click()
        await expect(visit.page.get_by_label("Name")).to_be_focused()
        await is_readable(visit.page)
        await visit.fits()
        assert set((await button_names(visit.page)).values()) == {1}

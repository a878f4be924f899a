"""The page of `bymax-auth dev` for a person who does not use a mouse, or does not see it."""

import re
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.looks import button_names, has_no_fault_of_axe, is_readable, tab_to
from tests.browser.person import MEMBER, Person
from tests.browser.visit import DESK, PHONE, Visit
from tests.integration.cli.dev_server import DevServer
from tests.long import long_only

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

SESSIONS = "End a session, timed"


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(visit: Visit) -> Person:
    """Somebody who has opened the page."""
    person = Person(visit, MEMBER)
    await person.open()
    return person


async def test_everything_can_be_done_without_a_mouse(visitor: Person) -> None:
    """A person who uses the keyboard alone gets stuck, or loses their place after a press."""
    page = visitor.page
    await tab_to(page, "Sign in as MEMBER")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Signed in")).to_be_focused()
    await tab_to(page, "Refresh now")
    await page.keyboard.press("Space")
    await visitor.sees("Replay a stolen token", "the token before is used")
    await expect(page.get_by_role("button", name="Refresh now")).to_be_focused()
    await tab_to(page, "Sign in a phone")
    await page.keyboard.press("Enter")
    await visitor.sees(SESSIONS, "A phone has signed in.")
    await expect(page.get_by_role("button", name="Sign in a phone")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await visitor.sees(SESSIONS, "The session has ended.")
    await expect(page.get_by_role("heading", name=SESSIONS)).to_be_focused()
    await tab_to(page, "Open the ADMIN route")
    await page.keyboard.press("Enter")
    await visitor.sees("Ask for what only an ADMIN may", "Refused (403)")


async def test_every_button_has_a_name_of_its_own(visitor: Person) -> None:
    """A person who hears the page cannot tell three buttons from each other."""
    page = visitor.page
    assert set((await button_names(page)).values()) == {1}
    await visitor.presses("Sign in", "Sign in as MEMBER")
    for number in (1, 2):
        await visitor.presses(SESSIONS, "Sign in a phone")
        marks = visitor.section(SESSIONS).get_by_text("In the second process")
        await expect(marks).to_have_count(number)
    names = await button_names(page)
    assert sum(name.startswith("End Safari on iOS") for name in names) == 2
    assert set(names.values()) == {1}
    assert "" not in names


async def test_an_error_stands_beside_its_field(visitor: Person) -> None:
    """A person presses a button, and looks for what is wrong all over the page."""
    await visitor.sign_in("not the password 12")
    await visitor.sees_fault("Sign in", "Password", "The email or the password is not right.")
    form = visitor.section("Create an account")
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees_fault("Create an account", "Name", "Fill in this field.")
    await form.get_by_label("Name").fill("Ana Souza")
    await expect(form.get_by_label("Name")).not_to_have_attribute("aria-invalid", "true")
    await form.get_by_label("Email").fill("ana")
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees_fault("Create an account", "Email", "Enter an email address.")
    await form.get_by_label("Email").fill(MEMBER)
    await form.get_by_label("Password").fill("green tea in paris 71")
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees_fault("Create an account", "Email", "There is an account with this email already.")


async def test_the_server_asks_for_the_length_that_the_page_names(visitor: Person) -> None:
    """The page names another length than the server asks for, and a person tries in vain."""
    form = visitor.section("Create an account")
    field = form.get_by_label("Password")
    await expect(field).to_have_accessible_description("At least 15 characters, and no well-known password.")
    await form.get_by_label("Name").fill("Dora Pires")
    await form.get_by_label("Email").fill("dora@example.com")
    await field.fill("p" * 14)
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees_fault("Create an account", "Password", "Use at least 15 characters.")
    await expect(field).to_have_accessible_description(re.compile("no well-known password"))
    await field.fill("green tea in oslo 4")
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees("Signed in", "Your account exists.")


@pytest.mark.parametrize(
    ("scheme", "size"),
    [
        pytest.param("light", PHONE, id="light-phone"),
        pytest.param("dark", DESK, id="dark-desk"),
        pytest.param("dark", PHONE, id="dark-phone", marks=long_only),
        pytest.param("light", DESK, id="light-desk", marks=long_only),
    ],
)
async def test_the_page_is_readable_and_nothing_covers_a_button(
    chromium: Browser, demo_server: DevServer, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    """Grey text on grey, or a message that lies on the button that somebody wants to press."""
    width, height = size
    async with await chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme
    ) as context:
        person = Person(Visit(await context.new_page(), demo_server.url), MEMBER)
        await person.open()
        await person.sign_in("not the password 12")
        await person.sees_fault("Sign in", "Password", "The email or the password is not right.")
        await is_readable(person.page)
        await person.presses("Sign in", "Sign in as MEMBER")
        await person.is_signed_in()
        await person.presses("Ask for what only an ADMIN may", "Open the ADMIN route")
        await person.sees("Ask for what only an ADMIN may", "Refused (403)")
        await person.presses("Replay a stolen token", "Refresh now")
        await person.sees("Replay a stolen token", "the token before is used")
        await person.section("Replay a stolen token").get_by_text("How to do this in your app").click()
        await expect(person.page.get_by_text("reuse_bumps_epoch")).to_be_visible()
        await is_readable(person.page)
        await has_no_fault_of_axe(person.page)
        await person.visit.fits()

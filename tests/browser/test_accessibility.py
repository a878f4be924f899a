"""The page of `bymax-auth dev` for a person who does not use a mouse, or does not see it."""

from collections import Counter
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.person import Person
from tests.browser.visit import DESK, PHONE, Visit
from tests.integration.cli.dev_server import DevServer
from tests.long import long_only

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

MEMBER = "member@example.com"
SESSIONS = "End a session, timed"
TABS_AT_MOST = 80
FOCUSED = """() => {
    const focused = document.activeElement;
    const style = getComputedStyle(focused);
    return [focused.ariaLabel || focused.textContent, style.outlineStyle !== "none"];
}"""
COVERED = """() => [...document.querySelectorAll("button")].filter((button) => {
    if (!button.checkVisibility()) return false;
    button.scrollIntoView({ block: "center", behavior: "instant" });
    const { x, y, width, height } = button.getBoundingClientRect();
    return !button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}).map((button) => button.textContent)"""
TEXT_CONTRAST = """() => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (color) => {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (color) => rgba(color).slice(0, 3)
        .map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const color = getComputedStyle(each).backgroundColor;
            if (rgba(color)[3] === 255) return color;
        }
        return "Canvas";
    };
    const faults = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility()) continue;
        const pair = [getComputedStyle(element).color, behind(element)].map(luminance).sort((a, b) => b - a);
        const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
        if (ratio < 4.5) faults.push(`${ratio.toFixed(2)} ${element.textContent.trim().slice(0, 40)}`);
    }
    return faults;
}"""


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(visit: Visit) -> Person:
    """Somebody who has opened the page."""
    person = Person(visit, MEMBER)
    await person.open()
    return person


async def tab_to(page: Page, name: str) -> None:
    """Press the tabulator until the focus is, visibly, on what begins with `name`."""
    for _ in range(TABS_AT_MOST):
        await page.keyboard.press("Tab")
        text, visible = await page.evaluate(FOCUSED)
        if text.startswith(name):
            assert visible, f"the focus on {name} cannot be seen"
            return
    raise AssertionError(f"The keyboard does not come to {name}.")


async def button_names(page: Page) -> Counter[str]:
    """The names of the buttons, as the accessibility tree has them."""
    session = await page.context.new_cdp_session(page)
    tree: dict[str, Any] = await session.send("Accessibility.getFullAXTree")
    nodes: list[dict[str, Any]] = tree["nodes"]
    shown = [node for node in nodes if not node["ignored"] and node["role"]["value"] == "button"]
    return Counter(node["name"]["value"] for node in shown)


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
    await visitor.sees_fault("Sign in", "Password", "Invalid email or password.")
    form = visitor.section("Create an account")
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees_fault("Create an account", "Name", "Name is missing.")
    await form.get_by_label("Name").fill("Ana Souza")
    await expect(form.get_by_label("Name")).not_to_have_attribute("aria-invalid", "true")
    await form.get_by_label("Email").fill("ana")
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees_fault("Create an account", "Email", "Email needs the form name@example.com.")
    await form.get_by_label("Email").fill(MEMBER)
    await form.get_by_label("Password").fill("p" * 14)
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees_fault("Create an account", "Password", "at least 15 characters; these are 14.")
    await form.get_by_label("Password").fill("green tea in paris 71")
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees_fault("Create an account", "Email", "Email already registered.")


async def test_the_server_asks_for_the_length_that_the_form_asks_for(visitor: Person) -> None:
    """The form lets a password through that the server refuses, or the text says another number."""
    form = visitor.section("Create an account")
    field = form.get_by_label("Password")
    await expect(field).to_have_accessible_description("At least 15 characters, and no well-known password.")
    await expect(field).to_have_attribute("minlength", "15")
    # Without the form's own check, the server's answer is shown at the same place.
    await field.evaluate("field => field.removeAttribute('minlength')")
    await form.get_by_label("Name").fill("Ana Souza")
    await form.get_by_label("Email").fill("dora@example.com")
    await field.fill("p" * 14)
    await form.get_by_role("button", name="Create account").click()
    await visitor.sees_fault("Create an account", "Password", "Password must be at least 15 characters.")


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
    chromium: Browser, server: DevServer, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    """Grey text on grey, or a message that lies on the button that somebody wants to press."""
    width, height = size
    async with await chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme
    ) as context:
        person = Person(Visit(await context.new_page(), server.url), MEMBER)
        await person.open()
        await person.sign_in("not the password 12")
        await person.sees_fault("Sign in", "Password", "Invalid email or password.")
        assert await person.page.evaluate(COVERED) == []
        assert await person.page.evaluate(TEXT_CONTRAST) == []
        await person.presses("Sign in", "Sign in as MEMBER")
        await person.is_signed_in()
        await person.presses("Ask for what only an ADMIN may", "Open the ADMIN route")
        await person.sees("Ask for what only an ADMIN may", "Refused (403)")
        await person.presses("Replay a stolen token", "Refresh now")
        await person.sees("Replay a stolen token", "the token before is used")
        assert await person.page.evaluate(COVERED) == []
        assert await person.page.evaluate(TEXT_CONTRAST) == []

"""How the pages of the example for Next look on a phone and on a desk, by day and by night."""

from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import expect

from tests.browser.looks import button_names, has_no_fault_of_axe, is_readable, tab_to
from tests.browser.nextjs.member import PASSWORD, Member
from tests.browser.visit import DESK, PHONE
from tests.long import LONG

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
]

PUBLIC = ("/", "/login?reason=expired", "/register", "/verify", "/reset-password")
PRIVATE = ("/", "/dashboard?error=forbidden", "/sessions", "/security")
SIZES = {"phone": PHONE, "desk": DESK}
LINES = "codes => codes.map((code) => code.getClientRects().length)"
USUAL = [("phone", "night"), ("desk", "day")]
SCHEMES: dict[str, Literal["light", "dark"]] = {"night": "dark", "day": "light"}


@pytest.mark.parametrize(("where", "when"), [*product(SIZES, SCHEMES)] if LONG else USUAL)
async def test_every_page_can_be_read(member: Member, where: str, when: str, tmp_path: Path) -> None:
    """A person scrolls sideways, cannot read grey on grey, or hears a field without a name."""
    page = member.page
    width, height = SIZES[where]
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme=SCHEMES[when])
    for path in PUBLIC:
        await member.goes_to(path)
        await expect(page.get_by_role("link", name="Create account")).to_be_visible()
        await looks_well(member, tmp_path / f"public{path.partition('?')[0].replace('/', '-')}.png")
    await member.signs_in()
    for path in PRIVATE:
        await member.goes_to(path)
        await member.sees_own_name()
        await looks_well(member, tmp_path / f"private{path.partition('?')[0].replace('/', '-')}.png")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Begin").click()
    codes = page.locator(".codes code")
    await codes.first.wait_for()
    assert set(await codes.evaluate_all(LINES)) == {1}, "a code is broken where nobody would break it"
    await looks_well(member, tmp_path / "private-codes.png")


async def looks_well(member: Member, picture: Path) -> None:
    page = member.page
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    await member.visit.fits()
    await is_readable(page)
    await has_no_fault_of_axe(page)
    assert set((await button_names(page)).values()) <= {1}
    await page.screenshot(path=picture, full_page=True)


async def test_a_person_without_a_mouse_signs_in_and_out(member: Member) -> None:
    """Somebody who uses the keyboard alone gets stuck at a form."""
    page = member.page
    await member.goes_to("/login?redirectTo=%2Fsessions")
    await tab_to(page, "Skip to the content")
    await page.get_by_label("Email").focus()
    await page.keyboard.type(member.email)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    await tab_to(page, "Sign out")
    await page.keyboard.press("Enter")
    await member.is_asked_to_sign_in()

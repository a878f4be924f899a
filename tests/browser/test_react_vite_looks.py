"""The example `react-vite` without a mouse, and as it looks on a phone and on a desk."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bymax_auth.crypto import totp
from tests.browser.looks import is_readable, tab_to
from tests.browser.notebook import Notebook
from tests.browser.reader import PASSWORD, Reader
from tests.browser.visit import DESK, PHONE, Visit
from tests.long import long_only
from tests.servers.redis import RedisProcess
from tools.npm_package import FOLDER

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
FINDINGS = """async () => (await axe.run()).violations
    .flatMap(({ id, impact, nodes }) => nodes.map(({ html }) => `${impact} ${id}: ${html}`))"""


@pytest_asyncio.fixture(loop_scope="session")
async def ana(
    chromium: Browser, notebook: Notebook, redis_server: RedisProcess, request: pytest.FixtureRequest
) -> AsyncIterator[Reader]:
    """Somebody with an account, at a screen of some size and scheme."""
    assert redis_server.running
    scheme, (width, height) = getattr(request, "param", ("light", DESK))
    async with await chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB"
    ) as context:
        visit = Visit(await context.new_page(), notebook.url)
        visit.watch()
        yield Reader(visit.page, notebook, f"{scheme}-{width}-{request.node.originalname[5:20]}@example.com")
        assert visit.faults == []


at_every_screen = pytest.mark.parametrize(
    "ana",
    [
        pytest.param(("light", PHONE), id="light-phone"),
        pytest.param(("dark", DESK), id="dark-desk"),
        pytest.param(("dark", PHONE), id="dark-phone", marks=long_only),
        pytest.param(("light", DESK), id="light-desk", marks=long_only),
    ],
    indirect=True,
)


class Looker:
    """Looks at one page after the other, and keeps a picture of each."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder

    async def looks(self, name: str) -> None:
        await self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)
        await Visit(self.page, "").fits()
        await is_readable(self.page)
        # Evaluated, because the policy of the page admits no script of another origin, nor any inside it.
        await self.page.evaluate(AXE.read_text("utf-8"))
        assert await self.page.evaluate(FINDINGS) == [], name


@at_every_screen
async def test_every_page_can_be_read_and_nothing_lies_on_a_button(ana: Reader, tmp_path: Path) -> None:
    """Grey text on grey, a page that is cut off on a phone, a field without a name."""
    looker = Looker(ana.page, tmp_path)
    await ana.open("/sign-up")
    await ana.presses("Create account")
    await expect(ana.page.get_by_label("Name", exact=True)).to_be_focused()
    await looker.looks("sign-up-faults")
    await ana.fills(Name="Ana", Email=ana.email, Password="fourteen chars")
    await ana.presses("Create account")
    # The secure profile's limit, which the form reads in the server's answer.
    await expect(ana.page.get_by_text("Use at least 15 characters.")).to_be_visible()
    await ana.open("/verify")
    await ana.page.get_by_label("Code", exact=True).wait_for()
    await looker.looks("verify")
    await ana.open("/reset")
    await ana.fills(Email=ana.email)
    await ana.presses("Send instructions")
    await ana.is_told("instructions are on their way")
    await looker.looks("reset")
    await ana.open("/reset#email=ana%40example.com&token=0")
    await ana.page.get_by_label("New password", exact=True).wait_for()
    await looker.looks("reset-link")
    await ana.open("/sign-in?because=expired")
    await ana.signs_in("not the password 12")
    await ana.is_told_of("Password", "The email or the password is not right.")
    await looker.looks("sign-in-refused")
    await ana.has_signed_in()
    await looks_at_the_private_pages(ana, looker)


async def looks_at_the_private_pages(ana: Reader, looker: Looker) -> None:
    await ana.open("/notes")
    await ana.writes("Buy milk, and the other things that we talked about when it rained.")
    await looker.looks("notes")
    await ana.follows("Report")
    await ana.is_told("Only administrators may read this report.", "alert")
    await looker.looks("report-refused")
    await ana.follows("Security")
    await ana.page.get_by_text("This device").wait_for()
    await ana.fills(Your_password=PASSWORD)
    await ana.presses("Add an app")
    await ana.page.get_by_role("list", name="Recovery codes").wait_for()
    await looker.looks("security")
    secret = totp.base32_decode(await ana.page.locator("#key").inner_text())
    await ana.fills(Code_of_your_app=f"{totp.generate(secret, int(time.time())):06d}")
    await ana.presses("Turn it on")
    await ana.is_told("Your second factor has changed")
    await ana.signs_in()
    await expect(ana.page.get_by_label("Code", exact=True)).to_be_focused()
    await looker.looks("second-step")
    await ana.open("/nowhere")
    await ana.sees_page("There is no such page")
    await looker.looks("no-page")


async def test_everything_can_be_done_without_a_mouse(ana: Reader) -> None:
    """A person who uses the keyboard alone gets stuck, or loses their place after a press."""
    page, keyboard = ana.page, ana.page.keyboard
    await ana.has_signed_in()
    await page.context.clear_cookies()
    await ana.open("/notes")
    await ana.sees_page("Welcome back")
    await page.get_by_label("Email", exact=True).focus()
    await keyboard.type(ana.email)
    await keyboard.press("Tab")
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await ana.sees_page("Notes of Ana Souza")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await keyboard.press("Tab")
    await keyboard.type("by hand")
    await keyboard.press("Enter")
    await expect(ana.notes()).to_have_text(["by hand"])
    await expect(page.get_by_label("New note")).to_be_focused()
    await tab_to(page, "Report")
    await keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name="Report")).to_be_focused()
    await tab_to(page, "Sign out")
    await keyboard.press("Space")
    await ana.is_told("You are signed out.")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()

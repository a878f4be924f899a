"""The example `react-vite` in a browser: everything that a person does with an account, on the packed package."""

import re
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, expect

from bymax_auth.crypto import totp
from tests.browser.notebook import Notebook
from tests.browser.visit import Visit
from tests.servers.redis import RedisProcess

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "green tea in paris 71"
NEW_PASSWORD = "brown bread in lyon 82"
ACCESS_COOKIE = "access_token"
CODE, LINK = r"\b[0-9]{6}\b", r"https?://\S+/reset#\S+"


class Reader:
    """Somebody in front of the application."""

    def __init__(self, page: Page, notebook: Notebook, email: str) -> None:
        self.page, self.notebook, self.email = page, notebook, email
        self.refreshes: list[int] = []
        page.on("response", self._count)

    def _count(self, response: object) -> None:
        url, status = getattr(response, "url", ""), getattr(response, "status", 0)
        if urlsplit(url).path == "/auth/refresh":
            self.refreshes.append(status)

    async def open(self, path: str = "/") -> None:
        await self.page.goto(self.notebook.url + path)

    async def fills(self, **values: str) -> None:
        for label, text in values.items():
            await self.page.get_by_label(label.replace("_", " "), exact=True).fill(text)

    async def presses(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def follows(self, name: str) -> None:
        await self.page.get_by_role("link", name=name, exact=True).click()

    async def sees_page(self, title: str) -> None:
        await expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()

    async def is_told(self, text: str, role: str = "status") -> None:
        await expect(self.page.get_by_role(role).filter(has_text=text)).to_have_count(1)  # type: ignore[arg-type]

    async def registers(self, name: str) -> None:
        await self.open("/sign-up")
        await self.fills(Name=name, Email=self.email, Password=PASSWORD)
        await self.presses("Create account")
        await self.sees_page("Verify your address")
        await self.fills(Code=await self.notebook.mailed(self.email, CODE))
        await self.presses("Verify")
        await self.is_told("Your address is verified.")

    async def signs_in(self, password: str = PASSWORD) -> None:
        await self.fills(Email=self.email, Password=password)
        await self.presses("Sign in")

    def notes(self) -> Locator:
        return self.page.get_by_role("list", name="Notes").get_by_role("listitem")

    async def writes(self, note: str) -> None:
        await self.fills(New_note=note)
        await self.presses("Add")
        await expect(self.notes().filter(has_text=note)).to_have_count(1)

    async def expires(self) -> None:
        """The access token has come to its end, and the browser has dropped its cookie."""
        await self.page.context.clear_cookies(name=ACCESS_COOKIE)


@pytest_asyncio.fixture(loop_scope="session")
async def ana(
    context: BrowserContext, notebook: Notebook, redis_server: RedisProcess, request: pytest.FixtureRequest
) -> AsyncIterator[Reader]:
    """A new person, whose requests nobody has counted yet."""
    assert redis_server.running
    visit = Visit(await context.new_page(), notebook.url)
    visit.watch()
    yield Reader(visit.page, notebook, f"{request.node.name[5:45].lower()}@example.com")
    assert visit.faults == []


async def test_a_person_does_everything_that_an_account_needs(ana: Reader) -> None:
    """A newcomer copies the example, and somebody gets stuck in it."""
    await ana.open("/notes")
    await ana.sees_page("Welcome back")
    await ana.registers("Ana Souza")
    await ana.signs_in("not the password 12")
    await ana.is_told("The email or the password is not right.", "alert")
    await ana.signs_in()
    await ana.sees_page("Notes of Ana Souza")
    assert urlsplit(ana.page.url).path == "/notes"
    await ana.writes("buy milk")

    await goes_on_with_an_expired_token(ana)
    await is_refused_what_administrators_read(ana)
    secret = await adds_a_second_factor(ana)
    await signs_in_with_both(ana, secret)
    await signs_out_and_goes_back(ana)
    await resets_a_forgotten_password(ana)


async def goes_on_with_an_expired_token(ana: Reader) -> None:
    ana.refreshes.clear()
    await ana.expires()
    await ana.follows("Report")
    await ana.is_told("Only administrators may read this report.", "alert")
    assert ana.refreshes == [200]
    await ana.expires()
    await ana.page.reload()
    await ana.is_told("Only administrators may read this report.", "alert")
    assert ana.refreshes == [200, 200]


async def is_refused_what_administrators_read(ana: Reader) -> None:
    await expect(ana.page.get_by_text("People who write")).to_have_count(0)
    await ana.follows("Notes")
    await expect(ana.notes()).to_have_text(["buy milk"])
    await expect(ana.page.get_by_role("heading", level=1)).to_be_focused()


async def adds_a_second_factor(ana: Reader) -> bytes:
    await ana.follows("Security")
    await ana.fills(Your_password="not the password 12")
    await ana.presses("Add an app")
    await ana.is_told("This is not right. Try again.", "alert")
    await ana.fills(Your_password=PASSWORD)
    await ana.presses("Add an app")
    await expect(ana.page.get_by_role("heading", name="Add your app")).to_be_focused()
    await expect(ana.page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(8)
    secret = totp.base32_decode(await ana.page.locator("#key").inner_text())
    await ana.fills(Code_of_your_app=code_of(secret))
    await ana.presses("Turn it on")
    await ana.is_told("Your second factor has changed")
    return secret


def code_of(secret: bytes, steps: int = 0) -> str:
    return f"{totp.generate(secret, int(time.time()) + 30 * steps):06d}"


async def signs_in_with_both(ana: Reader, secret: bytes) -> None:
    await ana.signs_in()
    await expect(ana.page.get_by_label("Code", exact=True)).to_be_focused()
    await ana.fills(Code="000000")
    await ana.presses("Verify")
    await ana.is_told("This code is not right.", "alert")
    # The code of the enrolment does not work a second time; the next one does.
    await ana.fills(Code=code_of(secret, steps=1))
    await ana.page.keyboard.press("Enter")
    await ana.sees_page("Notes of Ana Souza")
    await ana.follows("Security")
    sessions = ana.page.get_by_role("region", name="Where you are signed in").get_by_role("listitem")
    await expect(sessions.filter(has_text="This device")).to_have_count(1)


async def signs_out_and_goes_back(ana: Reader) -> None:
    await ana.follows("Notes")
    await expect(ana.notes()).to_have_text(["buy milk"])
    await ana.presses("Sign out")
    await ana.is_told("You are signed out.")
    await ana.page.go_back()
    await ana.sees_page("Welcome back")
    await expect(ana.page.get_by_text("buy milk")).to_have_count(0)
    await ana.open("/security")
    await ana.sees_page("Welcome back")


async def resets_a_forgotten_password(ana: Reader) -> None:
    await ana.follows("Forgotten your password?")
    await ana.fills(Email=ana.email)
    await ana.presses("Send instructions")
    await ana.is_told("instructions are on their way")
    await ana.page.goto(await ana.notebook.mailed(ana.email, LINK))
    await expect(ana.page).to_have_url(re.compile(r"/reset$"))
    await ana.fills(New_password=NEW_PASSWORD)
    await ana.presses("Set password")
    await ana.is_told("The password is set.")
    await ana.follows("Back to sign in")
    await ana.signs_in(NEW_PASSWORD)
    await expect(ana.page.get_by_role("heading", name="Second step")).to_be_visible()

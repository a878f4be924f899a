"""The example `react-vite` in a browser: what people do with an account, on the packed package."""

import re
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Route, expect

from bymax_auth.crypto import totp
from tests.browser.notebook import Notebook
from tests.browser.reader import PASSWORD, Reader
from tests.browser.visit import Visit
from tests.servers.redis import RedisProcess

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

NEW_PASSWORD = "brown bread in lyon 82"
LINK = r"https?://\S+/reset#\S+"


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
    assert ana.refreshes == []
    await ana.registers("Ana Souza")
    await ana.signs_in("not the password 12")
    await ana.is_told_of("Password", "The email or the password is not right.")
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
    await ana.is_told_of("Code", "This code is not right.")
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


REMEMBER = """addEventListener("pageshow", ({ persisted }) => {
    if (persisted) window.restoredWith = document.body.innerText;
})"""


async def test_what_is_private_ends_with_the_session_in_every_tab(ana: Reader) -> None:
    """Somebody signs out at a borrowed machine, and the next person reads their notes in another tab."""
    await ana.has_signed_in()
    await ana.open("/notes")
    await ana.writes("buy milk")
    other = Reader(await ana.page.context.new_page(), ana.notebook, ana.email)
    await other.open("/notes")
    await expect(other.notes()).to_have_text(["buy milk"])

    await ana.presses("Sign out")
    await other.sees_page("Welcome back")
    await expect(other.page.get_by_text("Your session has ended")).to_have_count(0)
    await ana.signs_in()
    await other.sees_page("Notes of Ana Souza")

    await learns_of_the_end_on_the_way(ana)
    await signs_out_although_the_server_is_away(ana)


async def learns_of_the_end_on_the_way(ana: Reader) -> None:
    await ana.is_signed_out_elsewhere()
    await ana.fills(New_note="too late")
    await ana.presses("Add")
    await ana.is_told("Your session has ended. Sign in again.")
    assert "next=%2Fnotes" in ana.page.url


async def signs_out_although_the_server_is_away(ana: Reader) -> None:
    await ana.signs_in()
    await ana.sees_page("Notes of Ana Souza")
    await ana.page.route("**/auth/**", lambda route: route.abort())
    await ana.presses("Sign out")
    await ana.is_told("The server could not be reached, so sign out again when it can be.")
    await expect(ana.page.get_by_text("buy milk")).to_have_count(0)


async def test_the_server_tells_an_administrator_from_everybody_else(ana: Reader) -> None:
    """The page of administrators is empty for them too."""
    ana.email = "admin@example.com"
    await ana.has_signed_in()
    await ana.open("/report")
    await expect(ana.page.get_by_role("definition")).to_have_count(2)
    # No page names a tenant; the server has one for every request.
    me = await ana.page.request.get(f"{ana.notebook.url}/auth/me")
    assert (await me.json())["tenantId"] == "acme"


async def test_a_page_holds_its_own_tokens(ana: Reader) -> None:
    """Whoever cannot use cookies is signed out by the first refresh, or signed in by somebody else's."""
    await ana.has_signed_in()
    await ana.page.context.clear_cookies()
    await ana.open("/tokens")
    await ana.signs_in()
    await expect(ana.page.get_by_text("Ana Souza is signed in until")).to_be_visible()
    assert await ana.page.context.cookies() == []
    await ana.page.route("**/auth/me", with_an_expired_token, times=1)
    async with ana.page.expect_response("**/auth/refresh") as refreshed:
        await ana.presses("Ask again")
    assert (await refreshed.value).status == 200
    async with ana.page.expect_response("**/auth/me") as asked:
        await ana.presses("Ask again")
    assert (await asked.value).status == 200
    await ana.presses("Sign out here")
    await expect(ana.page.get_by_role("heading", name="Sign in")).to_be_visible()


async def with_an_expired_token(route: Route) -> None:
    await route.continue_(headers={**route.request.headers, "authorization": "Bearer expired"})


async def test_development_asks_once_although_effects_run_twice(
    ana: Reader, development_notebook: Notebook
) -> None:
    """The commands of the README start something that works, and React's strict mode doubles no request."""
    await ana.has_signed_in()
    ana.notebook = development_notebook
    await ana.open("/notes")
    await ana.sees_page("Notes of Ana Souza")
    await ana.presses("Sign out")
    await ana.is_told("You are signed out.")
    await ana.signs_in()
    await ana.sees_page("Notes of Ana Souza")
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    await ana.page.reload()
    await ana.sees_page("Notes of Ana Souza")
    assert asked.count("/auth/me") == 1


@pytest.mark.usefixtures("redis_server")
async def test_a_page_that_comes_back_shows_nothing_private(
    remembering: BrowserContext, notebook: Notebook
) -> None:
    """Browsers keep a page as it was, and show it again to whoever presses the back button."""
    ana = Reader(await remembering.new_page(), notebook, "back@example.com")
    await ana.has_signed_in()
    await ana.page.add_init_script(REMEMBER)
    await ana.open("/notes")
    await ana.writes("buy milk")
    await ana.page.goto(f"{notebook.url}/openapi.json")
    await ana.is_signed_out_elsewhere()
    await ana.page.evaluate("history.back()")
    await ana.is_told("Your session has ended. Sign in again.")
    restored = await ana.page.evaluate("window.restoredWith")
    assert "Notebook" in restored
    assert "milk" not in restored
    assert "Ana" not in restored

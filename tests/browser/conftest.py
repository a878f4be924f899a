"""A real browser at the development server, at the size of a phone or of a desk."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests.browser.notebook import built_notebook, development_notebook, notebook
from tests.browser.person import MEMBER, Person
from tests.browser.visit import DESK, PATIENCE_MS, PHONE, Visit
from tests.debian import found_or_installed
from tests.integration.cli.dev_server import DevServer
from tests.packages.packing import packed_package

__all__ = ["built_notebook", "development_notebook", "notebook", "packed_package"]

HEADLESS_SHELL = "chromium-headless-shell"
"""The same engine without the window: a page costs it a third of the processor time."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WITHOUT_PAGE_CACHE = "--disable-back-forward-cache"
"""What playwright adds, and people do not: a page that they go back to is as they left it."""

expect.set_options(timeout=PATIENCE_MS)


def whole_chromium() -> str | None:
    """A Chromium that has windows."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser of this machine."""
    return found_or_installed(
        lambda: shutil.which(HEADLESS_SHELL),
        HEADLESS_SHELL,
        "a Chromium on the PATH",
        instead=whole_chromium,
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(chromium_path: str) -> AsyncIterator[Browser]:
    """A running browser, which takes longer to start than most tests take; each test has its own context."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()
    await asyncio.sleep(0)  # the driver's transport closes on the next turn of the loop


@pytest_asyncio.fixture(loop_scope="session")
async def context(request: pytest.FixtureRequest, chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A person's browser window, of a phone unless the test says otherwise."""
    width, height = getattr(request, "param", PHONE)
    opened = await chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    try:
        yield opened
    finally:
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def remembering() -> AsyncIterator[BrowserContext]:
    """A window with a back/forward cache, which the headless shell has not."""
    path = found_or_installed(whole_chromium, "chromium", "a Chromium on the PATH")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(QUIET), ignore_default_args=[WITHOUT_PAGE_CACHE]
        )
        width, height = DESK
        try:
            yield await browser.new_context(viewport={"width": width, "height": height})
        finally:
            await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(context: BrowserContext, demo_server: DevServer, tmp_path: Path) -> AsyncIterator[Visit]:
    """A visit without faults; how the page looked at its end is in the test's temporary folder."""
    visited = Visit(await context.new_page(), demo_server.url)
    visited.watch()
    yield visited
    await visited.page.screenshot(path=tmp_path / "end.png", full_page=True)
    assert visited.faults == []


@pytest_asyncio.fixture(loop_scope="session")
async def member(visit: Visit) -> Person:
    """A visitor who has signed in with one press."""
    person = Person(visit, MEMBER)
    await person.open()
    await person.presses("Sign in", "Sign in as MEMBER")
    await person.is_signed_in()
    return person

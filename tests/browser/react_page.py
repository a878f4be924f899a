"""A page over the React entry of the npm package, or of the published one of the same contract."""

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import APIResponse, BrowserContext, Page, Route, expect

from tests.browser.visit import PATIENCE_MS
from tests.packages.packing import node, unpack
from tools import npm_package
from tools.npm_package import FOLDER

__all__ = ["OURS", "PUBLISHED", "Held", "ReactPage", "bundled"]

OURS, PUBLISHED = "@bymax-one/python-auth", "@bymax-one/nest-auth"
HERE = Path(__file__).parent
ADDRESS = "/react-entry"
REFUSED = """call => call.then(
  () => null, ({ name, status, code }) => [name, status, code])"""


def bundled(package: str, folder: Path, packed: Path) -> Path:
    """The page with a package as it is published, for a browser."""
    modules = folder / "node_modules"
    if package == PUBLISHED:
        source = HERE.parent / "packages" / "published"
        npm_package.ready(source)
        shutil.copytree(source / "node_modules", modules)
    else:
        (modules / OURS).parent.mkdir(parents=True)
        unpack(packed, folder).rename(modules / OURS)
    # The application brings them.
    for peer in ("react", "react-dom"):
        (modules / peer).symlink_to(FOLDER / "node_modules" / peer)
    entry, script = folder / "react_entry.mjs", folder / "page.js"
    shutil.copy(HERE / entry.name, entry)
    options = ("--bundle", "--define:process.env.NODE_ENV='production'", f"--alias:the-package={package}")
    node(FOLDER / "node_modules/esbuild/bin/esbuild", entry, *options, f"--outfile={script}", folder=folder)
    return script


@dataclass
class Held:
    """The first answers of a path, which have not reached the page yet; the test lets each one through."""

    limit: int
    seen: int = 0
    waiting: list[tuple[Route, APIResponse]] = field(default_factory=list[tuple[Route, APIResponse]])
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    async def at(cls, page: Page, path: str, limit: int = 1) -> "Held":
        """Hold back so many answers; the later ones pass."""
        held = cls(limit)
        await page.route(f"**{path}", held.hold)
        return held

    async def hold(self, route: Route) -> None:
        self.seen += 1
        if self.seen > self.limit:
            await route.continue_()
            return
        answer = await route.fetch()
        async with self.arrived:
            self.waiting.append((route, answer))
            self.arrived.notify_all()

    async def complete(self) -> None:
        """Wait until all of them are held back."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.waiting) == self.limit)

    async def release(self) -> None:
        """Let the oldest one through."""
        route, answer = self.waiting.pop(0)
        await route.fulfill(response=answer)


@dataclass
class ReactPage:
    """The page at a server, and how often it refreshed."""

    page: Page
    url: str
    refreshes: int = 0

    @classmethod
    async def open(cls, context: BrowserContext, url: str, script: Path) -> "ReactPage":
        html = "<!doctype html><title>A page</title><body><script src=/react-entry.js></script>"
        await context.route(url + ADDRESS, lambda route: route.fulfill(body=html, content_type="text/html"))
        await context.route(f"{url}{ADDRESS}.js", lambda route: route.fulfill(path=script))
        opened = cls(await context.new_page(), url)
        opened.page.set_default_timeout(PATIENCE_MS)
        opened.page.on("request", lambda request: opened.counts(request.url))
        await opened.page.goto(url + ADDRESS)
        return opened

    def counts(self, address: str) -> None:
        self.refreshes += urlsplit(address).path == "/auth/refresh"

    async def shows(self, text: str) -> None:
        """The session as React shows it: status, whether somebody is signed in, and who."""
        await expect(self.page.locator("output")).to_have_text(text)

    async def calls(self, call: str, argument: object = None) -> Any:
        """What a call of the page's hooks, client or fetch comes to."""
        return await self.page.evaluate(f"async given => {call}", argument)

    async def refused(self, call: str, argument: object = None) -> Any:
        """Name, status and code of the error that a call throws."""
        return await self.page.evaluate(f"given => ({REFUSED})({call})", argument)

    async def expires(self) -> None:
        """The access token expires: its cookie goes, as the browser drops it."""
        await self.page.context.clear_cookies(name="access_token")
        self.refreshes = 0

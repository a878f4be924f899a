"""The documentation site as a reader without a network opens it: from the disk, on a phone or at a desk."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.visit import DESK, PATIENCE_MS, PHONE
from tests.documentation.building import built_site
from tools import npm_package
from tools.npm_package import FOLDER

__all__ = ["built_site"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.processes,
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
]

AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = """axe.run({ preload: false, resultTypes: ["violations"] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0].html}`))"""
PAGES = ("index.html", "quickstart.html", "security/invariants.html", "reference/configuration.html")


class Reading:
    """A page, and what went wrong on it."""

    def __init__(self, page: Page, site: Path) -> None:
        self.page = page
        self._site = site
        self.faults: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self._local(request.url))

    async def open(self, name: str) -> None:
        await self.page.goto(f"{self._site.as_uri()}/{name}")

    def _local(self, url: str) -> None:
        if not url.startswith(("file:", "data:")):
            self.faults.append(f"asked {url}")


async def test_a_search_finds_pages_without_a_server(context: BrowserContext, built_site: Path) -> None:
    """Whoever searches on a train gets no answer."""
    reading = Reading(await context.new_page(), built_site)
    await reading.open("search.html?q=refresh+token")
    results = reading.page.locator("#search-results ul.search li a")
    await expect(reading.page.locator("#search-results")).to_contain_text("finished")
    names = await results.all_inner_texts()
    assert {"The browser client", "Security model"} <= set(names[:6])
    assert reading.faults == []


@pytest.mark.parametrize("context", [PHONE, DESK], indirect=True, ids=["phone", "desk"])
async def test_a_page_fits_and_is_accessible_from_the_disk(context: BrowserContext, built_site: Path) -> None:
    """A reader has to scroll sideways, does not come to a block with the keyboard, or misses a script."""
    npm_package.ready()
    axe = AXE.read_text("utf-8")
    reading = Reading(await context.new_page(), built_site)
    for name in PAGES:
        await reading.open(name)
        width, seen = await reading.page.evaluate("[document.body.scrollWidth, window.innerWidth]")
        assert width <= seen, f"{name}: {width} pixels wide in a window of {seen}"
        await reading.page.evaluate(axe)
        assert await reading.page.evaluate(SERIOUS) == []
    assert reading.faults == []

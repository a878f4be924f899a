"""The documentation site as a reader without a network opens it: from the disk, on a phone or at a desk."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.looks import tab_to
from tests.browser.visit import DESK, PATIENCE_MS, PHONE
from tests.documentation.building import built_site
from tests.long import long_only
from tools import npm_package
from tools.npm_package import FOLDER

__all__ = ["built_site"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.processes,
    pytest.mark.untraced,
    pytest.mark.asyncio(loop_scope="session"),
]

Scheme = Literal["light", "dark"]

AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
FINDINGS = """axe.run({ preload: false, resultTypes: ["violations"] }).then(({ violations }) => violations
    .map(({ id, nodes }) => `${id}: ${nodes[0].html}`))"""
CUT_TABLES = """() => [...document.querySelectorAll(".table-wrapper")]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map(({ textContent }) => textContent.trim().slice(0, 40))"""
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


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=long_only)])
@pytest.mark.parametrize("context", [PHONE], indirect=True, ids=["phone"])
async def test_a_page_can_be_read_on_a_phone(
    context: BrowserContext, built_site: Path, scheme: Scheme, tmp_path: Path
) -> None:
    """A reader has to scroll sideways, cannot read grey on grey, or misses a script."""
    await looks_well(await context.new_page(), built_site, scheme, tmp_path)


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=long_only), "dark"])
@pytest.mark.parametrize("context", [DESK], indirect=True, ids=["desk"])
async def test_a_page_can_be_read_at_a_desk(
    context: BrowserContext, built_site: Path, scheme: Scheme, tmp_path: Path
) -> None:
    """The meaning of an option is in a column that nobody sees without scrolling."""
    page = await context.new_page()
    await looks_well(page, built_site, scheme, tmp_path)
    for name in ("configuration", "errors", "routes"):
        await page.goto(f"{built_site.as_uri()}/reference/{name}.html")
        assert await page.evaluate(CUT_TABLES) == [], name


async def looks_well(page: Page, site: Path, scheme: Scheme, folder: Path) -> None:
    npm_package.ready()
    axe = AXE.read_text("utf-8")
    await page.emulate_media(color_scheme=scheme)
    reading = Reading(page, site)
    for name in PAGES:
        await reading.open(name)
        width, seen = await page.evaluate("[document.body.scrollWidth, window.innerWidth]")
        assert width <= seen, f"{name}: {width} pixels wide in a window of {seen}"
        await page.evaluate(axe)
        assert await page.evaluate(FINDINGS) == []
        await page.screenshot(path=folder / f"{name.replace('/', '-')}.png")
    assert reading.faults == []


@pytest.mark.parametrize("context", [PHONE], indirect=True, ids=["phone"])
async def test_everything_on_a_page_can_be_reached_without_a_mouse(
    context: BrowserContext, built_site: Path
) -> None:
    """A reader who uses the keyboard alone does not come to the end of a line, or to the list of pages."""
    reading = Reading(await context.new_page(), built_site)
    await reading.open("quickstart.html")
    page, keyboard = reading.page, reading.page.keyboard
    await tab_to(page, "Skip to content")
    await keyboard.press("Enter")
    await tab_to(page, "$ python -m venv")
    await keyboard.press("ArrowRight")
    await page.wait_for_function("document.activeElement.scrollLeft > 0")
    await reading.open("index.html")
    await tab_to(page, "Quick start")
    await keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name="Quick start")).to_be_visible()
    assert reading.faults == []

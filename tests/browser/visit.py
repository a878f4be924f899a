"""One page in a browser, watched for what a person would not see."""

from dataclasses import dataclass, field

import pytest
from playwright.async_api import Page

from tests.long import long_only
from tests.servers.patience import PATIENCE

PATIENCE_MS = round(1000 * PATIENCE)
PHONE = (390, 844)
DESK = (1280, 800)

phone_and_desk = pytest.mark.parametrize(
    "context", [PHONE, pytest.param(DESK, marks=long_only)], ids=["phone", "desk"], indirect=True
)


@dataclass
class Visit:
    """A page of the server, and everything that went wrong on it."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Take note of broken scripts, refused content and requests to other machines."""
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        self.page.on("request", lambda request: self._local(request.url))
        self.page.on("console", lambda said: self._harmless(said.text))

    async def fits(self) -> None:
        """Nobody has to scroll sideways."""
        width, seen = await self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width <= seen, f"{width} pixels wide in a window of {seen}"

    def _local(self, url: str) -> None:
        # Demo ID is another origin on this machine.
        if not url.startswith(("http://127.0.0.1:", "data:")):
            self.faults.append(f"asked {url}")

    def _harmless(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.faults.append(text)

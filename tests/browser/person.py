"""What a person does on the page, with eyes and fingers."""

import re
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from tests.browser.visit import PATIENCE_MS, Visit

MEMBER = "member@example.com"
"""The demo account with the lesser role."""


@dataclass(frozen=True)
class Person:
    """Somebody with an address who uses the page; every step sees that nothing is cut off."""

    visit: Visit
    email: str

    @property
    def page(self) -> Page:
        return self.visit.page

    async def open(self) -> None:
        await self.page.goto(self.visit.url)
        await self.is_complete()
        await self.visit.fits()

    async def register(self, name: str, password: str) -> None:
        form = self.section("Create an account")
        await form.get_by_label("Name").fill(name)
        await self._fill(form, "Email", self.email)
        await self._fill(form, "Password", password)
        await form.get_by_role("button", name="Create account").click()
        await self.sees("Signed in", "Your account exists.")

    async def sign_in(self, password: str) -> None:
        form = self.section("Sign in")
        await self._fill(form, "Email", self.email)
        await self._fill(form, "Password", password)
        await form.get_by_role("button", name="Sign in", exact=True).click()

    async def sign_out(self) -> None:
        await self.page.get_by_role("button", name="Sign out").click()
        await self.sees("Sign in", "You are signed out.")

    async def presses(self, title: str, name: str) -> None:
        """Press a button of a part of the page that nothing covers."""
        pressed = self.section(title).get_by_role("button", name=name)
        await pressed.click(timeout=PATIENCE_MS)

    async def reads(self, subject: str) -> str:
        """The marked code or token of the newest mail about a subject, as the page shows it."""
        summary = self.page.locator("summary").filter(has_text=subject).filter(has_text=self.email)
        mail = self.page.locator("#mail details").filter(has=summary).first
        await mail.wait_for()
        if await mail.get_attribute("open") is None:
            await mail.locator("summary").click()
        return await mail.locator("mark").inner_text()

    async def sees(self, title: str, text: str) -> None:
        """A part of the page says so, to a screen reader as well, and the page still fits."""
        part = self.section(title)
        said = part.get_by_role("status").or_(part.get_by_role("alert"))
        await expect(said.filter(has_text=text)).to_have_count(1)
        await self.visit.fits()

    async def sees_fault(self, title: str, label: str, text: str) -> None:
        """The error stands beside its field, is announced with it, and the focus has moved there."""
        field = self.section(title).get_by_label(label, exact=True).first
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(field).to_have_accessible_description(re.compile(re.escape(text)))
        await expect(field).to_be_focused()
        await self.visit.fits()

    async def is_signed_in(self) -> None:
        await expect(self.section("Signed in")).to_contain_text(self.email)
        await self.is_complete()

    async def is_complete(self) -> None:
        """No part of the page is still to come, whose arrival would move a button away from a press."""
        await expect(self.page.get_by_role("main")).not_to_have_attribute("aria-busy", "true")

    def section(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=title, exact=True)

    async def _fill(self, form: Locator, label: str, text: str) -> None:
        await form.get_by_label(label, exact=True).first.fill(text)

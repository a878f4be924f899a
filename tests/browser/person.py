"""What a person does on the page, with eyes and fingers."""

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from tests.browser.visit import Visit


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
        await self.visit.fits()

    async def register(self, name: str, password: str) -> None:
        form = self.section("Create an account")
        await form.get_by_label("Name").fill(name)
        await self._fill(form, "Email", self.email)
        await self._fill(form, "Password", password)
        await form.get_by_role("button", name="Create account").click()
        await self.sees_message("Your account exists.")

    async def sign_in(self, password: str) -> None:
        form = self.section("Sign in")
        await self._fill(form, "Email", self.email)
        await self._fill(form, "Password", password)
        await form.get_by_role("button", name="Sign in").click()

    async def sign_out(self) -> None:
        await self.page.get_by_role("button", name="Sign out").click()
        await self.sees_message("You are signed out.")

    async def reads(self, subject: str) -> str:
        """The marked code or token of the newest mail about a subject, as the page shows it."""
        mail = self.page.locator("#mail details").filter(has_text=subject).filter(has_text=self.email).first
        await mail.wait_for()
        if await mail.get_attribute("open") is None:
            await mail.locator("summary").click()
        return await mail.locator("mark").inner_text()

    async def sees_message(self, text: str) -> None:
        """The page says so, and still fits."""
        await expect(self.page.get_by_role("status")).to_contain_text(text)
        await self.visit.fits()

    async def is_signed_in(self) -> None:
        await expect(self.section("Signed in")).to_contain_text(self.email)

    def section(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=title, exact=True)

    async def _fill(self, form: Locator, label: str, text: str) -> None:
        await form.get_by_label(label, exact=True).first.fill(text)

"""What a person does on the pages of the example for Next."""

import secrets
from dataclasses import dataclass

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.nextjs.deployment import Deployment
from tests.browser.visit import Visit

__all__ = ["NAME", "PASSWORD", "Member"]

PASSWORD = "a quiet river at dawn 42"
NAME = "Ana Souza"


@dataclass(frozen=True)
class Member:
    """Somebody with an account, and the window that they look at."""

    visit: Visit
    deployment: Deployment
    email: str

    @classmethod
    async def registered(cls, visit: Visit, deployment: Deployment, email: str | None = None) -> "Member":
        """Somebody whose account was made by requests, which takes less time than on the pages."""
        person = cls(visit, deployment, email or f"ana-{secrets.token_hex(4)}@example.com")
        await person._posts("register", email=person.email, password=PASSWORD, name=NAME)
        code = await deployment.mailed_code(person.email)
        await person._posts("verify-email", email=person.email, otp=code)
        return person

    async def registers(self) -> None:
        """Register on the pages, and prove the address with the code that is mailed."""
        page = self.page
        await self.goes_to("/register")
        await page.get_by_label("Name").fill(NAME)
        await page.get_by_label("Email").fill(self.email)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("main").get_by_role("button", name="Create account").click()
        await expect(page.get_by_role("heading", name="Verify your address")).to_be_visible()
        await page.get_by_label("Code").fill(await self.deployment.mailed_code(self.email))
        await page.get_by_role("button", name="Verify").click()
        await expect(page.get_by_text("Your address is verified.")).to_be_visible()

    @property
    def page(self) -> Page:
        return self.visit.page

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def goes_to(self, path: str) -> None:
        await self.page.goto(self.deployment.url + path)

    async def enters_password(self) -> None:
        """Fill in the sign-in page that is open."""
        main = self.page.get_by_role("main")
        await main.get_by_label("Email").fill(self.email)
        await main.get_by_label("Password").fill(PASSWORD)
        await main.get_by_role("button", name="Sign in").click()

    async def signs_in(self, path: str = "/dashboard") -> None:
        """Get the cookies of a session, and open a page with them, until its scripts know who this is."""
        await self._posts("login", email=self.email, password=PASSWORD)
        await self.goes_to(path)
        await self.sees_own_name()

    async def signs_out(self) -> None:
        await self.page.get_by_role("button", name="Sign out", exact=True).click()
        await self.is_asked_to_sign_in()

    async def ends_the_session_elsewhere(self) -> None:
        """End it by a request, of which no page is told."""
        await self._posts("logout")

    async def account_id(self) -> str:
        """The account's id, as the dashboard shows it."""
        return await self.page.get_by_test_id("user").inner_text()

    async def sees_dashboard(self) -> None:
        """Both halves: what the token says, and what the API says."""
        await expect(self.page.get_by_test_id("user")).not_to_be_empty()
        await expect(self.page.get_by_test_id("tenant")).to_have_text("acme")

    async def is_asked_to_sign_in(self) -> None:
        await expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()
        await expect(self.page.get_by_test_id("user")).to_have_count(0)

    async def lets_the_access_token_expire(self) -> None:
        """The browser forgets the cookie when its token expires."""
        await self.context.clear_cookies(name="access_token")

    async def sees_own_name(self) -> None:
        await expect(self.page.get_by_text(NAME)).to_be_visible()

    async def sees_nobody(self) -> None:
        await expect(self.page.get_by_test_id("user")).to_have_count(0)
        await expect(self.page.get_by_text(NAME)).to_have_count(0)

    async def cookies(self) -> dict[str, str]:
        kept = await self.context.cookies()
        return {str(cookie.get("name")): str(cookie.get("value")) for cookie in kept}

    async def _posts(self, route: str, **body: str) -> None:
        answer = await self.context.request.post(f"{self.deployment.url}/api/auth/{route}", data=body)
        assert answer.ok, await answer.text()

"""A person in front of the example `react-vite`."""

from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, Response, expect

from tests.browser.notebook import Notebook

__all__ = ["CODE", "PASSWORD", "Reader"]

PASSWORD = "green tea in paris 71"
CODE = r"\b[0-9]{6}\b"
_ACCESS_COOKIE = "access_token"


class Reader:
    """Somebody in front of the application."""

    def __init__(self, page: Page, notebook: Notebook, email: str) -> None:
        self.page, self.notebook, self.email = page, notebook, email
        self.refreshes: list[int] = []
        page.on("response", self._count)

    def _count(self, response: Response) -> None:
        if urlsplit(response.url).path == "/auth/refresh":
            self.refreshes.append(response.status)

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

    async def is_told(self, text: str, role: Literal["alert", "status"] = "status") -> None:
        await expect(self.page.get_by_role(role).filter(has_text=text)).to_have_count(1)

    async def is_told_of(self, field: str, text: str) -> None:
        """Have a fault said beside its field, and by a screen reader with it."""
        await expect(self.page.get_by_label(field, exact=True)).to_have_accessible_description(text)

    async def has_signed_in(self) -> None:
        """Have an account, and be signed in to it, without having seen the pages for that."""
        account = {"email": self.email, "password": PASSWORD}
        await self._posts("register", {**account, "name": "Ana Souza"})
        proof = {"email": self.email, "otp": await self.notebook.mailed(self.email, CODE)}
        await self._posts("verify-email", proof)
        await self._posts("login", account)

    async def is_signed_out_elsewhere(self) -> None:
        """Have the session end without a page being told."""
        await self._posts("logout", {})

    async def _posts(self, path: str, body: dict[str, str]) -> None:
        url, origin = f"{self.notebook.url}/auth/{path}", {"Origin": self.notebook.url}
        answer = await self.page.request.post(url, data=body, headers=origin)
        assert answer.ok, await answer.text()

    async def registers(self, name: str) -> None:
        await self.open("/sign-up")
        await self.fills(Name=name, Email=self.email, Password=PASSWORD)
        await self.presses("Create account")
        await self.sees_page("One more step")
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
        await self.page.context.clear_cookies(name=_ACCESS_COOKIE)

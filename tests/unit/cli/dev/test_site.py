"""The pages beside the library's own routes."""

import re
from importlib.resources import files

import httpx2
from fastapi import FastAPI

from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.seed import DemoAccount, DemoAccounts
from bymax_auth.cli.dev.site import PageFacts, add_site
from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config import AuthConfig
from bymax_auth.http import RateLimit
from bymax_auth.testing import FakeClock

CONFIG = AuthConfig.secure_defaults(
    jwt={"secret": fresh_secret()},
    roles={"hierarchy": {"ADMIN": ()}},
    password={"min_length": 21},
    brute_force={"max_attempts": 7},
)


def test_nothing_in_the_pages_names_another_machine() -> None:
    """A page that handles passwords loads somebody else's code."""
    for file in files("bymax_auth.cli.dev").joinpath("web").iterdir():
        assert re.search(r"https?://|['\"(]//", file.read_text(encoding="utf-8")) is None, file.name


async def test_what_an_account_is_called_is_text_on_the_page() -> None:
    """A name with a bracket in it breaks the page, or runs in it."""
    app = FastAPI(docs_url=None)
    account = DemoAccount(email='"><script>@x.example', name="X", role="<b>", password="a&b")
    page = await page_of(app, account)
    assert "<script>@x" not in page
    assert "&quot;&gt;&lt;script&gt;@x.example" in page
    assert "a&amp;b" in page
    assert "<b>" not in page


async def test_the_text_agrees_with_the_configuration() -> None:
    """The form asks for another length than the server, or the page names another limit."""
    page = await page_of(FastAPI(docs_url=None))
    assert page.count('minlength="21"') == page.count("At least 21 characters") == 4
    assert "After 7 wrong passwords" in page
    assert "Rate limits: 300 requests of each kind a minute; a deployment allows 5 sign-ins a minute." in page
    assert "Accounts: your own." in page


async def page_of(app: FastAPI, *accounts: DemoAccount) -> str:
    facts = PageFacts.of(CONFIG, RateLimit(300, 60), "http://127.0.0.1:8000", "http://127.0.0.1:9")
    add_site(app, Mailbox(FakeClock()), DemoAccounts(accounts, None), facts)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1") as client:
        return (await client.get("/")).text

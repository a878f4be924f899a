"""The pages beside the library's own routes."""

import json
import re
from html import unescape
from importlib.resources import files
from typing import Any

import httpx2
from fastapi import FastAPI

from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.seed import DemoAccount, DemoAccounts
from bymax_auth.cli.dev.site import PageFacts, add_site
from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.config import AuthConfig
from bymax_auth.http import RateLimit
from bymax_auth.testing import FakeClock

NEVER_LOADED = {
    "http://a",
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/XML/1998/namespace",
    "https://react.dev/errors/",
}
"""Namespaces, where React explains its errors, and what the client reads relative addresses against."""
CONFIG = AuthConfig.secure_defaults(
    jwt={"secret": fresh_secret()},
    roles={"hierarchy": {"ADMIN": ()}},
    password={"min_length": 21},
    brute_force={"max_attempts": 7},
)


def test_nothing_in_the_pages_names_another_machine() -> None:
    """A page that handles passwords loads somebody else's code."""
    for file in files("bymax_auth.cli.dev").joinpath("web").iterdir():
        text = file.read_text(encoding="utf-8")
        if file.name == "page.js":
            assert set(re.findall(r"https?://\w[\w./-]*", text)) <= NEVER_LOADED
        else:
            assert re.search(r"https?://|['\"(]//", text) is None, file.name


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
    facts = facts_of(await page_of(FastAPI(docs_url=None)))
    assert (facts["minimum"], facts["attempts"]) == (21, 7)
    assert facts["limits"] == "300 requests of each kind a minute; a deployment allows 5 sign-ins a minute"
    assert (facts["accounts"], facts["admin"]) == ([], None)


def facts_of(page: str) -> dict[str, Any]:
    """What the script of the page reads of its server."""
    (written,) = re.findall(r'data-facts="([^"]*)"', page)
    return dict(json.loads(unescape(written)))


async def page_of(app: FastAPI, *accounts: DemoAccount) -> str:
    facts = PageFacts.of(CONFIG, RateLimit(300, 60), "http://127.0.0.1:8000", "http://127.0.0.1:9")
    add_site(app, Mailbox(FakeClock()), DemoAccounts(accounts, None), facts)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1") as client:
        return (await client.get("/")).text

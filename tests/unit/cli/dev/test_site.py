"""The pages beside the library's own routes."""

import re
from importlib.resources import files

import httpx2
from fastapi import FastAPI

from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.seed import DemoAccount
from bymax_auth.cli.dev.site import add_site
from bymax_auth.testing import FakeClock


def test_nothing_in_the_pages_names_another_machine() -> None:
    """A page that handles passwords loads somebody else's code."""
    for file in files("bymax_auth.cli.dev").joinpath("web").iterdir():
        assert re.search(r"https?://|['\"(]//", file.read_text(encoding="utf-8")) is None, file.name


async def test_what_an_account_is_called_is_text_on_the_page() -> None:
    """A name with a bracket in it breaks the page, or runs in it."""
    app = FastAPI(docs_url=None)
    account = DemoAccount(email='"><script>@x.example', name="X", role="<b>", password="a&b")
    add_site(app, Mailbox(FakeClock()), [account])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1") as client:
        page = (await client.get("/")).text
    assert "<script>@x" not in page
    assert "&quot;&gt;&lt;script&gt;@x.example" in page
    assert "a&amp;b" in page
    assert "<b>" not in page

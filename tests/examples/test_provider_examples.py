"""The examples of sign-in with a provider: started as they are, and used by a person with a browser."""

import importlib.util
import logging
import os
import re
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest

from benchmarks.node import find_node
from tests.examples.guides import ROOT, blocks
from tests.integration.providers.browser import NO_TLS
from tests.servers.identity_providers import installed_packages
from tests.servers.ports import free_port
from tests.servers.scripted_provider import Answer, ScriptedProvider, signed

EXAMPLES = ROOT / "examples"
ADA = {"id": "248289761001", "email": "ada@gmail.com", "verified_email": True, "name": "Ada Lovelace"}
TOKEN = "https://oauth2.googleapis.com/token"
USERINFO = "https://www.googleapis.com/oauth2/v2/userinfo"


@pytest.fixture(autouse=True)
def quiet_browser(caplog: pytest.LogCaptureFixture) -> None:
    """The browser's own log quotes every address."""
    caplog.set_level(logging.WARNING, "httpx2")


@asynccontextmanager
async def running(example: str, url: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """A browser at the example, which is started as its file says."""
    spec = importlib.util.spec_from_file_location(example.replace("-", "_"), EXAMPLES / example / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    async with (
        module.engine,
        httpx2.AsyncClient(transport=httpx2.ASGITransport(module.app), base_url=url) as browser,
    ):
        yield browser


async def test_whoever_google_knows_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first application with Google that somebody copies lets nobody in."""
    google = ScriptedProvider(issuer="https://accounts.google.com")
    monkeypatch.setenv("GOOGLE_CLIENT_ID", "the-application")
    monkeypatch.setenv("GOOGLE_CLIENT_SECRET", "the-secret-of-google")

    def network(**_options: object) -> httpx2.ASGITransport:
        return httpx2.ASGITransport(google)

    # Whatever is asked of Google is asked of this one.
    monkeypatch.setattr(httpx2, "AsyncHTTPTransport", network)
    async with running("fastapi-oauth-google", "http://localhost:8000") as browser:
        (link,) = re.findall(r'href="([^"]+)"', (await browser.get("/")).text)
        left = await browser.get(link)
        asked = {name: text[0] for name, text in parse_qs(urlsplit(left.headers["location"]).query).items()}
        assert left.headers["location"].startswith("https://accounts.google.com/o/oauth2/v2/auth?")
        google_knows(google, asked["nonce"])
        back = await browser.get(asked["redirect_uri"], params={"code": "a-code", "state": asked["state"]})
        assert (back.status_code, back.headers["location"]) == (302, "/")
        assert "You are signed in: " in (await browser.get("/")).text
    (exchange,) = [request for request in google.requests if request.url == TOKEN]
    assert dict(exchange.form)["client_secret"] == "the-secret-of-google"


def google_knows(google: ScriptedProvider, nonce: str) -> None:
    """Somebody has agreed on Google's pages."""
    # Valid whenever this test runs.
    times = {"iat": 0, "exp": 4_102_444_800}
    claims = {"iss": google.issuer, "sub": ADA["id"], "aud": "the-application", "nonce": nonce, **times}
    token = signed(claims, {"alg": "RS256", "kid": "first"}, google.key)
    google.answers[TOKEN] = Answer({"access_token": "a-token", "token_type": "Bearer", "id_token": token})
    google.answers[USERINFO] = Answer(ADA)


@contextmanager
def local_provider(folder: Path) -> Generator[str]:
    """The issuer of the example's provider, with the packages that its first command installs."""
    (folder / "node_modules").symlink_to(installed_packages())
    script = folder / "provider.mjs"
    script.write_text((EXAMPLES / "fastapi-oidc" / "provider.mjs").read_text("utf-8"), "utf-8")
    environment = {**os.environ, "PORT": str(free_port())}
    with subprocess.Popen(
        [find_node(20), script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, "")
            yield next(line.strip() for line in lines if line.startswith("http://"))
        finally:
            process.kill()


async def test_people_of_the_local_provider_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody tries OpenID Connect on their own machine, and one of the two halves does not fit."""
    with local_provider(tmp_path) as issuer:
        monkeypatch.setenv("OIDC_ISSUER", issuer)
        async with running("fastapi-oidc", "http://127.0.0.1:8000") as browser:
            (link,) = re.findall(r'href="([^"]+)"', (await browser.get("/")).text)
            left = await browser.get(link)
            refused = await browser.get(await agreed(left.headers["location"], "mallory"))
            assert refused.json()["error"]["code"] == "auth.oauth_failed"
            left = await browser.get(link)
            back = await browser.get(await agreed(left.headers["location"], "ada"))
            assert (back.status_code, back.headers["location"]) == (302, "/")
            assert "You are signed in: " in (await browser.get("/")).text


async def agreed(address: str, person: str) -> str:
    """Where the provider sends the browser, once somebody has signed in and agreed on its pages."""
    async with httpx2.AsyncClient(verify=NO_TLS) as browser:
        answer = await browser.get(address)
        while not address.startswith("http://127.0.0.1:8000/"):
            if answer.has_redirect_location:
                address = urljoin(address, answer.headers["location"])
                if not address.startswith("http://127.0.0.1:8000/"):
                    answer = await browser.get(address)
            else:
                form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
                fields = {name: unescape(text) for name, text in form.items()}
                answer = await browser.post(address, data={**fields, "login": person, "password": "any"})
    return address


@pytest.mark.parametrize(
    ("guide", "example"),
    [("sign-in-google.md", "fastapi-oauth-google"), ("sign-in-openid.md", "fastapi-oidc")],
)
def test_what_a_guide_prints_is_the_example(guide: str, example: str) -> None:
    """The example that is checked and the code that is copied differ."""
    for block in blocks(guide):
        if block.title in {"app.py", "provider.mjs"}:
            assert block.text == (EXAMPLES / example / block.title).read_text(encoding="utf-8")
    shown = {block.title for block in blocks(guide)}
    assert {file.name for file in (EXAMPLES / example).iterdir() if file.is_file()} <= shown

"""A service whose provider is described by variables: people come with it, and only those who may."""

import logging
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from bymax_auth.cli.dev.demo_id.app import demo_id_app
from bymax_auth.cli.dev.demo_id.provider import DemoClient, DemoId
from bymax_auth.cli.serve.app import build_app
from bymax_auth.cli.serve.service import build_service
from bymax_auth.services.system import SystemClock
from bymax_auth.types.secret import Secret
from tests.integration.cli.in_process import environment
from tests.integration.cli.service import settings, with_tables
from tests.integration.providers.browser import NO_TLS
from tests.servers.asgi import served
from tests.servers.ports import free_port

SERVICE = "http://127.0.0.1:8000"
CALLBACK = f"{SERVICE}/auth/oauth/acme/callback"
SECRET = "the-secret-of-acme"


@asynccontextmanager
async def acme() -> AsyncGenerator[str]:
    """The issuer of a running provider."""
    port = free_port()
    client = DemoClient(client_id="my-service", client_secret=Secret(SECRET), redirect_uri=CALLBACK)
    provider = DemoId(f"http://127.0.0.1:{port}", client, SystemClock())
    async with served(demo_id_app(provider), port=port):
        yield provider.issuer


@asynccontextmanager
async def service(folder: Path, issuer: str, **more: str) -> AsyncGenerator[httpx2.ASGITransport]:
    with_tables(folder)
    variables = settings(
        folder,
        BYMAX_AUTH_OAUTH__ACME__ISSUER=issuer,
        BYMAX_AUTH_OAUTH__ACME__CLIENT_ID="my-service",
        BYMAX_AUTH_OAUTH__ACME__CLIENT_SECRET=SECRET,
        BYMAX_AUTH_OAUTH__ACME__CALLBACK_URL=CALLBACK,
        BYMAX_AUTH_OAUTH__SUCCESS_REDIRECT_URL="/welcome",
        BYMAX_AUTH_OAUTH__ERROR_REDIRECT_URL="/sign-in",
        **more,
    )
    with environment(variables):
        built = build_service(variables)
    async with built.engine:
        yield httpx2.ASGITransport(build_app(built))
    await built.database.dispose()


async def comes(service: httpx2.ASGITransport, email: str) -> tuple[str, int]:
    """Where somebody who signs in with the provider arrives, and what the service then says who they are."""
    async with (
        httpx2.AsyncClient(transport=service, base_url=SERVICE) as browser,
        httpx2.AsyncClient(verify=NO_TLS) as outside,
    ):
        left = await browser.get("/auth/oauth/acme")
        page = (await outside.get(left.headers["location"])).text
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        form = {name: unescape(text) for name, text in form.items()}
        described = {"name": "Ana Souza", "email": email, "verified": "on"}
        address = urlsplit(left.headers["location"])._replace(query="").geturl()
        back = await outside.post(address, data={**form, **described})
        came = await browser.get(back.headers["location"])
        return came.headers["location"], (await browser.get("/auth/me")).status_code


async def test_variables_alone_are_a_sign_in_with_a_provider(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator has set what the guide lists, and everybody is refused, or everybody let in."""
    caplog.set_level(logging.WARNING, "httpx2")  # the browser's own log quotes every address
    async with acme() as issuer:
        company = {"BYMAX_AUTH_SERVE__OAUTH_DOMAINS": "example.com"}
        async with service(tmp_path, issuer, **company) as running:
            assert await comes(running, "ana@example.com") == ("/welcome", 200)
            assert await comes(running, "ana@example.com") == ("/welcome", 200)
            assert await comes(running, "eve@evil.example") == ("/sign-in?error=oauth_failed", 401)
        closed = {"BYMAX_AUTH_SERVE__OAUTH_SIGN_UP": "false"}
        async with service(tmp_path, issuer, **closed) as running:
            assert await comes(running, "ana@example.com") == ("/welcome", 200)
            assert await comes(running, "bob@example.com") == ("/sign-in?error=oauth_failed", 401)
    assert SECRET not in caplog.text


async def test_a_variable_turns_the_routes_off(tmp_path: Path) -> None:
    """An operator keeps the variables and closes the way, and it stays open."""
    off = {"BYMAX_AUTH_CONTROLLERS__OAUTH": "false"}
    async with (
        service(tmp_path, "http://127.0.0.1:9", **off) as running,
        httpx2.AsyncClient(transport=running, base_url=SERVICE) as browser,
    ):
        assert (await browser.get("/auth/oauth/acme")).status_code == 404

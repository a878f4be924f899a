"""The guide to proxies: its application behind a proxy with the headers of its nginx configuration."""

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request

from bymax_auth import AuthEngine
from bymax_auth.fastapi import engine_lifespan, install
from bymax_auth.http import AuthHttpConfig, PeerAddress
from bymax_auth.testing import TEST_PASSWORD, TEST_TENANT, ReadyEngine, build_engine, config_for_tests
from tests.debian import found_or_installed
from tests.examples.guides import ROOT, blocks, write_files
from tests.long import long_only
from tests.servers.asgi import served
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port

SITE = "https://app.example.com"
CLIENT = "203.0.113.9"
ADA = {"email": "ada@example.com", "password": TEST_PASSWORD, "tenantId": TEST_TENANT}

CreateApp = Callable[[AuthEngine], FastAPI]


class Nginx(httpx2.AsyncBaseTransport):
    """A browser's way through the guide's proxy; prefix, target and headers are as printed."""

    def __init__(self, upstream: str) -> None:
        block, _ = blocks("proxy.md", "nginx")
        (self._prefix,) = re.findall(r"^location (\S+)/ \{$", block.text, re.MULTILINE)
        self._headers: dict[str, str] = dict(
            re.findall(r"^ +proxy_set_header (\S+) (\S+);$", block.text, re.MULTILINE)
        )
        # A target that ends with a slash takes the place of the location in the path.
        assert re.search(r"^ +proxy_pass http://[^/]+/;$", block.text, re.MULTILINE)
        self._upstream = upstream
        self._passed = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        assert request.url.path.startswith(f"{self._prefix}/")
        variables: dict[str, str] = {
            "$http_host": request.headers["Host"],
            # What the client sent itself stays on the left.
            "$proxy_add_x_forwarded_for": f"198.51.100.1, {CLIENT}",
            "$scheme": request.url.scheme,
        }
        headers = httpx2.Headers(request.headers)
        for name, value in self._headers.items():
            if name not in {"Upgrade", "Connection"}:
                headers[name] = variables.get(value, value)
        path = request.url.raw_path.decode().removeprefix(self._prefix)
        passed = httpx2.Request(
            request.method, f"http://{self._upstream}{path}", headers=headers, stream=request.stream
        )
        return await self._passed.handle_async_request(passed)

    async def aclose(self) -> None:
        await self._passed.aclose()


@pytest.fixture
def create_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CreateApp]:
    """The guide's function."""
    write_files("proxy.md", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("proxied").create_app
    sys.modules.pop("proxied")


def read_by_the_server(engine: AuthEngine) -> FastAPI:
    app = FastAPI(lifespan=engine_lifespan(engine))
    install(app, engine, AuthHttpConfig(PeerAddress()))
    return app


def ready() -> ReadyEngine:
    return build_engine(
        config_for_tests(secure_cookies=True, cookies={"prefixed_names": True, "refuse_conflicts": True})
    )


async def follow(app: FastAPI, ready: ReadyEngine, **server: Any) -> None:
    """Sign in and refresh through the proxy as a browser, and ask what the application knows."""

    @app.get("/where")
    async def where(request: Request) -> str:
        return str(request.url_for("where").path)

    ready.add_user("ada@example.com")
    async with (
        served(app, lifespan="on", **server) as upstream,
        httpx2.AsyncClient(transport=Nginx(upstream), base_url=f"{SITE}/id", timeout=PATIENCE) as browser,
    ):
        browser.headers["Origin"] = SITE
        signed_in = await browser.post("/auth/login", json=ADA)
        assert signed_in.status_code == 200, signed_in.text
        (refresh,) = [
            line for line in signed_in.headers.get_list("set-cookie") if line.startswith("__Secure-refresh")
        ]
        assert "; Path=/id/auth; " in refresh
        assert (await browser.post("/auth/refresh")).status_code == 200
        (session,) = (await browser.get("/auth/sessions")).json()
        assert session["ip"] == CLIENT
        assert (await browser.get("/where")).json() == "/id/where"
        assert (await browser.get("/openapi.json")).json()["servers"] == [{"url": "/id"}]


async def test_the_library_reads_the_headers_of_the_proxy(create_app: CreateApp) -> None:
    """Users share one rate limit, and lose their session a quarter of an hour after each sign-in."""
    engine = ready()
    await follow(create_app(engine.engine), engine, proxy_headers=False)


async def test_the_server_reads_the_headers_of_the_proxy() -> None:
    """The same with the options of the guide's second line."""
    text = (ROOT / "docs" / "guides" / "proxy.md").read_text(encoding="utf-8")
    assert "uvicorn app:app --forwarded-allow-ips 127.0.0.1 --root-path /id" in text
    engine = ready()
    await follow(read_by_the_server(engine.engine), engine, forwarded_allow_ips="127.0.0.1", root_path="/id")


async def test_headers_that_both_read_give_no_prefix(create_app: CreateApp) -> None:
    """The guide says so; whoever reads it need not find out why users are signed out."""
    engine = ready()
    engine.add_user("ada@example.com")
    async with (
        served(create_app(engine.engine), lifespan="on") as upstream,
        httpx2.AsyncClient(transport=Nginx(upstream), base_url=f"{SITE}/id", timeout=PATIENCE) as browser,
    ):
        signed_in = await browser.post("/auth/login", json=ADA)
        assert "; Path=/auth; " in str(signed_in.headers.get_list("set-cookie"))


@long_only
def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    """A directive or a variable that it does not know ends the proxy of whoever copies it."""
    nginx = found_or_installed(find_nginx, "nginx", "nginx: it is not on the PATH")
    location, upgrade = blocks("proxy.md", "nginx")
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    server = f"server {{\nlisten 127.0.0.1:{free_port()};\n{location.text}}}"
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}\n{upgrade.text}{server}\n}}\n",
        "utf-8",
    )
    done = subprocess.run(
        [nginx, "-t", "-p", tmp_path, "-c", configuration], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def find_nginx() -> Path | None:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return None if found is None else Path(found)

"""
Pages of several origins at one deployment, in a browser.

    127.0.0.1, a port    bymax-auth serve; a proxy that serves it below /id; an application of its own
    127.0.0.1, another   the front end, which the deployment trusts
    127.0.0.1, a third   a hostile page of the same site: the browser sends it the cookies
    localhost            a hostile page of another site
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI, WebSocket
from playwright.async_api import BrowserContext, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bymax_auth.cli.serve.service import Service as BuiltService
from bymax_auth.cli.serve.service import build_service
from bymax_auth.fastapi import CurrentUser, engine_lifespan, install
from bymax_auth.http.routes import ROUTES
from tests.browser.visit import PATIENCE_MS
from tests.integration.cli.service import EMAIL, PASSWORD, Service, registered, serving, settings, with_tables
from tests.integration.http.requests import BODIES
from tests.servers.asgi import served
from tests.servers.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

SERVED = {"auth", "password_reset", "sessions"}
"""The groups of routes that the service of these tests has; the others are off unless they are configured."""

CALL = """async ([url, method, body, mode]) => {
  const options = { method, credentials: 'include', mode };
  if (body !== null) {
    options.body = JSON.stringify(body);
    options.headers = { 'Content-Type': mode === 'cors' ? 'application/json' : 'text/plain' };
  }
  try {
    const answer = await fetch(url, options);
    return [answer.status, await answer.text()];
  } catch (error) { return [0, '']; }
}"""
"""One request of a page: its status and text, as far as the browser lets the page see them."""

SOCKET = """(url) => new Promise((done) => {
  const socket = new WebSocket(url);
  socket.onmessage = (event) => done(event.data);
  socket.onerror = () => done(null);
})"""
"""The first message of a WebSocket, null when it was refused."""


@dataclass
class Deployment:
    """Where everything is, and what reached the application's own routes."""

    service: Service
    below_prefix: str
    host: str
    front_end: str
    hostile: tuple[str, str]
    changes: list[str] = field(default_factory=list)

    @property
    def direct(self) -> str:
        return f"http://127.0.0.1:{self.service.port}"

    def answered(self) -> list[tuple[str, str, int]]:
        """Every request that the service has answered: method, path and status."""
        lines = [line["message"] for line in self.service.logged() if line["logger"] == "uvicorn.access"]
        parts = [line.replace('"', "").split() for line in lines]
        return [(part[2], part[3], int(part[5])) for part in parts]


async def blank(_request: Request) -> HTMLResponse:
    return HTMLResponse("<!doctype html><title>A page</title>")


def pages() -> Starlette:
    return Starlette(routes=[Route("/", blank)])


def proxy(target: str) -> Starlette:
    """A proxy that serves the target below /id."""

    async def forward(request: Request) -> Response:
        headers = [(name, value) for name, value in request.headers.items() if name != "content-length"]
        headers += [("x-forwarded-prefix", "/id"), ("x-forwarded-for", "203.0.113.7")]
        async with httpx2.AsyncClient(base_url=target) as client:
            answer = await client.request(
                request.method,
                "/" + request.path_params["rest"],
                headers=headers,
                content=await request.body(),
            )
        passed = Response(answer.content, answer.status_code)
        passed.raw_headers = [
            (name.lower(), value)
            for name, value in answer.headers.raw
            if name.lower() != b"transfer-encoding"
        ]
        return passed

    methods = ["GET", "POST", "DELETE", "OPTIONS"]
    return Starlette(routes=[Route("/id/{rest:path}", forward, methods=methods)])


def shared_service(env: dict[str, str]) -> BuiltService:
    """The engine of the same deployment, in this process."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in env.items():
            environment.setenv(name, value)
        return build_service()


def application(service: BuiltService, changes: list[str]) -> FastAPI:
    """A host's application that shares the service's accounts and sessions."""
    app = FastAPI(lifespan=engine_lifespan(service.engine))
    install(app, service.engine, service.http)

    @app.post("/own/change")
    async def change(user: CurrentUser) -> None:
        changes.append(user.sub)

    @app.websocket("/own/chat")
    async def chat(websocket: WebSocket, user: CurrentUser) -> None:
        await websocket.accept()
        await websocket.send_text(user.sub)
        await websocket.close()

    return app


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def deployment(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    """Everything of the table above, and Ana, who has an account."""
    folder: Path = tmp_path_factory.mktemp("deployment")
    with_tables(folder)
    port = free_port()
    env = settings(folder) | {
        "BYMAX_AUTH_COOKIES__TRUSTED_ORIGINS": json.dumps([f"http://127.0.0.1:{port}"]),
        "BYMAX_AUTH_CONTROLLERS__SESSIONS": "true",
        "BYMAX_AUTH_SERVE__PROXY_HOPS": "1",
        "BYMAX_AUTH_SERVE__TRUSTED_PROXIES": "127.0.0.1/32",
    }
    changes: list[str] = []
    with serving(folder, env=env) as service:
        with service.client() as client:
            client.headers.pop("Origin")
            registered(service, client)
        async with AsyncExitStack() as stack:
            front_end = await stack.enter_async_context(served(pages(), port=port))
            third = await stack.enter_async_context(served(pages()))
            elsewhere = (await stack.enter_async_context(served(pages()))).replace("127.0.0.1", "localhost")
            direct = f"http://127.0.0.1:{service.port}"
            below = await stack.enter_async_context(served(proxy(direct)))
            shared = shared_service(env)
            stack.push_async_callback(shared.database.dispose)
            host = await stack.enter_async_context(served(application(shared, changes), lifespan="on"))
            yield Deployment(
                service,
                f"http://{below}/id",
                host,
                f"http://{front_end}/",
                (f"http://{third}/", f"http://{elsewhere}/"),
                changes,
            )


async def page_at(context: BrowserContext, url: str) -> Page:
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(url)
    return page


async def call(page: Page, url: str, method: str, body: object = None, mode: str = "cors") -> tuple[int, str]:
    status, text = await page.evaluate(CALL, [url, method, body, mode])
    return status, text


async def signed_in(context: BrowserContext, deployment: Deployment, base: str) -> Page:
    page = await page_at(context, deployment.front_end)
    status, text = await call(page, f"{base}/auth/login", "POST", {"email": EMAIL, "password": PASSWORD})
    assert (status, json.loads(text)["user"]["email"]) == (200, EMAIL)
    return page


@pytest.mark.parametrize("place", ["direct", "below_prefix"])
async def test_a_front_end_of_its_own_origin_signs_in_refreshes_and_signs_out(
    context: BrowserContext, deployment: Deployment, place: str
) -> None:
    """A front end on another port reads nothing, or is signed out when the access token ends."""
    base: str = getattr(deployment, place)
    page = await signed_in(context, deployment, base)
    before = {cookie.get("name"): cookie for cookie in await context.cookies()}
    assert before["refresh_token"].get("path") == f"{urlsplit(base).path}/auth"
    assert (await call(page, f"{base}/auth/me", "GET"))[0] == 200
    assert (await call(page, f"{base}/auth/refresh", "POST"))[0] == 200
    after = {cookie.get("name"): cookie for cookie in await context.cookies()}
    assert after["refresh_token"].get("value") != before["refresh_token"].get("value")
    status, text = await call(page, f"{base}/auth/me", "GET")
    assert (status, json.loads(text)["email"]) == (200, EMAIL)
    assert (await call(page, f"{base}/auth/logout", "POST"))[0] == 204
    assert await context.cookies() == []
    assert (await call(page, f"{base}/auth/me", "GET"))[0] == 401


async def test_the_front_end_uses_the_applications_own_routes(
    context: BrowserContext, deployment: Deployment
) -> None:
    """The check that keeps hostile pages out keeps the trusted page out as well."""
    page = await signed_in(context, deployment, deployment.direct)
    await call(page, f"http://{deployment.host}/own/change", "POST", None, "no-cors")
    assert len(deployment.changes) == 1
    assert await page.evaluate(SOCKET, f"ws://{deployment.host}/own/chat") == deployment.changes.pop()


@pytest.mark.parametrize("where", [0, 1], ids=["same-site", "cross-site"])
@pytest.mark.parametrize("place", ["direct", "below_prefix"])
async def test_a_hostile_page_gets_nowhere(
    context: BrowserContext, deployment: Deployment, place: str, where: int
) -> None:
    """A page that a signed-in person visits reads their data, or acts in their name."""
    base: str = getattr(deployment, place)
    own = await signed_in(context, deployment, base)
    cookies: list[Any] = await context.cookies()
    page = await page_at(context, deployment.hostile[where])
    seen = len(deployment.answered())
    for spec in (spec for spec in ROUTES if spec.group.name in SERVED):
        for mode in ("cors", "no-cors"):
            if mode == "no-cors" and spec.method not in {"GET", "POST"}:
                continue
            url = f"{base}/auth{spec.path.replace('{id}', 'any')}"
            body = None if spec.method == "GET" else BODIES.get(spec.name, {})
            assert await call(page, url, spec.method, body, mode) == (0, ""), (spec.name, mode)
    tried = deployment.answered()[seen:]
    assert {method for method, _, _ in tried} == {"OPTIONS", "GET", "POST"}
    for method, path, status in tried:
        assert method == "GET" or status == (400 if method == "OPTIONS" else 403), (method, path, status)
    assert await page.evaluate(SOCKET, f"ws://{deployment.host}/own/chat") is None
    for mode in ("cors", "no-cors"):
        change = f"http://{deployment.host}/own/change"
        assert await call(page, change, "POST", {}, mode) == (0, "")
    assert deployment.changes == []
    assert await context.cookies() == cookies
    assert (await call(own, f"{base}/auth/refresh", "POST"))[0] == 200
    assert (await call(own, f"{base}/auth/logout", "POST"))[0] == 204

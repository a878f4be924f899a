"""Where a browser sees the routes: cookies that come back, and links that lead somewhere."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import httpx2
import pytest
from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.routing import Mount

from bymax_auth.fastapi import auth_router, install
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import ASGIApp, Receive, Scope, Send
from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from tests.integration.http.world import LOGIN, World, a_world

SITE = "https://auth.example.com"
BEHIND_A_PROXY = TrustedForwardedFor(1, ("127.0.0.1/32",))


@dataclass
class Proxy:
    """A proxy that serves an application below a prefix."""

    app: ASGIApp
    prefix: str
    strips: bool = True
    tells: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        passed = dict(scope)
        if not passed["path"].startswith(f"{self.prefix}/"):
            raise LookupError(passed["path"])
        if self.strips:
            passed["path"] = passed["path"].removeprefix(self.prefix)
            passed["raw_path"] = passed["path"].encode()
        if self.tells:
            passed["headers"] = [*passed["headers"], (b"x-forwarded-prefix", self.prefix.encode())]
        await self.app(passed, receive, send)


@dataclass
class Server:
    """A server that was told where the application is."""

    app: ASGIApp
    root_path: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "root_path": self.root_path}, receive, send)


def installed(world: World, **options: str) -> FastAPI:
    with warnings.catch_warnings():
        # The parameter is deprecated, and stands in many applications.
        warnings.simplefilter("ignore")
        app = FastAPI(**options)  # type: ignore[arg-type]
    install(app, world.engine, world.http)

    @app.get("/where")
    async def where(request: Request) -> str:
        return str(request.url_for("where"))

    return app


def mounted(app: ASGIApp, *paths: str) -> FastAPI:
    for path in reversed(paths):
        outer = FastAPI()
        outer.mount(path, app)
        app = outer
    assert isinstance(app, FastAPI)
    return app


def by_hand(world: World) -> ASGIApp:
    app = FastAPI()
    app.include_router(auth_router(world.engine, world.http), prefix="/api")
    return app


@dataclass
class PrefixingServer:
    """A server that puts what it was told before each path, as uvicorn does."""

    app: ASGIApp
    root_path: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        placed = {"root_path": self.root_path, "path": self.root_path + scope["path"]}
        await self.app({**scope, **placed}, receive, send)


PLACES: dict[str, tuple[Callable[[World], ASGIApp], str]] = {
    "root_path behind a proxy that strips": (
        lambda world: Proxy(installed(world, root_path="/api/v1"), "/api/v1"),
        "/api/v1",
    ),
    "root_path with a slash": (
        lambda world: Proxy(installed(world, root_path="/api/v1/"), "/api/v1"),
        "/api/v1",
    ),
    "root_path behind a proxy that does not": (
        lambda world: Proxy(installed(world, root_path="/api/v1"), "/api/v1", strips=False),
        "/api/v1",
    ),
    "the server's root_path": (
        lambda world: Proxy(Server(installed(world), "/api/v1"), "/api/v1", strips=False),
        "/api/v1",
    ),
    "the server's root_path, left out of the path": (
        lambda world: Proxy(Server(installed(world), "/api/v1"), "/api/v1"),
        "/api/v1",
    ),
    "the server's root_path with a slash": (
        lambda world: Proxy(PrefixingServer(installed(world), "/api/v1/"), "/api/v1"),
        "/api/v1",
    ),
    "mounted below a server with a slash": (
        lambda world: Proxy(PrefixingServer(mounted(installed(world), "/inner"), "/api/"), "/api"),
        "/api/inner",
    ),
    "mounted below a server at a slash alone": (
        lambda world: PrefixingServer(mounted(installed(world), "/inner"), "/"),
        "/inner",
    ),
    "mounted behind a proxy, below a server with a slash": (
        lambda world: Proxy(
            Proxy(PrefixingServer(mounted(installed(world), "/inner"), "/api/"), "/api"), "/id", tells=True
        ),
        "/id/api/inner",
    ),
    "a server below a slash alone": (lambda world: PrefixingServer(installed(world), "/"), ""),
    "a prefix in front of a root_path with a slash": (
        lambda world: Proxy(Proxy(PrefixingServer(installed(world), "/api/"), "/api"), "/id", tells=True),
        "/id/api",
    ),
    "plain below a server with a slash": (
        lambda world: Proxy(
            PrefixingServer(auth_app(world.engine, world.http, app_at_prefix=True), "/id/"), "/id"
        ),
        "/id",
    ),
    "mounted": (lambda world: mounted(installed(world), "/inner"), "/inner"),
    "mounted twice": (lambda world: mounted(installed(world), "/outer", "/inner"), "/outer/inner"),
    "mounted for a tenant": (lambda world: mounted(installed(world), "/{tenant}"), "/acme co"),
    "a proxy that says so": (lambda world: Proxy(installed(world), "/id", tells=True), "/id"),
    "a proxy that says so, and mounted": (
        lambda world: Proxy(mounted(installed(world), "/api"), "/id", tells=True),
        "/id/api",
    ),
    "a proxy that says what root_path says": (
        lambda world: Proxy(installed(world, root_path="/id"), "/id", tells=True),
        "/id",
    ),
    "an app of two behind a proxy": (
        lambda world: Proxy(_in_two(world), "/id", tells=True),
        "/id/second",
    ),
    "a router below a prefix": (by_hand, "/api"),
    "a router behind a proxy": (lambda world: Proxy(by_hand(world), "/id", tells=True), "/id/api"),
    "plain": (lambda world: auth_app(world.engine, world.http, app_at_prefix=True), ""),
    "plain behind a proxy": (
        lambda world: Proxy(auth_app(world.engine, world.http, app_at_prefix=True), "/id", tells=True),
        "/id",
    ),
    "plain and mounted": (
        lambda world: Starlette(routes=[Mount("/a/b/auth", app=auth_app(world.engine, world.http))]),
        "/a/b",
    ),
}


def _in_two(world: World) -> ASGIApp:
    outer = installed(world)
    outer.mount("/second", installed(world))
    return outer


@pytest.mark.parametrize("place", PLACES)
async def test_a_browser_refreshes_wherever_the_routes_are(place: str) -> None:
    """The cookie is kept for a path that is never requested: everybody is signed out after minutes."""
    build, below = PLACES[place]
    async with a_world() as world:
        world.http = replace(world.http, client_ip_source=BEHIND_A_PROXY)
        transport = httpx2.ASGITransport(build(world))
        async with httpx2.AsyncClient(transport=transport, base_url=SITE) as browser:
            answer = await browser.post(f"{below}/auth/login", json=LOGIN)
            assert answer.status_code == 200, answer.text
            (kept,) = [cookie for cookie in browser.cookies.jar if cookie.name == "refresh_token"]
            assert kept.path == f"{below}/auth".replace(" ", "%20")
            for _ in range(2):
                answer = await browser.post(f"{below}/auth/refresh")
                assert answer.status_code == 200, answer.text
            assert (await browser.get(f"{below}/auth/me")).status_code == 200
            assert (await browser.post(f"{below}/auth/logout")).status_code == 204
            assert not list(browser.cookies.jar)


async def test_a_configured_path_is_kept() -> None:
    """A front end that is served from another path has said where it calls from."""
    async with a_world(cookies={"refresh_cookie_path": "/"}) as world:
        driver = replace(world.driver, app=mounted(installed(world), "/inner"), prefix="/inner/auth")
        answer = await driver.call("POST", "/login", json_body=LOGIN)
        assert "; Path=/; " in answer.all("set-cookie")[1]


DISTRUSTED = [
    (PeerAddress(), "/id"),
    (TrustedForwardedFor(1, ("10.0.0.0/8",)), "/id"),
    *(
        (TrustedForwardedFor(1), text)
        for text in (
            "id",
            "//evil.example",
            "/a/../b",
            "/a/.",
            "/a;Domain=evil",
            "/a b",
            "/a\r\nSet-Cookie: x=y",
            "/a, /b",
            "/\xe9",
            "/a%2f",
            "https://evil.example/a",
            "/" + "a" * 300,
            "/",
            "",
        )
    ),
]


@pytest.mark.parametrize(("source", "prefix"), DISTRUSTED)
async def test_a_prefix_that_nobody_vouches_for_is_ignored(
    source: PeerAddress | TrustedForwardedFor, prefix: str
) -> None:
    """Whoever may choose the path of another's cookie can take a session away, or end the header line."""
    async with a_world() as world:
        world.http = replace(world.http, client_ip_source=source)
        driver = replace(world.driver, app=installed(world), prefix="")
        headers = [("x-forwarded-prefix", prefix)]
        answer = await driver.call("POST", "/auth/login", json_body=LOGIN, headers=headers)
        assert "; Path=/auth; " in answer.all("set-cookie")[1]
        document = await driver.call("GET", "/openapi.json", headers=headers)
        assert "servers" not in document.members
        twice = [("x-forwarded-prefix", "/a"), ("x-forwarded-prefix", "/b")]
        answer = await driver.call("POST", "/auth/login", json_body=LOGIN, headers=twice)
        assert "; Path=/auth; " in answer.all("set-cookie")[1]


@pytest.mark.parametrize("place", [place for place in PLACES if "root_path" in place or "so" in place])
async def test_the_document_and_its_links_are_where_the_browser_sees_them(place: str) -> None:
    """A generated client calls paths that the proxy does not know, and the documentation stays blank."""
    build, below = PLACES[place]
    async with a_world() as world:
        world.http = replace(world.http, client_ip_source=BEHIND_A_PROXY)
        transport = httpx2.ASGITransport(build(world))
        async with httpx2.AsyncClient(transport=transport, base_url=SITE) as browser:
            document = (await browser.get(f"{below}/openapi.json")).json()
            assert [server["url"] for server in document["servers"]] == [below]
            assert f"{below}/openapi.json" in (await browser.get(f"{below}/docs")).text
            link = (await browser.get(f"{below}/where")).json()
            assert (await browser.get(link)).json() == link

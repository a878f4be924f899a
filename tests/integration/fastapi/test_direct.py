"""Auth routes of an installed app are answered inside the host's middleware, and past its routing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Match

from bymax_auth.fastapi import CurrentUser, install
from bymax_auth.http import AuthHttpConfig, PeerAddress
from bymax_auth.testing import TEST_PASSWORD, TEST_TENANT, build_engine
from tests.integration.fastapi.faces import installed_app
from tests.integration.http.driver import Driver
from tests.integration.http.world import World

CallNext = Callable[[Request], Awaitable[Response]]


def driver_of(world: World, app: FastAPI) -> Driver:
    return replace(world.driver, app=app)


def add_request_id(app: FastAPI, seen: list[str]) -> None:
    @app.middleware("http")
    async def request_id(request: Request, call_next: CallNext) -> Response:
        seen.append(request.url.path)
        response = await call_next(request)
        response.headers["x-request-id"] = "7"
        return response


@pytest.mark.parametrize("before", [True, False], ids=["before install", "after install"])
async def test_the_routes_run_inside_every_middleware_of_the_host(world: World, before: bool) -> None:
    """A host's request ids, CORS and compression would stop at the sign-in."""
    app = FastAPI()
    seen: list[str] = []
    if not before:
        install(app, world.engine, world.http)
    add_request_id(app, seen)
    app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"], allow_credentials=True)
    app.add_middleware(GZipMiddleware, minimum_size=10)
    if before:
        install(app, world.engine, world.http)
    cookies = await world.signed_in()
    asked = [("origin", "https://app.example.com"), ("accept-encoding", "gzip")]
    answer = await driver_of(world, app).call("GET", "/me", cookies=cookies, headers=asked)
    assert (answer.status, answer.header("x-request-id")) == (200, "7")
    assert answer.header("access-control-allow-origin") == "https://app.example.com"
    assert answer.header("content-encoding") == "gzip"
    assert seen == ["/auth/me"]


async def test_an_auth_request_never_reaches_the_hosts_router(world: World) -> None:
    """What the framework's routing costs is several times what the route costs."""
    app = installed_app(world)
    routed: list[str] = []

    class Watching:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            routed.append(scope["path"])
            await self.inner(scope, receive, send)

    app.router.middleware_stack = Watching(app.router.middleware_stack)
    driver = driver_of(world, app)
    cookies = await world.signed_in()
    assert (await driver.call("GET", "/me", cookies=cookies)).status == 200
    assert (await driver.call("DELETE", f"/sessions/{'0' * 64}", cookies=cookies)).status == 404
    assert routed == []
    assert (await driver.call("GET", "/nowhere")).status == 404
    assert routed == ["/auth/nowhere"]


async def test_metrics_name_a_request_by_its_route(world: World) -> None:
    """A dashboard would have one line for every session that was ever revoked."""
    app = installed_app(world)
    named: list[tuple[str, dict[str, str]]] = []

    class Metrics:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.inner(scope, receive, send)
            named.append((scope["route"].path, scope["path_params"]))

    app.add_middleware(Metrics)
    driver = driver_of(world, app)
    await driver.call("GET", "/me")
    await driver.call("DELETE", "/sessions/ab")
    assert named == [("/auth/me", {}), ("/auth/sessions/{id}", {"id": "ab"})]


@pytest.mark.parametrize("path", ["/auth/login", "/auth/{page}", "/{rest:path}"])
async def test_a_route_that_the_host_declared_earlier_goes_first(world: World, path: str) -> None:
    """A host that replaces one of the routes would find its own ignored."""
    app = FastAPI()

    @app.post(path)
    async def own() -> str:
        return "own"

    install(app, world.engine, world.http)
    answer = await driver_of(world, app).call("POST", "/login", json_body={})
    assert (answer.status, answer.json()) == (200, "own")
    assert (await driver_of(world, app).call("GET", "/me")).status == 401


async def test_a_hosts_route_for_some_values_goes_first(world: World) -> None:
    """A host's own page about one session would be taken for the hash of another."""
    app = FastAPI()

    @app.delete("/auth/sessions/mine")
    @app.delete("/auth/sessions/{number:int}")
    async def own() -> str:
        return "own"

    install(app, world.engine, world.http)
    driver = driver_of(world, app)
    for path in ("/sessions/mine", "/sessions/5"):
        assert (await driver.call("DELETE", path)).status == 200
    assert (await driver.call("DELETE", f"/sessions/{'a' * 64}")).status == 401


async def test_a_route_with_rules_of_its_own_is_asked_with_the_request_itself(world: World) -> None:
    """An app with versions by header would answer the wrong one, or fail to start."""

    class Versioned(APIRoute):
        def matches(self, scope: Any) -> Any:
            assert scope["query_string"] == b""
            match, child = super().matches(scope)
            return (match, child) if (b"x-v", b"2") in scope["headers"] else (Match.NONE, {})

    app = FastAPI()
    app.router.route_class = Versioned

    @app.get("/auth/me")
    async def own() -> str:
        return "own"

    install(app, world.engine, world.http)
    driver = driver_of(world, app)
    assert (await driver.call("GET", "/me", headers=[("x-v", "2")])).status == 200
    assert (await driver.call("GET", "/me")).status == 401


async def test_routes_that_were_taken_out_are_gone(world: World) -> None:
    """A registration that the host has removed would stay open."""
    app = FastAPI()
    own = len(app.router.routes)
    install(app, world.engine, world.http)
    driver = driver_of(world, app)
    assert (await driver.call("GET", "/me")).status == 401
    del app.router.routes[own:]
    assert (await driver.call("GET", "/me")).status == 404


async def test_a_mounted_app_keeps_the_parameters_of_its_mount(world: World) -> None:
    """A tenant that is named by the path would be lost, and nobody could sign in."""
    seen: list[dict[str, Any]] = []

    class Watching:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.inner(scope, receive, send)
            seen.append({name: scope.get(name) for name in ("path_params", "endpoint")})

    inner, outer = installed_app(world), FastAPI()
    inner.add_middleware(Watching)
    outer.mount("/t/{tenant}", inner)
    driver = replace(world.driver, app=outer, prefix="/t/acme/auth")
    assert (await driver.call("DELETE", "/sessions/ab")).status == 401
    assert seen[0]["path_params"] == {"tenant": "acme", "id": "ab"}
    assert seen[0]["endpoint"] is not inner


async def test_another_site_of_the_same_app_goes_first(world: World) -> None:
    """An app that serves two host names would answer one's pages with the other's sign-in."""
    other = FastAPI()

    @other.post("/auth/login")
    async def own() -> str:
        return "own"

    app = FastAPI()
    app.host("auth.example.com", other)
    install(app, world.engine, world.http)
    answer = await driver_of(world, app).call("POST", "/login", json_body={})
    assert (answer.status, answer.json()) == (200, "own")


async def test_a_host_with_dependencies_of_its_own_keeps_them(world: World) -> None:
    """A host that refuses requests without its own key would have an open front door."""

    async def key(request: Request) -> None:
        if request.headers.get("x-key") != "k":
            raise ValueError("no key")

    app = FastAPI(dependencies=[Depends(key)])
    install(app, world.engine, world.http)
    with pytest.raises(ValueError, match="no key"):
        await driver_of(world, app).call("GET", "/me")
    assert (await driver_of(world, app).call("GET", "/me", headers=[("x-key", "k")])).status == 401


async def test_an_app_that_serves_already_can_still_be_given_the_routes(world: World) -> None:
    """An app whose parts are loaded late would answer 404 until it is restarted."""
    app = FastAPI()
    driver = driver_of(world, app)
    assert (await driver.call("GET", "/me")).status == 404
    install(app, world.engine, world.http)
    assert (await driver.call("GET", "/me")).status == 401


def test_the_test_client_of_the_framework_signs_in() -> None:
    """A host's own tests are written with it."""
    app = FastAPI()
    install(app, build_engine().engine, AuthHttpConfig(PeerAddress()))

    @app.get("/profile")
    async def profile(user: CurrentUser) -> str:
        return user.role

    with TestClient(app) as client:
        body = {
            "email": "ada@example.com",
            "password": TEST_PASSWORD,
            "name": "Ada",
            "tenantId": TEST_TENANT,
        }
        assert client.post("/auth/register", json=body).status_code == 201
        assert client.get("/profile").status_code == 200
        assert client.post("/auth/logout").status_code == 204
        assert client.get("/profile").status_code == 401


async def test_a_root_path_moves_nothing(world: World) -> None:
    """Behind a proxy that strips its prefix, or passes it on, the routes would be gone."""
    app = installed_app(world)

    async def behind_a_proxy(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "root_path": "/api/v1"}, receive, send)

    for prefix in ("/auth", "/api/v1/auth"):
        driver = replace(world.driver, app=behind_a_proxy, prefix=prefix)
        assert (await driver.call("GET", "/me")).status == 401
        assert (await driver.call("GET", "/nowhere")).status == 404

"""A front end on an origin of its own reads what the routes answer."""

from dataclasses import replace

import pytest
from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware

from bymax_auth.fastapi import install
from bymax_auth.http.routes import ROUTES
from tests.integration.fastapi.faces import installed_app
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.requests import BODIES, path_of
from tests.integration.http.world import LOGIN, World, a_world

SPA = "https://app.example.com"
PREVIEW = "https://pr-7.preview.example.com"
TRUSTED = (SPA, "https://*.preview.example.com")
STRANGERS = ("https://evil.example", "https://a.b.preview.example.com", "http://app.example.com", "null")


def mounted_app(world: World) -> FastAPI:
    outer = FastAPI()
    outer.mount("/api", installed_app(world))
    return outer


def audited_app(world: World) -> FastAPI:
    """An app whose own dependencies send every auth request through its router."""

    async def audit() -> None: ...

    return installed_app(world, dependencies=[Depends(audit)])


APPS = {
    "installed": (installed_app, "/auth"),
    "mounted": (mounted_app, "/api/auth"),
    "with dependencies": (audited_app, "/auth"),
}


def preflight(origin: str, method: str) -> list[tuple[str, str]]:
    return [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", "content-type,x-tenant-id"),
        ("sec-fetch-site", "same-site"),
    ]


async def page(driver: Driver, origin: str, method: str, path: str, **sent: object) -> Answer:
    headers = [("origin", origin), ("sec-fetch-site", "same-site")]
    return await driver.call(method, path, headers=headers, **sent)  # type: ignore[arg-type]


@pytest.mark.parametrize("app", APPS)
async def test_a_trusted_page_calls_every_route(app: str) -> None:
    """A front end on its own subdomain gets answers that its browser does not let it read."""
    async with a_world(cookies={"trusted_origins": TRUSTED}) as world:
        build, prefix = APPS[app]
        driver = replace(world.driver, app=build(world), prefix=prefix)
        for origin in (SPA, PREVIEW):
            cookies = await world.signed_in()
            for spec in ROUTES:
                asked = await driver.call("OPTIONS", path_of(spec), headers=preflight(origin, spec.method))
                assert asked.status == 200
                assert asked.header("access-control-allow-origin") == origin
                assert asked.header("access-control-allow-credentials") == "true"
                assert asked.header("access-control-allow-headers") == "content-type,x-tenant-id"
                assert spec.method in (asked.header("access-control-allow-methods") or "")
                answer = await page(
                    driver,
                    origin,
                    spec.method,
                    path_of(spec),
                    json_body=BODIES.get(spec.name, {}),
                    cookies=cookies,
                )
                assert answer.header("access-control-allow-origin") == origin
                assert answer.header("access-control-allow-credentials") == "true"
                assert answer.header("access-control-expose-headers") == "Retry-After"
                assert answer.header("vary") == "Origin"
                assert answer.status != 405
                assert answer.error["code"] != "auth.untrusted_origin" if answer.status == 403 else True
            answer = await page(driver, origin, "POST", "/login", json_body=LOGIN)
            assert answer.status == 200
            answer = await page(driver, origin, "POST", "/refresh", cookies=answer.cookies)
            assert answer.status == 200
            assert (await page(driver, origin, "GET", "/me", cookies=answer.cookies)).status == 200
            assert (await page(driver, origin, "POST", "/logout", cookies=answer.cookies)).status == 204


@pytest.mark.parametrize("app", APPS)
async def test_a_strangers_page_reads_nothing(app: str) -> None:
    """A page that any visitor may open would read who the visitor is, and every session."""
    async with a_world(cookies={"trusted_origins": TRUSTED}) as world:
        build, prefix = APPS[app]
        driver = replace(world.driver, app=build(world), prefix=prefix)
        cookies = await world.signed_in()
        for origin in STRANGERS:
            for spec in ROUTES:
                asked = await driver.call("OPTIONS", path_of(spec), headers=preflight(origin, spec.method))
                assert asked.status == 400
                answer = await driver.call(
                    spec.method,
                    path_of(spec),
                    json_body=BODIES.get(spec.name, {}),
                    cookies=cookies,
                    headers=[("origin", origin), ("sec-fetch-site", "cross-site")],
                )
                assert spec.method == "GET" or spec.any_origin or answer.code == "auth.untrusted_origin"
                for seen in (asked, answer):
                    assert seen.header("access-control-allow-origin") is None


async def test_only_the_auth_routes_answer_other_origins() -> None:
    """The host's own routes are the host's to open."""
    async with a_world(cookies={"trusted_origins": TRUSTED}) as world:
        app = installed_app(world)

        @app.get("/own")
        @app.get("/authors")
        @app.get("/auth/own")
        async def own() -> None: ...

        driver = replace(world.driver, app=app, prefix="")
        for path in ("/own", "/authors", "/auth/own", "/auth/nowhere"):
            answer = await page(driver, SPA, "GET", path)
            assert answer.header("access-control-allow-origin") is None
            assert (await driver.call("OPTIONS", path, headers=preflight(SPA, "GET"))).status in {404, 405}
        plain = await driver.call("OPTIONS", "/auth/login")
        assert (plain.status, plain.header("allow")) == (405, "POST")


async def test_a_host_keeps_its_own_rules() -> None:
    """Two middlewares that each send the header make a browser refuse the response."""
    for cors in (False, True):
        async with a_world(cookies={"trusted_origins": TRUSTED}) as world:
            app = FastAPI()
            app.add_middleware(CORSMiddleware, allow_origins=[SPA], allow_credentials=True)
            install(app, world.engine, world.http, cors=cors)
            driver = replace(world.driver, app=app)
            answer = await page(driver, SPA, "GET", "/me")
            assert answer.header("access-control-allow-origin") == SPA
            assert answer.header("access-control-allow-credentials") == "true"
            answer = await page(driver, PREVIEW, "GET", "/me")
            assert answer.header("access-control-allow-origin") == (PREVIEW if cors else None)


async def test_without_trusted_origins_nothing_is_added(world: World) -> None:
    """A service whose pages are its own says nothing to others."""
    driver = replace(world.driver, app=installed_app(world))
    answer = await page(driver, SPA, "GET", "/me")
    assert answer.header("access-control-allow-origin") is None
    assert (await driver.call("OPTIONS", "/login", headers=preflight(SPA, "POST"))).status == 405

"""The same routes behind each way of mounting them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from bymax_auth.fastapi import apply_openapi, auth_router, install, register_exception_handlers
from bymax_auth.http.app import auth_app
from bymax_auth.http.asgi import ASGIApp
from tests.integration.http.driver import Driver
from tests.integration.http.world import World

__all__ = ["FACES", "behind", "installed_app"]


def installed_app(world: World, **options: Any) -> FastAPI:
    app = FastAPI(**options)
    install(app, world.engine, world.http)
    return app


def _by_hand(world: World) -> ASGIApp:
    app = FastAPI(redirect_slashes=False)
    app.include_router(auth_router(world.engine, world.http))
    register_exception_handlers(app)
    apply_openapi(app, world.engine, world.http)
    return app


def _included_below_another_prefix(world: World) -> ASGIApp:
    app = FastAPI()
    app.include_router(auth_router(world.engine, world.http), prefix="/api")
    return app


def _fastapi_mount(world: World) -> ASGIApp:
    app = FastAPI(redirect_slashes=False)
    app.mount("/auth", auth_app(world.engine, world.http))
    return app


def _in_a_mounted_app(world: World) -> ASGIApp:
    outer = FastAPI()
    outer.mount("/api", installed_app(world))
    return outer


def _starlette(world: World) -> ASGIApp:
    return Starlette(routes=[Mount("/auth", app=auth_app(world.engine, world.http))])


def _bare(world: World) -> ASGIApp:
    return auth_app(world.engine, world.http, app_at_prefix=True)


FACES: dict[str, tuple[Callable[[World], ASGIApp], str]] = {
    "installed": (installed_app, "/auth"),
    "by hand": (_by_hand, "/auth"),
    "included below /api": (_included_below_another_prefix, "/api/auth"),
    "in an app mounted at /api": (_in_a_mounted_app, "/api/auth"),
    "fastapi mount": (_fastapi_mount, "/auth"),
    "starlette mount": (_starlette, "/auth"),
    "bare": (_bare, "/auth"),
}


def behind(world: World, face: str) -> Driver:
    """A client of the world's routes behind one face."""
    build, prefix = FACES[face]
    return replace(world.driver, app=build(world), prefix=prefix, scopes=[])

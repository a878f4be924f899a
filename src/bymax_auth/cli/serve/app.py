"""The service's application, built anew in each worker from the environment."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from bymax_auth.cli.serve.health import add_health
from bymax_auth.cli.serve.service import Service, build_service
from bymax_auth.fastapi import install

__all__ = ["application", "build_app"]


def application() -> FastAPI:
    """Return the application of this process's environment; a worker calls it by name."""
    return build_app(build_service())


def build_app(service: Service) -> FastAPI:
    """Return an application that opens the service before its first request and closes it after the last."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncGenerator[None]:
        try:
            async with service.engine:
                yield
        finally:
            # The engine's detached work still writes to the database, so this goes last.
            await service.database.dispose()

    app = FastAPI(openapi_url=None, redirect_slashes=False, lifespan=life)
    # Before the engine's routes, which answer for everything below their prefix.
    add_health(app, service)
    install(app, service.engine, service.http)
    return app

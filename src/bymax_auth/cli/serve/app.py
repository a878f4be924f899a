"""The service's application, built anew in each worker from the environment."""

import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI

from bymax_auth.cli.serve.health import add_health
from bymax_auth.cli.serve.service import Service, build_service
from bymax_auth.cli.serve.worker import exit_for_restart, exit_with_parent, is_worker
from bymax_auth.fastapi import install

__all__ = ["application", "build_app"]

_LOGGER: Final = logging.getLogger("bymax_auth.serve")


def application() -> FastAPI:
    """Return the application of this process's environment; a worker calls it by name."""
    exit_with_parent()
    return build_app(build_service())


def build_app(service: Service) -> FastAPI:
    """Return an application that opens the service before its first request and closes it after the last."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as closing:
            # The engine's detached work still writes to the database, so this goes last.
            closing.push_async_callback(service.database.dispose)
            try:
                await closing.enter_async_context(service.engine)
            except Exception:
                # The server logs no more than that the start failed.
                _LOGGER.exception("The service cannot be opened")
                if is_worker():
                    await exit_for_restart()
                raise
            yield

    app = FastAPI(
        title="bymax-auth",
        version=version("bymax-auth"),
        openapi_url="/openapi.json" if service.openapi else None,
        # Their pages load scripts from a host that is none of ours.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    # Before the engine's routes, which answer for everything below their prefix.
    add_health(app, service)
    install(app, service.engine, service.http)
    return app

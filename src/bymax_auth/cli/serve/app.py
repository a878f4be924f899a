"""The service's application, constructed in each worker from the environment."""

import logging
import os
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI

from bymax_auth.cli.problems import Problems
from bymax_auth.cli.serve.health import add_health
from bymax_auth.cli.serve.service import Service, build_service
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.cli.serve.worker import exit_for_restart, exit_with_parent, is_worker
from bymax_auth.fastapi import install

__all__ = ["application", "build_app"]

_LOGGER: Final = logging.getLogger("bymax_auth.serve")


def application() -> FastAPI:
    """Return the application for this process's environment; uvicorn imports it by name in each worker."""
    exit_with_parent()
    if ServeSettings.in_part(os.environ, Problems()).metrics is None:
        return build_app(build_service())
    # The client library reads its folder from the environment when it is imported.
    from bymax_auth.cli.serve.metrics import PrometheusTelemetry

    telemetry = PrometheusTelemetry()
    return build_app(build_service(telemetry=telemetry), telemetry.sampling())


def build_app(service: Service, beside: AbstractAsyncContextManager[None] | None = None) -> FastAPI:
    """Return an application whose lifespan opens and closes the service, and runs what is `beside` it."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as closing:
            # The engine's background tasks may still write to the database, so it is closed last.
            closing.push_async_callback(service.database.dispose)
            if service.audit is not None:
                await closing.enter_async_context(service.audit)
            try:
                await closing.enter_async_context(service.engine)
            except Exception:
                # uvicorn logs only that the start failed.
                _LOGGER.exception("The service cannot be opened")
                if is_worker():
                    await exit_for_restart()
                raise
            await closing.enter_async_context(beside or nullcontext())
            yield

    app = FastAPI(
        title="bymax-auth",
        version=version("bymax-auth"),
        openapi_url="/openapi.json" if service.openapi else None,
        # FastAPI's documentation pages load scripts from a third-party host.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    # Added before the engine's routes, which match every path below their prefix.
    add_health(app, service)
    install(app, service.engine, service.http)
    return app

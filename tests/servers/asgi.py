"""An ASGI application behind a real server, in the test's own event loop."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp

from tests.servers.ports import free_port

__all__ = ["served"]


@asynccontextmanager
async def served(
    app: ASGIApp, *, port: int | None = None, lifespan: Literal["on", "off"] = "off", **options: Any
) -> AsyncGenerator[str]:
    """
    Serve the application on the loopback interface; its host and port.  `options` are those of uvicorn.

    The server logs no more than warnings: at DEBUG it prints the headers of each WebSocket, cookies included.
    """
    port = port or free_port()
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi")]
    levels = [logger.level for logger in loggers]
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=port,
            lifespan=lifespan,
            log_config=None,
            log_level="warning",
            ws="websockets-sansio",
            access_log=False,
            **options,
        )
    )
    ready = asyncio.Event()
    start = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await start(sockets)
        ready.set()

    server.startup = startup  # type: ignore[method-assign]
    server.capture_signals = suppress  # type: ignore[method-assign, assignment] # the test's own stay
    running = asyncio.create_task(server.serve())
    try:
        await ready.wait()
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

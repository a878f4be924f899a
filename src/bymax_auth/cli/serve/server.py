"""
Serves the application until told to stop, in this process or in several workers.

The configuration is judged, stores and database are read and the port is tried, all before any worker
starts: a mistake is one message, and never a worker that dies and is started again.  On SIGTERM no
further connection is taken, requests under way are answered, detached work drains, and then stores and
database close.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

import uvicorn

from bymax_auth.cli.serve.logs import LOGGING
from bymax_auth.cli.serve.service import Service, build_service
from bymax_auth.services.privacy import log_safe

__all__ = ["PortUnavailable", "ServeOptions", "check_port", "check_service", "serve_forever"]

_APPLICATION: Final = "bymax_auth.cli.serve.app:application"
_GRACEFUL_SHUTDOWN_SECONDS: Final = 30


class PortUnavailable(Exception):
    """The service cannot listen where it was told to; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """Where and how widely to serve."""

    host: str
    port: int
    workers: int


def check_service(options: ServeOptions) -> None:
    """
    Build the service, open its stores and read its database once, as each worker will.

    Raises:
        ConfigError: An option is unknown, has the wrong type or breaks a rule.
        DeploymentError: An address or a setting of the service is missing or means nothing.
        StoreUnavailable: The stores cannot be opened.
        RepositoryBackendError: The database does not answer, or its tables are not there.
    """
    # The workers share the memory for hashing passwords; the environment is how they are told.
    os.environ["WEB_CONCURRENCY"] = str(options.workers)
    with _logging_disabled():
        asyncio.run(_open(build_service()))


def check_port(options: ServeOptions) -> None:
    """
    Take the port for a moment, so that a server which cannot have it is not started.

    Raises:
        PortUnavailable: The address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((options.host, options.port))
        except (OSError, UnicodeError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or "it is not an address"
            place = f"port {options.port} of {log_safe(options.host)}"
            raise PortUnavailable(f"{place} cannot be listened on: {reason}.") from None


def serve_forever(options: ServeOptions) -> None:
    """Serve until SIGINT or SIGTERM; SIGHUP replaces the workers one after another, or ends the only one."""
    settings: dict[str, Any] = {
        "factory": True,
        "host": options.host,
        "port": options.port,
        "lifespan": "on",
        "log_config": LOGGING,
        "log_level": None,
        # The engine itself decides whose address counts; rewritten addresses would be trusted twice.
        "proxy_headers": False,
        "server_header": False,
        "timeout_graceful_shutdown": _GRACEFUL_SHUTDOWN_SECONDS,
    }
    if options.workers > 1:
        uvicorn.run(_APPLICATION, workers=options.workers, **settings)
        return
    server = _Server(uvicorn.Config(_APPLICATION, workers=1, **settings))
    if hasattr(signal, "SIGHUP"):
        # A terminal that is closed ends the service like any other end.
        signal.signal(signal.SIGHUP, server.handle_exit)
    server.run()
    if not server.started:
        raise SystemExit(1)


async def _open(service: Service) -> None:
    try:
        async with service.engine:
            await service.check_database()
    finally:
        await service.database.dispose()


@contextmanager
def _logging_disabled() -> Generator[None]:
    """Keep the rehearsal's warnings back: each worker says them again, in the service's own format."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


class _Server(uvicorn.Server):
    """A server whose end by a signal is a success: the signal is not raised again."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ask for the end; Ctrl-C a second time ends without waiting."""
        if sig == signal.SIGINT and self.should_exit:
            self.force_exit = True
        self.should_exit = True

"""
Serves the application until a signal, in this process or in several workers.

Before any worker starts, the configuration is checked, stores and database are read and the port is
bound once: a mistake is one message, not a worker that is restarted in a loop.  On SIGTERM no new
connection is accepted, requests in flight are completed, background tasks finish, and then stores and
database are closed.
"""

import signal
import socket
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

import uvicorn

from bymax_auth.cli.serve.logs import LOGGING
from bymax_auth.services.privacy import log_safe

__all__ = ["PortUnavailable", "ServeOptions", "check_port", "serve_forever"]

_APPLICATION: Final = "bymax_auth.cli.serve.app:application"
_GRACEFUL_SHUTDOWN_SECONDS: Final = 30
_WORKER_START_SECONDS: Final = 30
"""How long a worker may take to answer; on a busy machine the import of the application takes seconds."""


class PortUnavailable(Exception):
    """The service cannot listen on the configured address; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """The address to listen on, and the number of workers."""

    host: str
    port: int
    workers: int


def check_port(host: str, port: int) -> None:
    """
    Bind the port briefly, so that a server that cannot bind it is not started.

    Raises:
        PortUnavailable: The address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or "it is not an address"
            place = f"port {port} of {log_safe(host)}"
            raise PortUnavailable(f"{place} cannot be listened on: {reason}.") from None


def serve_forever(options: ServeOptions) -> None:
    """Serve until SIGINT or SIGTERM; SIGHUP restarts the workers one by one, or stops a single process."""
    settings: dict[str, Any] = {
        "factory": True,
        "host": options.host,
        "port": options.port,
        "lifespan": "on",
        "log_config": LOGGING,
        "log_level": None,
        # The engine resolves the client's address; with uvicorn's rewriting, proxies would be trusted twice.
        "proxy_headers": False,
        "server_header": False,
        "timeout_graceful_shutdown": _GRACEFUL_SHUTDOWN_SECONDS,
        "timeout_worker_healthcheck": _WORKER_START_SECONDS,
    }
    if options.workers > 1:
        uvicorn.run(_APPLICATION, workers=options.workers, **settings)
        return
    server = _Server(uvicorn.Config(_APPLICATION, workers=1, **settings))
    if hasattr(signal, "SIGHUP"):
        # Sent when the terminal closes; handled like the other signals.
        signal.signal(signal.SIGHUP, server.handle_exit)
    server.run()
    if not server.started:
        raise SystemExit(1)


class _Server(uvicorn.Server):
    """A server that exits with 0 after a signal, because the signal is not raised again."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Request a graceful shutdown; a second Ctrl-C exits without waiting."""
        if sig == signal.SIGINT and self.should_exit:
            self.force_exit = True
        self.should_exit = True

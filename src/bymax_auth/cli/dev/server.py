"""
Serves the application on the loopback interface until told to stop.

The socket is bound before anything else starts, so that a port in use is one line.  Signals
end the server in order: in-flight requests finish, detached work drains, the data closes.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from bymax_auth.cli.dev.app import build_app, build_engine
from bymax_auth.cli.dev.data import open_data
from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.seed import DEMO_TENANT, DemoAccount, seed
from bymax_auth.config import Environment
from bymax_auth.services.system import SystemClock

__all__ = ["DevOptions", "PortUnavailable", "serve"]

_HOST: Final = "127.0.0.1"


class PortUnavailable(Exception):
    """The port cannot be bound; the message says why, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevOptions:
    """How to serve."""

    port: int
    data: Path | None
    rate_limits: bool
    environment: Environment


async def serve(options: DevOptions) -> None:
    """
    Serve until SIGINT or SIGTERM.

    Raises:
        PortUnavailable: Something else listens on the port, or it may not be bound.
        DataFileUnusable: The data file cannot be used.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = _stop_signals()
    with contextlib.closing(_bind(options.port)) as listener:
        async with open_data(options.data) as data:
            mailbox = Mailbox(SystemClock())
            async with build_engine(data, mailbox, options.environment) as engine:
                accounts = await seed(data.users)
                app = build_app(engine, mailbox, accounts, rate_limits=options.rate_limits)
                settings = uvicorn.Config(
                    app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=5
                )
                await _Server(settings, stop, tuple(_banner(options, accounts))).serve(sockets=[listener])


def _stop_signals() -> asyncio.Event:
    """Return the event that the first SIGINT or SIGTERM from now on sets."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # where it would take a port away from whoever listens on it
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortUnavailable(f"{_HOST}:{port}: {error.strerror}. Choose another with --port.") from error
    return listener


def _banner(options: DevOptions, accounts: Sequence[DemoAccount]) -> Iterator[str]:
    address = f"http://{_HOST}:{options.port}"
    yield f"bymax-auth development server: {address}"
    yield ""
    yield f"  {address}/          a page to try it: register, sign in, sessions, captured mail"
    yield f"  {address}/docs      the API under /auth, to read and to call"
    yield f"  {address}/dev/mail  captured mail as JSON, newest first"
    yield ""
    yield f"Tenant: {DEMO_TENANT}, unless a request carries X-Tenant-Id."
    yield f"Data: {options.data or 'in memory, gone at the end; --data FILE keeps it'}."
    if not options.rate_limits:
        yield "Rate limits: none."
    for account in accounts:
        yield f"Account: {account.email}  {account.password}  {account.role}"
    yield "Stop with Ctrl-C."


class _Server(uvicorn.Server):
    """A server that says when it serves, and whose end is asked for by an event."""

    def __init__(self, settings: uvicorn.Config, stop: asyncio.Event, banner: Sequence[str]) -> None:
        super().__init__(settings)
        self._stop = stop
        self._lines = banner

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals alone: raised again at the end, they would make a clean stop a failure."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Print the banner once requests are accepted."""
        await super().startup(sockets)
        print(*self._lines, sep="\n", flush=True)

    async def on_tick(self, counter: int) -> bool:
        """Say whether to end."""
        return await super().on_tick(counter) or self._stop.is_set()

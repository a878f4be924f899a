"""
Serves the application on the loopback interface until a signal.

The socket is bound before anything else starts, so that a port in use is reported in one line.  After
a signal, requests in flight are completed, background tasks finish, and the data is closed.
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

from bymax_auth.cli.dev.app import GENEROUS, Demonstrated, build_app
from bymax_auth.cli.dev.authenticator import Authenticator
from bymax_auth.cli.dev.data import open_data
from bymax_auth.cli.dev.demo_id.server import as_provider, demo_id
from bymax_auth.cli.dev.engine import build_engine
from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.cli.dev.second_process import second_process
from bymax_auth.cli.dev.seed import DEMO_TENANT, DemoAccounts, seed
from bymax_auth.config import Environment
from bymax_auth.services.system import SystemClock

__all__ = ["DevOptions", "PortUnavailable", "serve"]

_HOST: Final = "127.0.0.1"


class PortUnavailable(Exception):
    """The port cannot be bound; the message is one line with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevOptions:
    """The options of the development server."""

    port: int
    data: Path | None
    rate_limits: bool
    environment: Environment
    trusted_origins: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Where the server is reached."""
        return f"http://{_HOST}:{self.port}"


async def serve(options: DevOptions) -> None:
    """
    Serve until SIGINT or SIGTERM.

    Raises:
        PortUnavailable: The port is in use, or may not be bound.
        DataFileUnusable: The data file cannot be used.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = _stop_signals()
    with contextlib.closing(_bind(options.port)) as listener:
        async with open_data(options.data) as data:
            clock = SystemClock()
            mailbox = Mailbox(clock)
            async with (
                demo_id(_HOST, options.origin, clock) as provider,
                build_engine(
                    data,
                    mailbox,
                    options.environment,
                    options.trusted_origins,
                    [as_provider(provider, clock)],
                ) as engine,
                second_process(data.path) as process,
            ):
                accounts = await seed(data.users, data.admins)
                authenticator = Authenticator(data.users, data.secret, clock)
                app = build_app(
                    engine,
                    mailbox,
                    Demonstrated(accounts, process, authenticator, provider, options.origin),
                    rate_limits=options.rate_limits,
                )
                settings = uvicorn.Config(
                    app,
                    log_level="warning",
                    access_log=False,
                    lifespan="off",
                    timeout_graceful_shutdown=5,
                    ws="websockets-sansio",
                )
                await _Server(settings, stop, tuple(_banner(options, accounts))).serve(sockets=[listener])


def _stop_signals() -> asyncio.Event:
    """Install signal handlers, and return the event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def set_event(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, set_event)
    return stop


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # where the option would take over a port that is in use
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortUnavailable(f"{_HOST}:{port}: {error.strerror}. Choose another with --port.") from error
    return listener


def _banner(options: DevOptions, accounts: DemoAccounts) -> Iterator[str]:
    address = options.origin
    yield f"bymax-auth development server: {address}"
    yield ""
    yield f"  {address}/          a page to try it: stolen tokens, second factor, a provider, sessions"
    yield f"  {address}/docs      the API under /auth, to read and to call"
    yield f"  {address}/dev/mail  captured mail as JSON, newest first"
    yield ""
    yield f"Tenant: {DEMO_TENANT}, unless a request carries X-Tenant-Id."
    yield f"Data: {options.data or 'a temporary file, removed at exit; use --data FILE to keep it'}."
    if options.rate_limits:
        yield f"Rate limits: {GENEROUS.requests} requests of each kind a minute; far fewer in a deployment."
    else:
        yield "Rate limits: disabled."
    for account in accounts.users:
        yield f"Account: {account.email}  {account.password}  {account.role}"
    if accounts.admin:
        yield f"Administrator of the platform: {accounts.admin.email}  {accounts.admin.password}"
    yield "Stop with Ctrl-C."


class _Server(uvicorn.Server):
    """A server that prints a banner when it is ready, and stops when an event is set."""

    def __init__(self, settings: uvicorn.Config, stop: asyncio.Event, banner: Sequence[str]) -> None:
        super().__init__(settings)
        self._stop = stop
        self._lines = banner

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Install no handlers: uvicorn's would raise the signal again, and the exit code would not be 0."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Print the banner when requests are accepted."""
        await super().startup(sockets)
        print(*self._lines, sep="\n", flush=True)

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop."""
        return await super().on_tick(counter) or self._stop.is_set()

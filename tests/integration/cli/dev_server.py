"""A development server of its own process on a free loopback port, and people who use it."""

import logging
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.servers.forked import forked
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port

LAST_LINE = "Stop with Ctrl-C."
QUIET = logging.getLogger("tests.quiet")
"""Does not log the address of a socket, which holds its ticket."""

QUIET.setLevel(logging.WARNING)


@dataclass(frozen=True)
class DevServer:
    """A running server; `banner` is what it printed when it was ready."""

    process: subprocess.Popen[str]
    port: int
    banner: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **headers: str) -> httpx2.Client:
        """Somebody's browser."""
        return browser_of(self.port, **headers)

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Signal the server; return its exit code and what it complained about."""
        self.process.send_signal(how)
        _, complaints = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, complaints


@contextmanager
def serving(
    *arguments: str | Path, port: int | None = None, command: Path | None = None
) -> Iterator[DevServer]:
    """
    Start a server and wait until it serves; it is killed when the block ends.

    Tests of the process itself start `COMMAND`; the others a process that is forked.
    """
    chosen = port or free_port()
    words = [str(command or forked()), "dev", "--port", str(chosen), *map(str, arguments)]
    # A server that is killed does not remove its temporary files.
    with (
        tempfile.TemporaryDirectory() as temporary,
        subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=surroundings() | {"TMPDIR": temporary},
        ) as process,
    ):
        try:
            yield DevServer(process, chosen, banner_of(process))
        finally:
            process.kill()
            # Its output ends when it and its second process have ended.
            process.communicate(timeout=PATIENCE)


@pytest.fixture(scope="session")
def demo_server() -> Iterator[DevServer]:
    """A server that keeps its data in memory and counts no requests; its users share their addresses."""
    with serving("--no-rate-limits") as running:
        yield running


def browser_of(port: int, **headers: str) -> httpx2.Client:
    """A browser that shows the server on a port: it keeps cookies and names where it comes from."""
    url = f"http://127.0.0.1:{port}"
    return httpx2.Client(base_url=url, headers={"Origin": url, **headers}, timeout=PATIENCE)


def banner_of(process: subprocess.Popen[str]) -> tuple[str, ...]:
    assert process.stdout is not None
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if lines[-1] == LAST_LINE:
            return tuple(lines)
    raise AssertionError(f"The server ended before it served:\n{process.stderr.read()}")


def run(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    given: str = "",
    command: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself; `given` is its input."""
    return subprocess.run(
        [str(command or forked()), *map(str, arguments)],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env=surroundings() | dict(env or {}),
        cwd=cwd,
        timeout=PATIENCE,
    )


def surroundings() -> dict[str, str]:
    """The environment without what would configure the library."""
    ours = ("BYMAX_AUTH_", "WEB_CONCURRENCY")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def mailed(client: httpx2.Client, kind: str, to: str) -> dict[str, Any]:
    """The newest mail of this kind to this address; it is sent after the answer, so it may take a moment."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for mail in client.get("/dev/mail").json():
            if (mail["kind"], mail["to"]) == (kind, to):
                return dict(mail)
    raise AssertionError(f"No {kind} was mailed to {to}.")


def code_in(mail: Mapping[str, Any]) -> str:
    """The six-digit code of a mail."""
    found = re.search(r"\b[0-9]{6}\b", mail["text"])
    assert found is not None
    return found[0]


def registered(client: httpx2.Client, email: str, password: str) -> None:
    """Create an account, prove its address, and be signed in to it."""
    body = {"email": email, "password": password, "name": "Ana Souza"}
    assert client.post("/auth/register", json=body).status_code == 201
    proof = {"email": email, "otp": code_in(mailed(client, "email_verification_otp", email))}
    assert client.post("/auth/verify-email", json=proof).status_code == 204
    signed_in(client, email, password)


def enrolled(client: httpx2.Client, email: str, password: str) -> str:
    """Add a second factor to a new account, and return its secret; every session has ended."""
    registered(client, email, password)
    begun = client.post("/auth/mfa/setup", json={"password": password}).json()
    code = client.post("/dev/demo/code", json={"secret": begun["secret"]}).json()["code"]
    assert client.post("/auth/mfa/verify-enable", json={"code": code}).status_code == 204
    return str(begun["secret"])


def signed_in(client: httpx2.Client, email: str, password: str) -> None:
    """Sign in with a password."""
    answer = client.post("/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text


def socket_of(server: DevServer, browser: httpx2.Client) -> ClientConnection:
    """Open the WebSocket of the demo page for somebody who is signed in."""
    ticket = browser.post("/auth/ws-ticket").json()["ticket"]
    url = f"ws://127.0.0.1:{server.port}/dev/demo/live?ticket={ticket}"
    return connect(url, open_timeout=PATIENCE, logger=QUIET)

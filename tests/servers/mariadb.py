"""
A real MariaDB server for one test run, on a free port of the loopback interface.

As root on Debian it installs the server when there is none.  Its default collation is the one that
compares without regard to case and accents, as on a server that nobody has configured.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.debian import found_or_installed
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port

UNPRIVILEGED = ("mysql", "nobody")
PROGRAMS = ("/usr/sbin", "/usr/bin", "/usr/local/bin")
SETTINGS = (
    "--bind-address=127.0.0.1",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=16M",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
)
CREATE_USER = """\
CREATE USER auth@'127.0.0.1';
GRANT ALL ON *.* TO auth@'127.0.0.1';
CREATE DATABASE app;
"""


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """The address of a running server's empty database; the server ends with the run."""
    server = found_or_installed(find_server, "mariadb-server", "a MariaDB server: no mariadbd on the PATH")
    with tempfile.TemporaryDirectory(prefix="auth-maria-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        if (name := account()) is not None:
            shutil.chown(home, user=name)
        install(home)
        with running(server, home) as port:
            yield f"mysql+asyncmy://auth@127.0.0.1:{port}/app?charset=utf8mb4"


def find_server() -> Path | None:
    """The server's program, where the programs beside it are installed too."""
    return program("mariadbd") if program("mariadb-install-db") else None


def program(name: str) -> Path | None:
    """A program of the server; root's and a user's PATH differ in where they look."""
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *PROGRAMS)))
    return None if found is None else Path(found)


def account() -> str | None:
    """The user to run the server as: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in names)


def install(home: Path) -> None:
    """Make the system tables and the account of the tests."""
    init = home / "init.sql"
    init.write_text(CREATE_USER, encoding="utf-8")
    init.chmod(0o644)
    done = subprocess.run(
        [
            str(program("mariadb-install-db")),
            "--no-defaults",
            f"--datadir={home / 'data'}",
            "--skip-test-db",
            "--skip-name-resolve",
            "--auth-root-authentication-method=normal",
        ],
        cwd=home,
        user=account(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"mariadb-install-db failed:\n{done.stdout}", pytrace=False)


@contextmanager
def running(server: Path, home: Path) -> Iterator[int]:
    """Start the server, yield its port when it answers, and stop it."""
    port = free_port()
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [
                str(server),
                "--no-defaults",
                f"--datadir={home / 'data'}",
                f"--port={port}",
                f"--socket={home / 'socket'}",
                f"--pid-file={home / 'pid'}",
                f"--init-file={home / 'init.sql'}",
                *SETTINGS,
            ],
            cwd=home,
            user=account(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(process, port, home / "log")
        yield port
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when the server accepts connections; its log is part of a failure."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"mariadbd did not start:\n{log.read_text(encoding='utf-8')}", pytrace=False)

"""
A real PostgreSQL server for one test run, on a free port of the loopback interface.

Uses the newest installed server; as root on Debian it installs one when there is none.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.debian import found_or_installed
from tests.servers.ports import free_port

INSTALLED = Path("/usr/lib/postgresql")
UNPRIVILEGED = ("postgres", "nobody")
SETTINGS = "-c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a running server's empty database; the server ends with the run."""
    binaries = find_server()
    with tempfile.TemporaryDirectory(prefix="auth-pg-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        give_to_server(home)
        run(
            binaries / "initdb",
            "-D",
            home / "data",
            "-U",
            "auth",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            home=home,
        )
        with running(binaries, home) as port:
            yield f"postgresql+asyncpg://auth@127.0.0.1:{port}/postgres"


def find_server() -> Path:
    """The folder of the newest server's programs, installed first when that is possible."""
    wanted = f"a PostgreSQL server: no initdb under {INSTALLED}/*/bin or on the PATH"
    return found_or_installed(newest_server, "postgresql", wanted)


def newest_server() -> Path | None:
    """The folder of the newest installed server's programs."""
    return next(reversed(servers()), None)


def servers() -> list[Path]:
    """The folders that hold a server's programs, oldest version first."""
    versions = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    on_path = shutil.which("initdb")
    return [Path(on_path).resolve().parent] * bool(on_path) + [path.parent for path in versions]


def account() -> str | None:
    """The user to run the server as: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in names)


def give_to_server(home: Path) -> None:
    """Let the server's user own its folder."""
    if (name := account()) is not None:
        shutil.chown(home, user=name)


@contextmanager
def running(binaries: Path, home: Path) -> Iterator[int]:
    """Start the server, yield its port, stop it by the process id that it wrote."""
    port = free_port()
    settings = f"-p {port} {SETTINGS} -c unix_socket_directories={home}"
    control = (binaries / "pg_ctl", "-D", home / "data", "-w")
    run(*control, "-l", home / "log", "-o", settings, "start", home=home)
    try:
        yield port
    finally:
        run(*control, "-m", "immediate", "stop", home=home)


def run(*command: str | Path, home: Path) -> None:
    """Run one of the server's programs as its user; what it said is part of a failure."""
    done = subprocess.run(
        command,
        cwd=home,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(home)},
        user=account(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if command[-1] != "start" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        log = home / "log"
        said = (done.stdout or "") + (log.read_text(encoding="utf-8") if log.exists() else "")
        pytest.fail(f"{Path(command[0]).name} failed:\n{said}", pytrace=False)

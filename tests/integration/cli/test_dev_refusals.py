"""What keeps `bymax-auth dev` from starting is one clear line, and a failure."""

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bymax_auth.stores.embedded import EmbeddedStores
from tests.integration.cli.dev_server import free_port, surroundings
from tests.integration.cli.in_process import run

pytestmark = pytest.mark.processes

WITHOUT = """
import sys
for name in sys.argv.pop(1).split():
    sys.modules[name] = None
from bymax_auth.cli import main
main()
"""


def the_line(done: subprocess.CompletedProcess[str]) -> str:
    """The only line of a refusal, without the program's name."""
    assert done.returncode != 0
    assert done.stdout == ""
    line, end = done.stderr[:-1], done.stderr[-1:]
    assert end == "\n"
    assert "\n" not in line
    assert line.startswith("bymax-auth: ")
    return line.removeprefix("bymax-auth: ")


def test_a_port_in_use_is_named() -> None:
    """A second terminal shows a stack trace instead of the reason."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = the_line(run("dev", "--port", str(port)))
    assert said == f"127.0.0.1:{port}: Address already in use. Choose another with --port."


def a_folder(path: Path) -> None:
    path.mkdir()


def a_text(path: Path) -> None:
    path.write_text(
        "a shopping list, longer than the header of a database file would be\n" * 9, encoding="utf-8"
    )


def a_database_of_something_else(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE invoices (total INTEGER)")


async def a_newer_file(path: Path) -> None:
    stores = EmbeddedStores(path)
    await stores.start()
    await stores.aclose()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (a_folder, "it is a folder"),
        (a_text, "file is not a database"),
        (a_database_of_something_else, "it is a database of another application"),
    ],
)
def test_a_file_that_is_not_its_own_is_named_and_left_alone(
    make: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    """A mistyped file name destroys somebody's work, or ends in a stack trace."""
    path = tmp_path / "work"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    said = the_line(run("dev", "--port", str(free_port()), "--data", path))
    assert str(path) in said
    assert reason in said
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_file_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    """Going back a release damages the data."""
    path = tmp_path / "demo.db"
    asyncio.run(a_newer_file(path))
    assert "version 99" in the_line(run("dev", "--port", str(free_port()), "--data", path))


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A mistyped folder ends in a stack trace."""
    path = tmp_path / "nowhere" / "demo.db"
    said = the_line(run("dev", "--port", str(free_port()), "--data", path))
    assert said == f"The store file {path} cannot be opened: No such file or directory."


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    """Somebody else's data file ends in a stack trace."""
    path = tmp_path / "demo.db"
    path.touch(mode=0o000)
    # The superuser may read everything: the command runs without that privilege.
    command = [sys.executable, "-c", WITHOUT, "", "dev", "--port", str(free_port()), "--data", str(path)]
    if os.geteuid() == 0:
        drop = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--"]
        command = [*drop, *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings())
    assert str(path) in the_line(done)


@pytest.mark.parametrize(
    "missing", ["typer", "uvicorn fastapi", "fastapi_offline", "argon2", "aiosqlite", "segno websockets"]
)
def test_a_missing_extra_is_named_with_its_cure(missing: str) -> None:
    """A bare install that lacks the command's packages ends in a stack trace."""
    command = [sys.executable, "-c", WITHOUT, missing, "dev"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings())
    said = the_line(done)
    assert all(name in said for name in missing.split())
    assert said.endswith("Install the extra: pip install 'bymax-auth[cli]'")


def test_production_is_refused_wherever_it_is_said() -> None:
    """A mailbox that everybody can read, and accounts whose passwords are printed, serve real people."""
    reason = "the development server does not run with environment=production."
    port = str(free_port())
    said = run("dev", "--port", port, env={"BYMAX_AUTH_ENVIRONMENT": "Production"})
    assert the_line(said) == reason
    assert the_line(run("dev", "--port", port, "--environment", "production")) == reason

"""`bymax-auth migrate` of a large table, whose process is killed in the middle."""

import signal
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import bcrypt
import pytest

from tests.integration.cli.dev_server import PATIENCE, surroundings
from tests.integration.cli.moving import Destination
from tests.integration.cli.old_systems import PASSWORD, recorded
from tests.long import rounds
from tests.servers.forked import COMMAND

pytestmark = [pytest.mark.processes, pytest.mark.untraced]

ACCOUNTS = rounds(1_500, 100_000)
EACH = 50
"""Of how many accounts one signs in: it takes 30 ms."""
HASHED = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
MOST_MEMORY_KIB = 200 * 1024


def many(folder: Path) -> str:
    """Make the database of FastAPI Users with many accounts."""
    source = recorded("fastapi-users", folder, 'DELETE FROM "user"', "DELETE FROM oauth_account")
    people = ((f"id-{one:06}", f"p{one:06}@example.com", HASHED) for one in range(ACCOUNTS))
    with closing(sqlite3.connect(folder / "old.db")) as database, database:
        database.executemany('INSERT INTO "user" VALUES (?, ?, ?, 1, 0, 1)', people)
    return source


def killed(destination: Destination, words: Sequence[str], batches: int) -> int:
    """Run the command and kill it after some batches; return the most memory that it had, in KiB."""
    process = subprocess.Popen(
        [str(COMMAND), "migrate", "--tenant", "acme", *words],
        env=surroundings() | destination.variables,
        cwd=destination.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    report, deadline = destination.folder / "r.jsonl", time.monotonic() + PATIENCE
    while not report.exists() or report.read_bytes().count(b'"written"') < batches:
        assert time.monotonic() < deadline
    # What the parent had before it started the process counts in its own figures.
    status = Path(f"/proc/{process.pid}/status")
    lines = status.read_text("ascii").splitlines() if status.exists() else []
    process.kill()
    assert process.wait() == -signal.SIGKILL
    return max((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), default=0)


def test_a_killed_migration_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """The machine ends the process in the middle of a large table."""
    destination = Destination.made_in(tmp_path, importers="bcrypt")
    destination.add(id="here", email="here@example.com")
    before = destination.rows()
    words = ["--from", "fastapi-users", many(tmp_path), "--role", "MEMBER", "--write", "--report", "r.jsonl"]
    most_kib = killed(destination, words, ACCOUNTS // 1_500)

    said = destination.moved("fastapi-users", words[2], *words[-3:])
    assert (said["read"], said["kept"], said["present"]) == (ACCOUNTS, ACCOUNTS, 0)
    moved = destination.rows()[1:]
    assert [row["id"] for row in moved] == [f"id-{one:06}" for one in range(ACCOUNTS)]
    # One hash opens all of them, so that whoever signs in below stands for the others.
    assert {(row["password_hash"], row["status"], row["email_verified"]) for row in moved} == {
        (HASHED, "active", 1)
    }
    assert most_kib < MOST_MEMORY_KIB
    people = [(f"p{one:06}@example.com", PASSWORD) for one in range(0, ACCOUNTS, EACH)]
    assert {one if isinstance(one, str) else "signed in" for one in destination.sign_in(*people)} == {
        "signed in"
    }
    destination.command("--undo", "r.jsonl")
    assert len(destination.rows()) == len(people) + 1
    destination.command("--undo", "r.jsonl", "--with-used")
    assert destination.rows() == before

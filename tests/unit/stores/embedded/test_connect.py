"""How a store file is opened, and what an operator reads when it cannot be."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.embedded import EmbeddedStores, connect
from bymax_auth.stores.embedded.connect import connect_reader, connect_writer, is_busy
from tests.contract.samples import account

SHORT = timedelta(milliseconds=20)


async def test_the_files_are_for_their_owner_alone(stores: EmbeddedStores, path: Path) -> None:
    """Another user of the machine would read who is signed in."""
    await stores.revocation.bump_epoch(account())
    modes = {found.name: stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()}
    assert modes == {"auth.db": 0o600, "auth.db-shm": 0o600, "auth.db-wal": 0o600}


def test_the_connection_keeps_what_it_confirmed_and_nothing_it_deleted(path: Path) -> None:
    """A power cut would undo a logout, or a deleted address would stay readable on the disk."""
    connection = connect_writer(path, SHORT)
    settings = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
    }
    connection.close()
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 20,
    }


def test_a_file_is_opened_where_sqlite_reads_no_uri_unless_asked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most builds of SQLite do not, and would look for a file that is named like the URI."""
    connected = sqlite3.connect

    def asked(name: str, *, uri: bool = False, **settings: Any) -> sqlite3.Connection:
        return connected(name if uri else f"./{name}", uri=uri, **settings)

    monkeypatch.setattr(sqlite3, "connect", asked)
    connect_writer(path, SHORT).close()


def test_a_reading_connection_cannot_write(path: Path) -> None:
    """A write outside the one writer would wait for it for ever, or slip past its rules."""
    connect_writer(path, SHORT).close()
    reader = connect_reader(path, SHORT)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM sessions")
    reader.close()


async def test_a_file_that_is_not_a_database_is_named(path: Path) -> None:
    """The operator must learn which file is wrong, and nothing may be written over it."""
    path.write_text("my diary, which is certainly no database\n" * 50)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match=r"auth\.db cannot be used: file is not a database\."):
        await EmbeddedStores(path).start()
    assert path.read_bytes() == before


@pytest.mark.parametrize("damaged", ["sqlite_master", "sessions_exp"])
async def test_a_damaged_database_is_named(stores: EmbeddedStores, path: Path, damaged: str) -> None:
    """A broken disk must read as a broken disk."""
    await stores.aclose()
    overwrite_page_of(path, damaged)
    broken = EmbeddedStores(path)
    with pytest.raises(
        StoreUnavailable, match=r"auth\.db cannot be used: database disk image is malformed\."
    ):
        await broken.start()
    await broken.aclose()


def overwrite_page_of(path: Path, name: str) -> None:
    """Destroy the root page of an index, or the second page of the list of tables."""
    connection = sqlite3.connect(path)
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    found = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    if found is None:
        content[size:] = b"\xff" * (len(content) - size)
    else:
        content[(found[0] - 1) * size : found[0] * size] = b"\xff" * size
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("missing/auth.db", "No such file or directory"),
        ("file/auth.db", "Not a directory"),
        ("folder", "it is a folder"),
    ],
)
async def test_a_place_that_cannot_hold_a_file_is_named(tmp_path: Path, place: str, reason: str) -> None:
    """A typing error in a path must read as one."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreUnavailable, match=f"{place} cannot be opened: {reason}\\."):
        await EmbeddedStores(tmp_path / place).start()


async def test_a_link_to_itself_is_named(tmp_path: Path) -> None:
    """A mistake in a deployment's links must read as one."""
    (tmp_path / "auth.db").symlink_to("auth.db")
    with pytest.raises(StoreUnavailable, match=r"auth\.db cannot be used: unable to open database file"):
        await EmbeddedStores(tmp_path / "auth.db").start()


def test_a_file_on_a_network_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its locks do not hold there, so two hosts would each exchange the same token."""
    monkeypatch.setattr(connect, "network_file_system", lambda _path: "nfs4")
    with pytest.raises(StoreUnavailable, match=r"is on a network file system \(nfs4\)"):
        connect_writer(path, SHORT)
    assert not path.exists()


def test_a_place_without_a_write_ahead_log_is_refused() -> None:
    """Readers would block the writer there, and a kill would cost what was confirmed."""
    connection = sqlite3.connect(":memory:")
    with pytest.raises(StoreUnavailable, match="does not support a write-ahead log"):
        connect._use_write_ahead_log(connection, SHORT)
    connection.close()


def test_a_journal_that_another_process_holds_is_not_waited_for_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that hangs at its start says nothing about why."""
    times = iter((1_000.0, 1_001.0, 1_003.0))
    monkeypatch.setattr(
        connect, "time", SimpleNamespace(monotonic=times.__next__, sleep=lambda _seconds: None)
    )
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        connect._use_write_ahead_log(connection, timedelta(seconds=2))
    connection.close()
    holder.close()


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="this system does not list its locks")
async def test_a_second_store_of_one_process_leaves_the_locks_of_the_first(path: Path) -> None:
    """Another process would take the file for unused, and truncate what the first is writing."""
    first, second = EmbeddedStores(path), EmbeddedStores(path)
    await first.start()
    before = locks()
    await second.start()
    assert before <= locks()
    assert before != set()
    await second.aclose()
    await first.aclose()


def locks() -> set[str]:
    """What this process has locked, as Linux lists it: file and range."""
    listed = [line.split()[1:] for line in Path("/proc/locks").read_text().splitlines()]
    return {" ".join(fields) for fields in listed if str(os.getpid()) in fields}


@pytest.fixture
def held(path: Path) -> Iterator[sqlite3.Connection]:
    """A file that another process is using alone."""
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    yield holder
    holder.close()


def test_a_file_that_is_held_is_waited_for(
    path: Path, held: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers that start together would fail on the one that came first."""

    def let_go(_seconds: float) -> None:
        if held.in_transaction:
            held.execute("ROLLBACK")

    monkeypatch.setattr(time, "sleep", let_go)
    connection = sqlite3.connect(path, timeout=0)
    connect._use_write_ahead_log(connection, timedelta(seconds=5))
    assert not held.in_transaction
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_file_that_stays_held_is_given_up(path: Path, held: sqlite3.Connection) -> None:
    """A start that waits for ever tells the operator nothing."""
    with pytest.raises(StoreUnavailable, match="database is locked"):
        connect_writer(path, SHORT)
    assert held.in_transaction


def test_an_error_that_is_no_lock_is_not_waited_for(path: Path) -> None:
    """A broken file would be asked for again until the time is over."""
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.OperationalError) as failed:
        connection.execute("SELECT * FROM missing")
    connection.close()
    assert not is_busy(failed.value)


def test_a_file_that_vanished_is_named(path: Path) -> None:
    """The operator must learn that somebody deleted the store."""
    with pytest.raises(StoreUnavailable, match="unable to open database file"):
        connect_reader(path, SHORT)

"""Which files may hold a store."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.embedded.schema import SCHEMA_VERSION, check_library, prepare
from bymax_auth.testing import FakeClock
from tests.contract.samples import account


async def test_a_file_of_a_newer_release_is_refused(
    stores: EmbeddedStores, raw: sqlite3.Connection, path: Path
) -> None:
    """A rollback of the application would quietly misread what the newer release wrote."""
    await stores.aclose()
    raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreUnavailable, match=r"auth\.db cannot be used: its tables have version 5"):
        await EmbeddedStores(path).start()


async def test_another_applications_database_is_left_alone(path: Path) -> None:
    """A mistyped path must not add tables to somebody's accounts or photos."""
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photos (name TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="it is a database of another application"):
        await EmbeddedStores(path).start()
    assert path.read_bytes() == before
    assert tables(path) == ["photos"]


async def test_an_empty_database_marked_by_another_application_is_left_alone(path: Path) -> None:
    """An application that has not yet created its tables must find its file as it left it."""
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA application_id = 7")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="another application"):
        await EmbeddedStores(path).start()
    assert path.read_bytes() == before


async def test_a_store_is_opened_again_with_what_it_held(
    stores: EmbeddedStores, path: Path, clock: FakeClock
) -> None:
    """A restart must not sign everybody out."""
    await stores.revocation.bump_epoch(account())
    await stores.aclose()
    again = EmbeddedStores(path, clock=clock)
    await again.start()
    assert await again.revocation.current_epoch(account()) == 1
    await again.aclose()


def test_an_sqlite_too_old_for_the_statements_is_named() -> None:
    """An operator would see a syntax error in the middle of a sign-in instead."""
    check_library((3, 35, 0))
    with pytest.raises(StoreUnavailable, match=r"needs SQLite 3\.35\.0 or newer; this Python has 3\.34\.1\."):
        check_library((3, 34, 1))


def tables(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    connection.close()
    return names


def test_a_refused_database_is_left_without_a_transaction() -> None:
    """The other application would find its own file locked."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA application_id = 42")
        with pytest.raises(StoreUnavailable, match="another application"):
            prepare(connection)
        assert not connection.in_transaction


def test_a_file_is_marked_as_it_was_by_every_release(raw: sqlite3.Connection) -> None:
    """Every store would be taken for another application's after an upgrade, and everybody be signed out."""
    assert raw.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"BMAX"),)

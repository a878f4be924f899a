"""What the store does where its caller leaves the choice to it."""

import sqlite3
import time
from pathlib import Path

from bymax_auth.stores.embedded import EmbeddedStores


def time_of(_cursor: sqlite3.Cursor, now: int) -> int:
    return now


async def test_a_file_expires_by_the_wall_clock(path: Path) -> None:
    """After a restart of the machine every session would be years from its end, or over."""
    stores = EmbeddedStores(path)
    before = time.time_ns() // 1_000_000
    assert before <= await stores._database.read(time_of) <= time.time_ns() // 1_000_000
    await stores.aclose()


async def test_what_is_in_memory_expires_by_the_monotonic_clock() -> None:
    """Whoever sets the clock of the machine would end every session, or make it longer."""
    stores = EmbeddedStores()
    before = time.monotonic_ns() // 1_000_000
    assert before <= await stores._database.read(time_of) <= time.monotonic_ns() // 1_000_000
    await stores.aclose()


async def test_there_is_room_for_a_million_rows() -> None:
    """A large host would be refused sign-ins early, or a small machine run out of memory."""
    stores = EmbeddedStores()

    def hold(cursor: sqlite3.Cursor, _now: int, rows: int) -> None:
        cursor.execute("UPDATE entries SET n = ?", (rows,))

    await stores._database.change(hold, 999_999)
    assert await stores.has_room()
    await stores._database.change(hold, 1_000_000)
    assert not await stores.has_room()
    await stores.aclose()


async def test_an_operation_waits_five_seconds_for_a_lock(path: Path) -> None:
    """A backup of a few seconds would refuse sign-ins, or a lock that stays would hold every request."""
    stores = EmbeddedStores(path)

    def wait_in_ms(cursor: sqlite3.Cursor, _now: int) -> object:
        return cursor.execute("PRAGMA busy_timeout").fetchone()

    assert await stores._database.read(wait_in_ms) == (5_000,)
    assert await stores._database.change(wait_in_ms) == (5_000,)
    await stores.aclose()

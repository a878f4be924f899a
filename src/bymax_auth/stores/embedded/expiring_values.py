"""Values by key that expire, in the table `marks`."""

import sqlite3

from bymax_auth.stores.embedded.clock_steps import TOLERANCE_MS

__all__ = ["has_value", "read_value", "set_if_absent", "set_value", "take_value"]


def set_value(cursor: sqlite3.Cursor, now: int, key: str, value: str, lifetime: int) -> None:
    """Set a value, or replace it with its expiry."""
    cursor.execute(
        """INSERT INTO marks (key, value, exp_ms) VALUES (?, ?, ?)
           ON CONFLICT (key) DO UPDATE SET value = excluded.value, exp_ms = excluded.exp_ms""",
        (key, value, now + lifetime),
    )


def set_if_absent(cursor: sqlite3.Cursor, now: int, key: str, lifetime: int, value: str = "1") -> bool:
    """Set a value unless there is one; say whether this call set it."""
    cursor.execute(
        """INSERT INTO marks (key, value, exp_ms) VALUES (?, ?, ?)
           ON CONFLICT (key) DO UPDATE SET value = excluded.value, exp_ms = excluded.exp_ms
           WHERE marks.exp_ms <= ?""",
        (key, value, now + lifetime, now),
    )
    return cursor.rowcount == 1


def has_value(cursor: sqlite3.Cursor, now: int, key: str) -> bool:
    """Say whether there is a value; there is none if the clock was put back."""
    return read_value(cursor, now, key) is not None


def read_value(cursor: sqlite3.Cursor, now: int, key: str) -> str | None:
    """Return a value and keep it; there is none if the clock was put back."""
    found = cursor.execute(
        "SELECT value FROM marks, clock WHERE key = ? AND exp_ms > ? AND latest_ms - ? <= ?",
        (key, now, now, TOLERANCE_MS),
    ).fetchone()
    return None if found is None else str(found[0])


def take_value(cursor: sqlite3.Cursor, now: int, key: str) -> str | None:
    """Delete a value and return it, ``None`` when it has expired."""
    row = cursor.execute("DELETE FROM marks WHERE key = ? RETURNING value, exp_ms", (key,)).fetchone()
    return str(row[0]) if row is not None and row[1] > now else None

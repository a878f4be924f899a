"""Marks: facts that are true until they expire."""

import sqlite3

__all__ = ["claim", "is_marked", "set_mark"]


def set_mark(cursor: sqlite3.Cursor, now: int, key: str, value: str, lifetime: int) -> None:
    """Set a mark, or replace it and its expiry."""
    cursor.execute(
        """INSERT INTO marks (key, value, exp_ms) VALUES (?, ?, ?)
           ON CONFLICT (key) DO UPDATE SET value = excluded.value, exp_ms = excluded.exp_ms""",
        (key, value, now + lifetime),
    )


def claim(cursor: sqlite3.Cursor, now: int, key: str, lifetime: int) -> bool:
    """Set a mark unless it is set; say whether this call set it."""
    cursor.execute(
        """INSERT INTO marks (key, value, exp_ms) VALUES (?, '1', ?)
           ON CONFLICT (key) DO UPDATE SET exp_ms = excluded.exp_ms WHERE marks.exp_ms <= ?""",
        (key, now + lifetime, now),
    )
    return cursor.rowcount == 1


def is_marked(cursor: sqlite3.Cursor, now: int, key: str) -> bool:
    """Say whether a mark is set."""
    return (
        cursor.execute("SELECT 1 FROM marks WHERE key = ? AND exp_ms > ?", (key, now)).fetchone() is not None
    )

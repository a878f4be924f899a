"""Counters over a fixed window, which starts at the first count and never slides."""

import sqlite3

__all__ = ["count_up", "standing"]


def count_up(cursor: sqlite3.Cursor, now: int, key: str, window: int) -> tuple[int, int]:
    """Count one, starting a window when none runs; return the count and what is left of the window."""
    count, expires = cursor.execute(
        """INSERT INTO counters (key, n, exp_ms) VALUES (?, 1, ?)
           ON CONFLICT (key) DO UPDATE SET
             n = iif(exp_ms > ?, n + 1, 1), exp_ms = iif(exp_ms > ?, exp_ms, excluded.exp_ms)
           RETURNING n, exp_ms""",
        (key, now + window, now, now),
    ).fetchone()
    return count, expires - now


def standing(cursor: sqlite3.Cursor, now: int, key: str) -> tuple[int, int]:
    """Return the count and what is left of its window, both zero when none runs."""
    row = cursor.execute("SELECT n, exp_ms FROM counters WHERE key = ? AND exp_ms > ?", (key, now)).fetchone()
    return (0, 0) if row is None else (row[0], row[1] - now)

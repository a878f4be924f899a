"""Counters over a fixed window, which starts at the first count."""

import sqlite3

__all__ = ["current_count", "increment"]


def increment(cursor: sqlite3.Cursor, now: int, key: str, window: int) -> tuple[int, int]:
    """
    Add one, starting a window when none is open; return the count and what is left of the window.

    A window that was opened while the clock ran ahead ends at the latest one window from now.
    """
    count, expires = cursor.execute(
        """INSERT INTO counters (key, n, exp_ms) VALUES (?, 1, ?)
           ON CONFLICT (key) DO UPDATE SET
             n = iif(exp_ms > ?, n + 1, 1),
             exp_ms = iif(exp_ms > ?, min(exp_ms, excluded.exp_ms), excluded.exp_ms)
           RETURNING n, exp_ms""",
        (key, now + window, now, now),
    ).fetchone()
    return count, expires - now


def current_count(cursor: sqlite3.Cursor, now: int, key: str) -> tuple[int, int]:
    """Return the count and what is left of its window, both zero when none is open."""
    row = cursor.execute("SELECT n, exp_ms FROM counters WHERE key = ? AND exp_ms > ?", (key, now)).fetchone()
    return (0, 0) if row is None else (row[0], row[1] - now)

"""
Token epochs: raising an account's epoch revokes every access token issued before.

Rule 1: an epoch only rises, and none is below the lowest one, which `clock_steps` raises.
Rule 2: it outlives every token that carries it, so issuing a token extends its lifetime as raising it does.
If it expired first, the next raise would start again at one, below the epoch of such a token.
"""

import sqlite3
from typing import Final

from bymax_auth.errors import StoreCorrupt
from bymax_auth.ports.revocation import EPOCH_RETENTION
from bymax_auth.stores.durations import milliseconds

__all__ = ["checked_epoch", "current_epoch", "epoch_for_token", "raise_epoch"]

_RETENTION_MS: Final = milliseconds(EPOCH_RETENTION)


def epoch_for_token(cursor: sqlite3.Cursor, now: int, subject: str) -> int:
    """Return the epoch for a token issued now, zero when there is none, and extend its lifetime."""
    cursor.execute(
        "UPDATE epochs SET exp_ms = ? WHERE subject = ? AND exp_ms > ?", (now + _RETENTION_MS, subject, now)
    )
    return current_epoch(cursor, now, subject)


def raise_epoch(cursor: sqlite3.Cursor, now: int, subject: str) -> int:
    """Raise the epoch and return it.  One that has expired and is not yet removed is raised as well."""
    (value,) = cursor.execute(
        """INSERT INTO epochs (subject, value, exp_ms) SELECT ?, lowest_epoch + 1, ? FROM clock WHERE true
           ON CONFLICT (subject) DO UPDATE SET
             value = max(value + 1, excluded.value), exp_ms = excluded.exp_ms
           RETURNING value""",
        (subject, now + _RETENTION_MS),
    ).fetchone()
    epoch = checked_epoch(value)
    cursor.execute("UPDATE clock SET highest_epoch = ? WHERE highest_epoch < ?", (epoch, epoch))
    return epoch


def current_epoch(cursor: sqlite3.Cursor, now: int, subject: str) -> int:
    """Return the epoch, zero when there is none and the clock was never put back."""
    (value,) = cursor.execute(
        """SELECT max(lowest_epoch, coalesce(value, 0)) FROM clock
           LEFT JOIN epochs ON subject = ? AND exp_ms > ?""",
        (subject, now),
    ).fetchone()
    return checked_epoch(value)


def checked_epoch(value: object) -> int:
    """
    Return a stored epoch.

    Raises:
        StoreCorrupt: It is not a number; an epoch read as zero would make revoked tokens valid again.
    """
    if type(value) is not int:
        raise StoreCorrupt("A stored epoch is not a number.")
    return value

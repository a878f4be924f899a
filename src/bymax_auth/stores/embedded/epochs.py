"""
Token epochs: the number that takes back every access token issued before it rose.

Rule 1: an epoch only rises.  Rule 2: it outlives every token that carries it, so issuing a token
extends it as raising it does; were it to lapse first, the next rise would start again at one,
below what such a token carries.
"""

import sqlite3
from typing import Final

from bymax_auth.errors import StoreCorrupt
from bymax_auth.ports.revocation import EPOCH_RETENTION
from bymax_auth.stores.durations import milliseconds

__all__ = ["checked_epoch", "epoch_to_stamp", "raise_epoch"]

_RETENTION_MS: Final = milliseconds(EPOCH_RETENTION)


def epoch_to_stamp(cursor: sqlite3.Cursor, now: int, subject: str) -> int:
    """Return the epoch for a token issued now, zero when there is none, and keep it as long."""
    row = cursor.execute(
        "UPDATE epochs SET exp_ms = ? WHERE subject = ? AND exp_ms > ? RETURNING value",
        (now + _RETENTION_MS, subject, now),
    ).fetchone()
    return 0 if row is None else checked_epoch(row[0])


def raise_epoch(cursor: sqlite3.Cursor, now: int, subject: str) -> int:
    """Raise the epoch and return it.  One that has lapsed and is not yet removed rises as well."""
    (value,) = cursor.execute(
        """INSERT INTO epochs (subject, value, exp_ms) VALUES (?, 1, ?)
           ON CONFLICT (subject) DO UPDATE SET value = value + 1, exp_ms = excluded.exp_ms
           RETURNING value""",
        (subject, now + _RETENTION_MS),
    ).fetchone()
    return checked_epoch(value)


def checked_epoch(value: object) -> int:
    """
    Return a stored epoch, zero for none.

    Raises:
        StoreCorrupt: It is not a number; taking it for zero would bring revoked tokens back.
    """
    if value is None:
        return 0
    if type(value) is not int:
        raise StoreCorrupt("A stored epoch is not a number.")
    return value

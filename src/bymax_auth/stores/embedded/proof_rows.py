"""Payloads by kind and token hash that expire, in the table `proofs`."""

import sqlite3

from bymax_auth.stores.embedded.clock_steps import TOLERANCE_MS

__all__ = ["read_proof", "set_proof", "take_proof"]


def set_proof(
    cursor: sqlite3.Cursor, now: int, prefix: str, token_hash: str, text: str, lifetime: int
) -> None:
    """Set a payload, or replace it with its expiry."""
    cursor.execute(
        """INSERT INTO proofs (kind, hash, payload, exp_ms) VALUES (?, ?, ?, ?)
           ON CONFLICT (kind, hash) DO UPDATE SET payload = excluded.payload, exp_ms = excluded.exp_ms""",
        (prefix, token_hash, text, now + lifetime),
    )


def read_proof(cursor: sqlite3.Cursor, now: int, prefix: str, token_hash: str) -> str | None:
    """Return a payload; there is none if the clock was put back."""
    row = cursor.execute(
        """SELECT payload FROM proofs, clock
           WHERE kind = ? AND hash = ? AND exp_ms > ? AND latest_ms - ? <= ?""",
        (prefix, token_hash, now, now, TOLERANCE_MS),
    ).fetchone()
    return None if row is None else row[0]


def take_proof(cursor: sqlite3.Cursor, now: int, prefix: str, token_hash: str) -> str | None:
    """Delete a row and return its payload, ``None`` when it has expired."""
    row = cursor.execute(
        "DELETE FROM proofs WHERE kind = ? AND hash = ? RETURNING payload, exp_ms", (prefix, token_hash)
    ).fetchone()
    return row[0] if row is not None and row[1] > now else None

"""
Removal of expired rows.  No query returns one; removal only frees their space.

A revocation that has expired is kept for as long as a clock may go back unnoticed.
"""

import sqlite3
from typing import Final

from bymax_auth.stores.embedded.clock_steps import TOLERANCE_MS

__all__ = ["NO_LIMIT", "purge"]

NO_LIMIT: Final = -1
"""As the limit of `purge`."""

_COUNTED: Final = (
    """DELETE FROM sessions WHERE (realm, hash) IN
       (SELECT realm, hash FROM sessions WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM grace WHERE (realm, hash) IN
       (SELECT realm, hash FROM grace WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM consumed WHERE (realm, hash) IN
       (SELECT realm, hash FROM consumed WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM families WHERE (realm, id) IN
       (SELECT realm, id FROM families WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM otps WHERE key IN
       (SELECT key FROM otps WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM proofs WHERE (kind, hash) IN
       (SELECT kind, hash FROM proofs WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
)
_REVOCATIONS: Final = (
    """DELETE FROM epochs WHERE subject IN
       (SELECT subject FROM epochs WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM blacklist WHERE jti IN
       (SELECT jti FROM blacklist WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
)
_DISPLACEABLE: Final = (
    """DELETE FROM marks WHERE key IN
       (SELECT key FROM marks WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM counters WHERE key IN
       (SELECT key FROM counters WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
)
"""Removed last: they make no room for sign-ins, which a full store would refuse meanwhile."""


def purge(cursor: sqlite3.Cursor, now: int, limit: int) -> int:
    """Remove at most `limit` expired rows, and return how many."""
    removed = 0
    for statements, expired in (
        (_COUNTED, now),
        (_REVOCATIONS, now - TOLERANCE_MS),
        (_DISPLACEABLE, now),
    ):
        for statement in statements:
            left = limit if limit == NO_LIMIT else limit - removed
            removed += cursor.execute(statement, (expired, left)).rowcount
    return removed

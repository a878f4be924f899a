"""
Removal of expired rows.  No query returns one; removal only frees their space.

A revocation that has expired is kept for as long as a clock may go back unnoticed.
"""

import sqlite3
from typing import Final

from bymax_auth.stores.embedded.clock_steps import TOLERANCE_MS

__all__ = ["NO_LIMIT", "purge", "purge_counted"]

NO_LIMIT: Final = -1
"""As the limit of a removal."""

# `max_entries` does not bound these, so a full store that is asked for room removes only the others.
_DISPLACEABLE: Final = (
    """DELETE FROM counters WHERE key IN
       (SELECT key FROM counters WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM marks WHERE key IN
       (SELECT key FROM marks WHERE key >= 'resend:' AND key < 'resend;' AND exp_ms <= ?
        ORDER BY exp_ms LIMIT ?)""",
)
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
    """DELETE FROM marks WHERE key IN
       (SELECT key FROM marks WHERE exp_ms <= ? AND (key < 'resend:' OR key >= 'resend;')
        ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM proofs WHERE (kind, hash) IN
       (SELECT kind, hash FROM proofs WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
)
_REVOCATIONS: Final = (
    """DELETE FROM epochs WHERE subject IN
       (SELECT subject FROM epochs WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
    """DELETE FROM blacklist WHERE jti IN
       (SELECT jti FROM blacklist WHERE exp_ms <= ? ORDER BY exp_ms LIMIT ?)""",
)


def purge(cursor: sqlite3.Cursor, now: int, limit: int) -> int:
    """
    Remove at most `limit` expired rows, and return how many.

    Those that displace each other come first: while they are there, live ones are displaced.
    """
    removed = _remove(cursor, _DISPLACEABLE, now, limit)
    return removed + purge_counted(cursor, now, _left(limit, removed))


def purge_counted(cursor: sqlite3.Cursor, now: int, limit: int) -> int:
    """Remove at most `limit` expired rows of those that `max_entries` bounds, and return how many."""
    removed = _remove(cursor, _COUNTED, now, limit)
    return removed + _remove(cursor, _REVOCATIONS, now - TOLERANCE_MS, _left(limit, removed))


def _remove(cursor: sqlite3.Cursor, statements: tuple[str, ...], expired: int, limit: int) -> int:
    removed = 0
    for statement in statements:
        removed += cursor.execute(statement, (expired, _left(limit, removed))).rowcount
    return removed


def _left(limit: int, removed: int) -> int:
    return limit if limit == NO_LIMIT else limit - removed

"""
Rows that anybody can add, without an account: each kind has a bound of its own and displaces only itself.

    rl:       requests of one client        displaces the oldest
    lf:       failed attempts               displaces the one with the fewest failures, the oldest of those
    resend:   mail sent to an address       displaces the one that expires first

Without bounds of their own they would fill the store, and refuse sign-ins to everybody.  A row is removed
only to make room for a new one, so what is counted already goes on being counted.  A locked address is not
forgotten while another is unlocked: to lock all others takes several derivations for each.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

__all__ = ["FAILURES", "REQUESTS", "RESENDS", "Displaceable", "make_room"]


@dataclass(frozen=True, slots=True)
class Displaceable:
    """One kind of such rows; `prefix` begins their keys."""

    prefix: str
    exists: str
    remove: str


REQUESTS: Final = Displaceable(
    "rl:",
    "SELECT 1 FROM counters WHERE key = ?",
    """DELETE FROM counters WHERE id IN
       (SELECT id FROM counters WHERE key >= 'rl:' AND key < 'rl;' ORDER BY id LIMIT ?)""",
)
FAILURES: Final = Displaceable(
    "lf:",
    "SELECT 1 FROM counters WHERE key = ?",
    """DELETE FROM counters WHERE id IN
       (SELECT id FROM counters WHERE key >= 'lf:' AND key < 'lf;' ORDER BY n, id LIMIT ?)""",
)
RESENDS: Final = Displaceable(
    "resend:",
    "SELECT 1 FROM marks WHERE key = ?",
    """DELETE FROM marks WHERE key IN
       (SELECT key FROM marks WHERE key >= 'resend:' AND key < 'resend;' ORDER BY exp_ms LIMIT ?)""",
)


def make_room(cursor: sqlite3.Cursor, kind: Displaceable, key: str, bound: int) -> bool:
    """Remove rows of the kind unless there is room for one with this key; say whether any was removed."""
    (held,) = cursor.execute("SELECT n FROM displaceable WHERE prefix = ?", (kind.prefix,)).fetchone()
    if held < bound or cursor.execute(kind.exists, (key,)).fetchone() is not None:
        return False
    cursor.execute(kind.remove, (held - bound + 1,))
    return True

"""
What ends when the clock is put back after it ran ahead.

While it ran ahead, revocations were removed as expired, and what was written got an expiry too far in the
future.  So once the clock is found more than a tolerance behind the latest time at which rows were removed:

    access tokens                    all are revoked: the lowest epoch rises above every epoch so far
    grace windows                    are used up
    one-time codes, proofs           are deleted
    recent authentications, cached statuses, resend cooldowns
                                     are deleted
    enrolments, temporary tokens and locks of the second factor
                                     are deleted
    used codes of the second factor  stay refused, as revoked token ids do
    attempts in flight               count for their usual time at most
    sessions                         stay: those that began ahead of time live longer by the step
    lockouts                         stay: those that began ahead of time last longer by the step

Whoever is signed in refreshes once; whoever held a code or a link asks for another.
"""

import sqlite3
from typing import Final

from bymax_auth.stores.attempt_limits import IN_FLIGHT_MS

__all__ = ["TOLERANCE_MS", "notice_step", "was_put_back"]

TOLERANCE_MS: Final = 60_000
"""
How far the clock may go back unnoticed, as it does when it is adjusted.

Revocations are removed so much later than they expire.
"""


def was_put_back(now: int, latest: int) -> bool:
    """Say whether the clock is behind the latest time at which rows were removed."""
    return latest - now > TOLERANCE_MS


def notice_step(cursor: sqlite3.Cursor, now: int) -> None:
    """End what must not live longer if the clock was put back, and keep the time of the removal."""
    (latest,) = cursor.execute("SELECT latest_ms FROM clock").fetchone()
    if was_put_back(now, latest):
        cursor.execute("UPDATE clock SET lowest_epoch = highest_epoch + 1, highest_epoch = highest_epoch + 1")
        cursor.execute("UPDATE grace SET spent = 1, successor = '', record = '' WHERE spent = 0")
        cursor.execute("DELETE FROM otps")
        cursor.execute("DELETE FROM proofs")
        cursor.execute("DELETE FROM marks")
        cursor.execute(
            "UPDATE counters SET exp_ms = min(exp_ms, ?) WHERE key >= 'lfi:' AND key < 'lfi;'",
            (now + IN_FLIGHT_MS,),
        )
    elif now <= latest:
        return
    cursor.execute("UPDATE clock SET latest_ms = ?", (now,))

"""Attempts to guess a secret: failed, and in flight."""

import sqlite3
from datetime import timedelta

from bymax_auth.ports.attempts import AttemptOutcome, Busy, CounterId, FailureCount, Go, Locked
from bymax_auth.stores.attempt_limits import IN_FLIGHT_MS
from bymax_auth.stores.durations import duration, milliseconds
from bymax_auth.stores.embedded.database import Database
from bymax_auth.stores.embedded.displacement import FAILURES
from bymax_auth.stores.embedded.fixed_window import current_count, increment

__all__ = ["EmbeddedAttemptStore", "failure_key"]


def failure_key(counter: str) -> str:
    """Return the key under which the failures of a counter are kept."""
    return FAILURES.prefix + counter


class EmbeddedAttemptStore:
    """Implements `AttemptStore`."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, counter: CounterId, limit: int) -> AttemptOutcome:
        return await self._database.change(_begin, counter.hash, limit)

    async def fail(self, counter: CounterId, window: timedelta) -> FailureCount:
        return await self._database.displace(
            FAILURES, failure_key(counter.hash), _fail, counter.hash, milliseconds(window)
        )

    async def ok(self, counter: CounterId) -> None:
        await self._database.change(_ok, counter.hash)

    async def abandon(self, counter: CounterId) -> None:
        await self._database.change(_end_in_flight, counter.hash)

    async def clear(self, counter: CounterId) -> None:
        await self._database.change(_clear, counter.hash)

    async def failures(self, counter: CounterId) -> FailureCount:
        count, remaining = await self._database.read(current_count, failure_key(counter.hash))
        return FailureCount(count, duration(remaining))


def _begin(cursor: sqlite3.Cursor, now: int, counter: str, limit: int) -> AttemptOutcome:
    failures, remaining = current_count(cursor, now, failure_key(counter))
    if failures >= limit:
        return Locked(duration(remaining))
    in_flight, _ = current_count(cursor, now, _in_flight_key(counter))
    if failures + in_flight >= limit:
        return Busy()
    cursor.execute(
        """INSERT INTO counters (key, n, exp_ms) VALUES (?, ?, ?)
           ON CONFLICT (key) DO UPDATE SET n = excluded.n, exp_ms = excluded.exp_ms""",
        (_in_flight_key(counter), in_flight + 1, now + IN_FLIGHT_MS),
    )
    return Go()


def _fail(cursor: sqlite3.Cursor, now: int, counter: str, window: int) -> FailureCount:
    _end_in_flight(cursor, now, counter)
    count, remaining = increment(cursor, now, failure_key(counter), window)
    return FailureCount(count, duration(remaining))


def _ok(cursor: sqlite3.Cursor, now: int, counter: str) -> None:
    _end_in_flight(cursor, now, counter)
    cursor.execute("DELETE FROM counters WHERE key = ?", (failure_key(counter),))


def _end_in_flight(cursor: sqlite3.Cursor, _now: int, counter: str) -> None:
    """Count one attempt less in flight, never below zero: it may have expired meanwhile."""
    key = (_in_flight_key(counter),)
    cursor.execute("DELETE FROM counters WHERE key = ? AND n <= 1", key)
    cursor.execute("UPDATE counters SET n = n - 1 WHERE key = ?", key)


def _clear(cursor: sqlite3.Cursor, _now: int, counter: str) -> None:
    cursor.execute(
        "DELETE FROM counters WHERE key IN (?, ?)", (failure_key(counter), _in_flight_key(counter))
    )


def _in_flight_key(counter: str) -> str:
    return "lfi:" + counter

"""
How a connection is used.  These rules hold in memory and in a file, and are stated here alone.

1. A *transition* reads, decides and writes inside one ``BEGIN IMMEDIATE … COMMIT``; whatever it
   raises undoes it.
2. A *query* is one statement, which SQLite runs on one consistent snapshot.
3. Both read the clock once, and treat a row whose `exp_ms` is not later as absent.
4. A transition that signs somebody in, or keeps a new proof, is refused when the store is full; one that
   revokes access or exchanges a token or a proof never is.  Rows that anybody can add have bounds of their
   own, and displace only each other.
5. Expired rows are removed within transitions: some once a second, more while more are left.
"""

import contextlib
import sqlite3
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, TypeVar

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.embedded.clock_steps import notice_step
from bymax_auth.stores.embedded.displacement import Displaceable, make_room
from bymax_auth.stores.embedded.expiry import NO_LIMIT, purge, purge_counted
from bymax_auth.stores.embedded.expiry_clock import NowMs
from bymax_auth.stores.exceeded_bounds import Bound, ExceededBounds

__all__ = ["STATEMENTS_KEPT", "Transactions", "Transition", "count_entries"]

STATEMENTS_KEPT: Final = 256
"""More than the number of statements, so each is compiled once per connection."""

_MAX_ENTRIES: Final = "EmbeddedStores(max_entries=...)"
_DISPLACEABLE_SHARE: Final = 4
"""Of `max_entries`, what one kind of rows that anybody can add may have, beside all others."""
_PURGED_AT_ONCE: Final = 200
_PURGE_INTERVAL_MS: Final = 1_000

ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")

Transition = Callable[Concatenate[sqlite3.Cursor, int, ParametersT], ResultT]
"""Reads or changes rows through a cursor, at a time in milliseconds."""


class Transactions:
    """One connection.  One thread at a time may use it."""

    __slots__ = ("_bounds", "_connection", "_cursor", "_max_entries", "_now", "_purged_at")

    def __init__(self, connection: sqlite3.Connection, now: NowMs, max_entries: int) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._now = now
        self._max_entries = max_entries
        self._purged_at = 0
        self._bounds = ExceededBounds()

    def read(
        self,
        query: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """Run a query."""
        try:
            return query(self._cursor, self._now(), *args, **kwargs)
        except sqlite3.Error as error:
            raise StoreUnavailable("The store did not answer.") from error

    def change(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """Run a transition, however full the store is."""
        return self._transact(None, transition, *args, **kwargs)

    def grow(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """
        Run a transition that may add rows.

        Raises:
            StoreUnavailable: The store is full; nothing was changed.
        """
        return self._transact(self._max_entries, transition, *args, **kwargs)

    def displace(
        self,
        kind: Displaceable,
        key: str,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """Run a transition that may add the row `key` of a kind that displaces only itself."""
        bound = max(1, self._max_entries // _DISPLACEABLE_SHARE)

        def displacing(
            cursor: sqlite3.Cursor, now: int, /, *args: ParametersT.args, **kwargs: ParametersT.kwargs
        ) -> ResultT:
            if make_room(cursor, kind, key, bound):
                self._bounds.warn(Bound(f"max_entries, {kind.prefix} rows", f"{bound} rows", _MAX_ENTRIES))
            return transition(cursor, now, *args, **kwargs)

        return self._transact(None, displacing, *args, **kwargs)

    def purge_all(self) -> None:
        """Remove every expired row."""
        self.change(purge, NO_LIMIT)

    def close(self) -> None:
        """Close the connection; later use raises `StoreUnavailable`.  Idempotent."""
        self._connection.close()

    def _transact(
        self,
        max_entries: int | None,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        try:
            now = self._begin()
            if max_entries is not None and self._is_full(now, max_entries):
                # Rows that were removed to make room stay removed, or a full store could never recover.
                self._cursor.execute("COMMIT")
                self._bounds.warn(Bound("max_entries", f"{max_entries} rows", _MAX_ENTRIES))
                raise StoreUnavailable("The store is full.")
            result = transition(self._cursor, now, *args, **kwargs)
            self._cursor.execute("COMMIT")
        except sqlite3.Error as error:
            self._rollback()
            raise StoreUnavailable("The store did not answer.") from error
        except BaseException:
            self._rollback()
            raise
        return result

    def _begin(self) -> int:
        """Take the write lock, remove expired rows at intervals, and return the time."""
        self._cursor.execute("BEGIN IMMEDIATE")
        now = self._now()
        if not 0 <= now - self._purged_at < _PURGE_INTERVAL_MS:
            notice_step(self._cursor, now)
            if purge(self._cursor, now, _PURGED_AT_ONCE) < _PURGED_AT_ONCE:
                self._purged_at = now
        return now

    def _is_full(self, now: int, max_entries: int) -> bool:
        if count_entries(self._cursor, now) < max_entries:
            return False
        purge_counted(self._cursor, now, _PURGED_AT_ONCE)
        return count_entries(self._cursor, now) >= max_entries

    def _rollback(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # the caller gets the error that caused the rollback
            self._connection.rollback()


def count_entries(cursor: sqlite3.Cursor, _now: int) -> int:
    """Return the number of rows that `max_entries` bounds."""
    (count,) = cursor.execute("SELECT n FROM entries").fetchone()
    return int(count)

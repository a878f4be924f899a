"""The in-memory database: one private connection, used on the caller's thread."""

import logging
import os
import sqlite3
import threading
from functools import partial
from typing import Final, ParamSpec, TypeVar

from bymax_auth.stores.embedded.displacement import Displaceable
from bymax_auth.stores.embedded.expiry_clock import NowMs
from bymax_auth.stores.embedded.schema import check_library, prepare
from bymax_auth.stores.embedded.transactions import STATEMENTS_KEPT, Transactions, Transition

__all__ = ["InMemoryDatabase"]

ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")

_logger: Final = logging.getLogger("bymax_auth")


class InMemoryDatabase:
    """
    Implements `Database`.

    A transition takes tens of microseconds and awaits nothing, so it runs on the caller's thread
    under a lock: atomic across coroutines, threads and event loops of one process.
    """

    __slots__ = ("_closed", "_create", "_lock", "_pid", "_transactions", "changes")

    def __init__(self, now: NowMs, max_entries: int) -> None:
        check_library()
        self._create = partial(_empty, now, max_entries)
        self._transactions = self._create()
        self._closed = False
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self.changes = 0

    async def read(
        self,
        query: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        with self._lock:
            return self._transactions.read(query, *args, **kwargs)

    async def change(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        with self._lock:
            self.changes += 1
            return self._transactions.change(transition, *args, **kwargs)

    async def grow(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        with self._lock:
            self.changes += 1
            return self._transactions.grow(transition, *args, **kwargs)

    async def displace(
        self,
        kind: Displaceable,
        key: str,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        with self._lock:
            self.changes += 1
            return self._transactions.displace(kind, key, transition, *args, **kwargs)

    async def start(self) -> None:
        if os.getpid() != self._pid:
            _logger.warning(
                "The in-memory store was built before this process was forked: each worker has sessions of "
                "its own.  Give EmbeddedStores a path, or build it in the worker."
            )
        with self._lock:
            if self._closed:
                self._transactions, self._closed = self._create(), False
                self.changes += 1
            self._transactions.purge_all()

    async def aclose(self) -> None:
        with self._lock:
            self.changes += 1
            self._closed = True
            self._transactions.close()


def _empty(now: NowMs, max_entries: int) -> Transactions:
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS_KEPT
    )
    prepare(connection)
    return Transactions(connection, now, max_entries)

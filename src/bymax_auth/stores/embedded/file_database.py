"""
A database in a file: one thread that owns the writing connection, and a few that read.

Threads and connections are created on first use and belong to one process.  A forked process creates its
own, since neither threads nor SQLite's locks survive a fork.
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.embedded.connect import connect_reader, connect_writer, is_busy
from bymax_auth.stores.embedded.displacement import Displaceable
from bymax_auth.stores.embedded.expiry_clock import NowMs
from bymax_auth.stores.embedded.transactions import Transactions, Transition
from bymax_auth.stores.exceeded_bounds import Bound, ExceededBounds

__all__ = ["FileDatabase"]

ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")

_READERS: Final = 4


class FileDatabase:
    """
    Implements `Database`.

    When a caller is cancelled, its transition has either not begun or runs to its end.
    """

    def __init__(self, path: Path, now: NowMs, max_entries: int, busy_timeout: timedelta) -> None:
        self._create = partial(_Connections, path, now, max_entries, busy_timeout)
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._inherited: list[_Connections] = []
        self._connections: _Connections | None = None
        self._closed = False
        self.changes: Final = None  # another process may change the rows

    async def read(
        self,
        query: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        connections = self._own_connections()
        if not connections.is_open:
            await connections.on_writer(connections.writing)
        return await connections.on_reader(lambda: connections.read(query, *args, **kwargs))

    async def change(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        connections = self._own_connections()
        return await connections.on_writer(lambda: connections.writing().change(transition, *args, **kwargs))

    async def grow(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        connections = self._own_connections()
        return await connections.on_writer(lambda: connections.writing().grow(transition, *args, **kwargs))

    async def displace(
        self,
        kind: Displaceable,
        key: str,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        connections = self._own_connections()
        return await connections.on_writer(
            lambda: connections.writing().displace(kind, key, transition, *args, **kwargs)
        )

    async def start(self) -> None:
        with self._lock:
            self._closed = False
        connections = self._own_connections()
        await connections.on_writer(connections.purge_all)

    async def aclose(self) -> None:
        with self._lock:
            connections, self._connections, self._closed = self._connections, None, True
        if connections is not None and connections.pid == os.getpid():
            await connections.aclose()

    def _own_connections(self) -> "_Connections":
        """Return this process's connections."""
        if self._pid != os.getpid():
            # A thread of the parent may have held the lock at the fork, and will not free it here.
            self._lock, self._pid = threading.Lock(), os.getpid()
        with self._lock:
            if self._closed:
                raise StoreUnavailable("The store is closed.")
            held = self._connections
            if held is None or held.pid != os.getpid():
                if held is not None:
                    # Kept referenced: closing the parent's connection here would change the parent's file.
                    self._inherited.append(held)
                held = self._connections = self._create()
            return held


class _Connections:
    """The threads and connections of one process."""

    def __init__(self, path: Path, now: NowMs, max_entries: int, busy_timeout: timedelta) -> None:
        self.pid = os.getpid()
        self._path, self._now, self._max_entries, self._busy_timeout = path, now, max_entries, busy_timeout
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="bymax-auth-store-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="bymax-auth-store-reader")
        self._bounds = ExceededBounds()
        self._writing: Transactions | None = None
        self._idle: list[Transactions] = []

    @property
    def is_open(self) -> bool:
        """Whether the file has been opened, so that it has the tables."""
        return self._writing is not None

    async def on_writer(self, work: Callable[[], ResultT]) -> ResultT:
        """Run `work` on the writer thread."""
        return await self._on(self._writer, work)

    async def on_reader(self, work: Callable[[], ResultT]) -> ResultT:
        """Run `work` on one of the reader threads."""
        return await self._on(self._readers, work)

    async def aclose(self) -> None:
        """Wait for running work, close every connection, end the threads."""
        await self.on_writer(self._close)
        self._writer.shutdown(wait=True)

    def writing(self) -> Transactions:
        """Return the writing connection, opened.  Called on the writer thread alone."""
        if self._writing is None:
            connection = connect_writer(self._path, self._busy_timeout)
            self._writing = Transactions(connection, self._now, self._max_entries)
        return self._writing

    def purge_all(self) -> None:
        """Remove every expired row, which also reads enough of the file to detect damage."""
        writing = self.writing()
        try:
            writing.purge_all()
        except StoreUnavailable as error:
            raise StoreUnavailable(
                f"The store file {self._path} cannot be used: {error.__cause__}."
            ) from error

    def read(
        self,
        query: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        """Run a query on a connection that no other thread uses."""
        try:
            reading = self._idle.pop()
        except IndexError:
            reading = Transactions(
                connect_reader(self._path, self._busy_timeout), self._now, self._max_entries
            )
        try:
            return reading.read(query, *args, **kwargs)
        finally:
            self._idle.append(reading)

    async def _on(self, executor: ThreadPoolExecutor, work: Callable[[], ResultT]) -> ResultT:
        try:
            running = asyncio.get_running_loop().run_in_executor(executor, work)
        except RuntimeError as error:
            raise StoreUnavailable("The store is closed.") from error
        try:
            return await running
        except StoreUnavailable as error:
            if _caused_by_lock(error):
                self._bounds.warn(self._busy_bound())
            raise

    def _busy_bound(self) -> Bound:
        value = f"{milliseconds(self._busy_timeout)} ms"
        option = "EmbeddedStores(busy_timeout_ms=...) or BYMAX_AUTH_STORE_BUSY_TIMEOUT_MS"
        return Bound("busy_timeout_ms", value, option)

    def _close(self) -> None:
        self._readers.shutdown(wait=True)
        for reading in self._idle:
            reading.close()
        if self._writing is not None:
            self._writing.close()


def _caused_by_lock(error: BaseException | None) -> bool:
    """Say whether the cause of an error is a lock that another connection held for too long."""
    while error is not None and not isinstance(error, sqlite3.Error):
        error = error.__cause__
    return error is not None and is_busy(error)

"""
The file form: one thread that owns the writing connection, and a few that read.

Threads and connections are made on first use and belong to one process.  A process that was
forked makes its own, since neither threads nor SQLite's locks survive a fork.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.embedded.connect import open_reader, open_writer
from bymax_auth.stores.embedded.expiry_clock import Now
from bymax_auth.stores.embedded.transactions import Transactions, Transition

__all__ = ["FileDatabase"]

ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")

_READERS: Final = 4
_PATIENCE: Final = timedelta(seconds=5)


class FileDatabase:
    """
    Implements `Database`.

    A caller that is cancelled leaves its transition either never begun or wholly done.
    """

    def __init__(self, path: Path, now: Now, max_entries: int, patience: timedelta = _PATIENCE) -> None:
        self._make = partial(_Connections, path, now, max_entries, patience)
        self._lock = threading.Lock()
        self._inherited: list[_Connections] = []
        self._connections: _Connections | None = None
        self._closed = False

    async def read(
        self,
        query: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        connections = self._mine()
        if not connections.is_open:
            await connections.on_writer(connections.writing)
        return await connections.on_reader(lambda: connections.read(query, *args, **kwargs))

    async def change(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        connections = self._mine()
        return await connections.on_writer(lambda: connections.writing().change(transition, *args, **kwargs))

    async def grow(
        self,
        transition: Transition[ParametersT, ResultT],
        *args: ParametersT.args,
        **kwargs: ParametersT.kwargs,
    ) -> ResultT:
        connections = self._mine()
        return await connections.on_writer(lambda: connections.writing().grow(transition, *args, **kwargs))

    async def start(self) -> None:
        connections = self._mine()
        await connections.on_writer(connections.sweep)

    async def aclose(self) -> None:
        with self._lock:
            connections, self._connections, self._closed = self._connections, None, True
        if connections is not None and connections.pid == os.getpid():
            await connections.aclose()

    def _mine(self) -> "_Connections":
        """Return this process's connections."""
        with self._lock:
            if self._closed:
                raise StoreUnavailable("The store is closed.")
            held = self._connections
            if held is None or held.pid != os.getpid():
                if held is not None:
                    # Kept, because closing the parent's connection here would touch the parent's file.
                    self._inherited.append(held)
                held = self._connections = self._make()
            return held


class _Connections:
    """The threads and connections of one process."""

    def __init__(self, path: Path, now: Now, max_entries: int, patience: timedelta) -> None:
        self.pid = os.getpid()
        self._path, self._now, self._max_entries, self._patience = path, now, max_entries, patience
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="bymax-auth-store-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="bymax-auth-store-reader")
        self._writing: Transactions | None = None
        self._idle: list[Transactions] = []

    @property
    def is_open(self) -> bool:
        """Whether the file has been opened, so that it has the tables."""
        return self._writing is not None

    async def on_writer(self, work: Callable[[], ResultT]) -> ResultT:
        """Run `work` on the thread that writes."""
        return await self._on(self._writer, work)

    async def on_reader(self, work: Callable[[], ResultT]) -> ResultT:
        """Run `work` on one of the threads that read."""
        return await self._on(self._readers, work)

    async def aclose(self) -> None:
        """Let running work end, close every connection, end the threads."""
        await self.on_writer(self._close)
        self._writer.shutdown(wait=True)

    def writing(self) -> Transactions:
        """Return the writing connection, opened.  Called on its thread alone."""
        if self._writing is None:
            connection = open_writer(self._path, self._patience)
            self._writing = Transactions(connection, self._now, self._max_entries)
        return self._writing

    def sweep(self) -> None:
        """Remove every expired row, which reads enough of the file to notice damage."""
        writing = self.writing()
        try:
            writing.sweep()
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
        """Run a query on a connection that nobody else is using."""
        try:
            reading = self._idle.pop()
        except IndexError:
            reading = Transactions(open_reader(self._path, self._patience), self._now, self._max_entries)
        try:
            return reading.read(query, *args, **kwargs)
        finally:
            self._idle.append(reading)

    @staticmethod
    async def _on(executor: ThreadPoolExecutor, work: Callable[[], ResultT]) -> ResultT:
        try:
            running = asyncio.get_running_loop().run_in_executor(executor, work)
        except RuntimeError as error:
            raise StoreUnavailable("The store is closed.") from error
        return await running

    def _close(self) -> None:
        self._readers.shutdown(wait=True)
        for reading in self._idle:
            reading.close()
        if self._writing is not None:
            self._writing.close()

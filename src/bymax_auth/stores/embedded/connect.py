"""
Connections to a store file.

A file that cannot be used raises `StoreUnavailable` with a text for the operator.  It names the file and
the reason, and nothing that the file holds.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.embedded.network import network_file_system
from bymax_auth.stores.embedded.schema import check_library, check_ownership, prepare
from bymax_auth.stores.embedded.transactions import STATEMENTS_KEPT
from bymax_auth.stores.private_files import create_private

__all__ = ["connect_reader", "connect_writer", "is_busy"]

_RETRY_SECONDS: Final = 0.01
_PRIMARY_CODE: Final = 0xFF
"""The bits of an SQLite error code that hold the primary code."""


def connect_writer(path: Path, busy_timeout: timedelta) -> sqlite3.Connection:
    """
    Return a connection that may write, to a file that has the tables.

    Args:
        path: The file; it is created when it is missing.
        busy_timeout: How long to wait for another connection that holds the file's lock.

    Raises:
        StoreUnavailable: The file cannot be used.
    """
    check_library()
    _create_file(path)
    return _open(path, busy_timeout, _configure_writer)


def connect_reader(path: Path, busy_timeout: timedelta) -> sqlite3.Connection:
    """
    Return a connection that only reads, to a file that `connect_writer` has opened.

    Raises:
        StoreUnavailable: The file cannot be used.
    """
    return _open(path, busy_timeout, _configure_reader)


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether an operation failed because another connection held the lock of the file."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE == sqlite3.SQLITE_BUSY


def _create_file(path: Path) -> None:
    """Create the file, for its owner alone, unless it exists; refuse a path that cannot hold a store."""
    network = network_file_system(path)
    if network is not None:
        raise StoreUnavailable(
            f"The store file {path} is on a network file system ({network}), where its locks do not hold; "
            "put it on a local disk."
        )
    if path.is_dir():
        raise StoreUnavailable(f"The store file {path} cannot be opened: it is a folder.")
    try:
        create_private(path)
    except OSError as error:
        raise StoreUnavailable(f"The store file {path} cannot be opened: {error.strerror}.") from error


def _open(
    path: Path, busy_timeout: timedelta, configure: Callable[[sqlite3.Connection, timedelta], None]
) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"{Path(os.path.realpath(path)).as_uri()}?mode=rw",
            uri=True,
            timeout=busy_timeout.total_seconds(),
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS_KEPT,
        )
        try:
            configure(connection, busy_timeout)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, StoreUnavailable) as error:
        reason = str(error).rstrip(".")
        raise StoreUnavailable(f"The store file {path} cannot be used: {reason}.") from error
    return connection


def _configure_writer(connection: sqlite3.Connection, busy_timeout: timedelta) -> None:
    check_ownership(connection)  # before the journal mode, which is written to the file
    _use_write_ahead_log(connection, busy_timeout)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    prepare(connection)


def _configure_reader(connection: sqlite3.Connection, _busy_timeout: timedelta) -> None:
    connection.execute("PRAGMA query_only = ON")


def _use_write_ahead_log(connection: sqlite3.Connection, busy_timeout: timedelta) -> None:
    """Switch the journal mode, retrying here: SQLite does not wait when another process switches too."""
    deadline = time.monotonic() + busy_timeout.total_seconds()
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
            continue
        if mode != "wal":
            raise StoreUnavailable("its file system does not support a write-ahead log")
        return

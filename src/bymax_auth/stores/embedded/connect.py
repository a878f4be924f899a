"""
How a store file is opened, and why it may be refused.

Every refusal is a `StoreUnavailable` whose text an operator can act on.  It names the file and
the reason, and nothing that the file holds.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.embedded.network import network_file_system
from bymax_auth.stores.embedded.schema import check_library, prepare, recognise
from bymax_auth.stores.embedded.transactions import STATEMENTS_KEPT

__all__ = ["open_reader", "open_writer"]

_OWNER_ONLY: Final = 0o600
_creating: Final = threading.Lock()
"""Held while a new file is open here, so that no store of this process has locks on it yet."""
_RETRY_SECONDS: Final = 0.01
_PRIMARY_CODE: Final = 0xFF
"""The part of an SQLite error code that is not the detail."""


def open_writer(path: Path, patience: timedelta) -> sqlite3.Connection:
    """
    Return a connection that may write, to a file that has the tables.

    Args:
        path: The file; it is created when it is missing.
        patience: How long to wait for another process that holds the file.

    Raises:
        StoreUnavailable: The file cannot be used.
    """
    check_library()
    _check_place(path)
    return _open(path, patience, _make_writer)


def open_reader(path: Path, patience: timedelta) -> sqlite3.Connection:
    """
    Return a connection that only reads, to a file that `open_writer` has opened.

    Raises:
        StoreUnavailable: The file cannot be used.
    """
    return _open(path, patience, _make_reader)


def _check_place(path: Path) -> None:
    """Refuse a place where a store cannot live, and create the file for its owner alone."""
    network = network_file_system(path)
    if network is not None:
        raise StoreUnavailable(
            f"The store file {path} is on a network file system ({network}), where its locks do not hold; "
            "put it on a local disk."
        )
    if path.is_dir():
        raise StoreUnavailable(f"The store file {path} cannot be opened: it is a folder.")
    try:
        with _creating:
            # SQLite gives its own two files beside this one the same mode.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
    except FileExistsError:
        # Opening it here would be harmful: closing a file takes along every lock that this process,
        # and so another store in it, holds on the same file.
        pass
    except OSError as error:
        raise StoreUnavailable(f"The store file {path} cannot be opened: {error.strerror}.") from error


def _open(
    path: Path, patience: timedelta, make: Callable[[sqlite3.Connection, timedelta], None]
) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw",
            uri=True,
            timeout=patience.total_seconds(),
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS_KEPT,
        )
        try:
            make(connection, patience)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, StoreUnavailable) as error:
        reason = str(error).rstrip(".")
        raise StoreUnavailable(f"The store file {path} cannot be used: {reason}.") from error
    return connection


def _make_writer(connection: sqlite3.Connection, patience: timedelta) -> None:
    recognise(connection)  # before the journal changes, which is written to the file
    _use_write_ahead_log(connection, patience)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    prepare(connection)


def _make_reader(connection: sqlite3.Connection, _patience: timedelta) -> None:
    connection.execute("PRAGMA query_only = ON")


def _use_write_ahead_log(connection: sqlite3.Connection, patience: timedelta) -> None:
    """Switch the journal, which SQLite does not wait for when another process does the same."""
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
            continue
        if mode != "wal":
            raise StoreUnavailable("this place does not support a write-ahead log")
        return

"""
Database files that only their owner may read: sessions and password hashes are in them.

Group permissions are the operator's choice, since orchestrators grant a pod its volume by the group;
every user of the machine is never meant.
"""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["create_private", "exposed_files"]

_OWNER_ONLY: Final = 0o600
_EVERYBODY: Final = stat.S_IROTH | stat.S_IWOTH
_COMPANIONS: Final = ("", "-wal", "-shm", "-journal")
"""Source: SQLite, Temporary Files Used By SQLite: they get the mode of the database file."""

_creating: Final = threading.Lock()
"""Held while a new file is created, when no connection of this process has locks on it yet."""


def create_private(path: Path) -> None:
    """
    Create a file with mode 0600, unless it exists.

    An existing file is not opened: closing it would release every lock that this process, and so another
    connection in it, holds on the same file.

    Raises:
        OSError: The file cannot be created.
    """
    try:
        with _creating:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
    except FileExistsError:
        pass


def exposed_files(path: Path) -> tuple[str, ...]:
    """Return the database file and its companions that every user of the machine may read or change."""
    return tuple(_exposed(path)) if os.name == "posix" else ()


def _exposed(path: Path) -> Iterator[str]:
    for companion in _COMPANIONS:
        file = Path(f"{path}{companion}")
        # What cannot be examined is reported when it is opened.
        with suppress(OSError):
            if file.stat().st_mode & _EVERYBODY:
                yield str(file)

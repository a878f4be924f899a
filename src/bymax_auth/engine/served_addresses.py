"""
Whether another process serves the same address, while accounts or sessions are in one process's memory.

The workers of a server have one thing in common that nothing else has: the address they accept connections
at.  A server hands its bound socket to each worker before the worker starts, so an engine that starts looks
for such sockets in its process, and holds a lock file for each address until it closes.
"""

import hashlib
import os
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["ServedAddresses"]

_DESCRIPTORS: Final = Path("/dev/fd")
_NETWORK: Final = Path("/proc/self/ns/net")
_OWNER_ONLY: Final = 0o600
_LONGEST_PID: Final = 20


class ServedAddresses:
    """
    The addresses that this process serves, each held by a lock file that only one process can hold.

    Args:
        folder: Where the lock files are; the system's folder for temporary files by default.
    """

    __slots__ = ("_folder", "_held")

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: list[int] = []

    def hold(self) -> int | None:
        """
        Hold every address, and return the id of another process that holds one of them.

        Where this cannot be told (a system without ``/dev/fd``, a lock file of another user), nobody else is
        assumed: an answer is always true, its absence is not.
        """
        if sys.platform == "win32":
            return None
        found = [self._hold(address) for address in sorted(set(_bound_addresses()))]
        return next((pid for pid in found if pid is not None), None)

    def release(self) -> None:
        """Let other processes hold the addresses.  Idempotent."""
        while self._held:
            os.close(self._held.pop())

    def _hold(self, address: str) -> int | None:
        import fcntl

        name = hashlib.sha256(f"{_network()} {address}".encode()).hexdigest()[:32]
        folder = Path(tempfile.gettempdir()) if self._folder is None else self._folder
        path = folder / f"bymax-auth-{os.geteuid()}-{name}.lock"
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _OWNER_ONLY)
        except OSError:
            return None
        try:
            if os.fstat(lock).st_uid != os.geteuid():
                raise PermissionError
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _pid_in(lock) if isinstance(error, BlockingIOError) else None
            os.close(lock)
            # A second engine of this process, which shares the memory.
            return None if holder == os.getpid() else holder
        os.truncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._held.append(lock)
        return None


def _pid_in(lock: int) -> int | None:
    written = os.pread(lock, _LONGEST_PID, 0)
    return int(written) if written.isdigit() else None


def _network() -> int:
    """Return what tells one host's addresses from those of a container on it."""
    try:
        return _NETWORK.stat().st_ino
    except OSError:
        return 0


def _bound_addresses() -> Iterator[str]:
    """Yield the address of each socket of this process that accepts connections, or is about to."""
    try:
        descriptors = [int(path.name) for path in _DESCRIPTORS.iterdir()]
    except OSError:
        return
    for descriptor in descriptors:
        # One of them listed the folder, and is closed by now.
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                with socket.socket(fileno=os.dup(descriptor)) as opened:
                    if address := _accepting(opened):
                        yield address


def _accepting(opened: socket.socket) -> str | None:
    if opened.type != socket.SOCK_STREAM:
        return None
    with suppress(OSError):
        opened.getpeername()
        return None
    match opened.family:
        case socket.AF_INET | socket.AF_INET6:
            host, port = opened.getsockname()[:2]
            return f"{host} {port}" if port else None
        case socket.AF_UNIX:
            name = opened.getsockname()
            return f"unix {os.fsdecode(name)}" if name else None
        case _:
            return None

"""A Redis server of the benchmark's own: a free loopback port, nothing on disk, gone at the end."""

import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

__all__ = ["available", "private_redis"]

_PATIENCE: Final = 10.0


def available() -> bool:
    """Tell whether a server can be started."""
    return shutil.which("redis-server") is not None


@contextmanager
def private_redis() -> Generator[str, None, None]:
    """
    Run a server and yield its address, to which the number of a database is added.

    Raises:
        RuntimeError: It did not answer in time.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(["redis-server", *settings], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1.0) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("redis-server did not answer")

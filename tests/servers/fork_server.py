"""
Forks a process for each start of the command line, which then has nothing to import.

Run as a program of its own, and not forked from the tests: what they change in their process does not reach
what they start.  `forked.py` starts it, and `fork_client.py` asks it.

What the processes share is what an import leaves behind, and it is safe to share:

- There is one thread when a process is forked, so no lock is held that nobody will release, and no event
  loop, pool of threads, connection or open file exists yet: whatever needs one makes it when it runs.
- `random` is seeded anew in each process (`os.register_at_fork`), and so is OpenSSL; `secrets`, `uuid` and
  keys come from the operating system.
- What is cached (schemas, pages, compiled patterns) is the same in each process that computes it.
- prometheus-client decides by a variable of its environment when it is imported, so it is not imported.
"""

import gc
import marshal
import multiprocessing
import os
import runpy
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

PYTHON = "python"
"""The name of the client that stands for the interpreter, which the development server starts once more."""

HEAD = 4
"""Bytes that say how long a request is; the streams come with them."""

OF_THE_INTERPRETER = ("PYTHON", "LANG", "LC_")
"""Variables that Python reads when it starts."""


@dataclass(frozen=True)
class Start:
    """What one process is started with."""

    arguments: list[str]
    environment: dict[bytes, bytes]
    folder: str
    mask: int
    streams: list[int]

    def run(self) -> None:
        """Make this process the one that was asked for."""
        os.setsid()
        for number, stream in enumerate(self.streams):
            os.dup2(stream, number)
            os.close(stream)
        fixed = _of_the_interpreter()
        os.environb.clear()
        os.environb.update(self.environment)
        os.chdir(self.folder)
        os.umask(self.mask)
        time.tzset()
        tempfile.tempdir = None
        sys.stdin = sys.__stdin__ = _opened(0, "r", sys.stdin)
        sys.stdout = sys.__stdout__ = _opened(1, "w", sys.stdout)
        sys.stderr = sys.__stderr__ = _opened(2, "w", sys.stderr, buffering=1)
        if changed := dict(_of_the_interpreter().items() ^ fixed.items()):
            sys.exit(f"Python reads {', '.join(sorted(changed))} when it starts: start it.")
        program = Path(self.arguments[0])
        sys.argv = self.arguments
        # The workers of a service are processes of their own in any case.
        multiprocessing.set_executable(sys.executable)
        sys.executable = str(program.with_name(PYTHON))
        if program.name == PYTHON:
            _run_module(*self.arguments[1:])
        else:
            import_module("bymax_auth.cli").main()


def _of_the_interpreter() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if name.startswith(OF_THE_INTERPRETER)}


def _opened(number: int, mode: str, like: TextIO, buffering: int = -1) -> Any:
    return open(number, mode, buffering, like.encoding, like.errors, closefd=False)


def _run_module(option: str, name: str, *arguments: str) -> None:
    if option != "-m":
        sys.exit(f"{PYTHON} {option} needs a start of an interpreter.")
    sys.argv = [name, *arguments]
    sys.path.insert(0, str(Path.cwd()))
    runpy.run_module(name, run_name="__main__", alter_sys=True)


@dataclass(eq=False)
class Child:
    """A forked process, the descriptor that tells its end, and the connection of its client."""

    number: int
    ending: int
    client: socket.socket


class Server:
    """Forks a process for each client; `starter` is a pipe that is open as long as the tests run."""

    def __init__(self, listener: socket.socket, starter: int) -> None:
        self._listener = listener
        self._starter = starter
        self._children: set[Child] = set()
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(starter, selectors.EVENT_READ)
        self._waiting.register(listener, selectors.EVENT_READ)

    def serve(self) -> Start | None:
        """Return in each forked process, with what it runs, and without it in the server at its end."""
        while True:
            for key, _ in self._waiting.select():
                if key.fileobj == self._starter:
                    for child in self._children:
                        os.kill(child.number, signal.SIGKILL)
                    return None
                if key.fileobj is self._listener:
                    if (start := self._fork()) is not None:
                        return start
                elif key.data in self._children:
                    self._attend(key.data, ended=key.fileobj == key.data.ending)

    def _fork(self) -> Start | None:
        client, _ = self._listener.accept()
        start = received(client)
        if start is None:
            client.close()
            return None
        number = os.fork()
        if number == 0:
            client.close()
            self._close()
            return start
        for stream in start.streams:
            os.close(stream)
        child = Child(number, os.pidfd_open(number), client)
        self._children.add(child)
        for event in (child.ending, child.client):
            self._waiting.register(event, selectors.EVENT_READ, child)
        return None

    def _attend(self, child: Child, *, ended: bool) -> None:
        if ended:
            code = os.waitstatus_to_exitcode(os.waitpid(child.number, 0)[1])
            self._children.remove(child)
            self._waiting.unregister(child.ending)
            os.close(child.ending)
            if child.client.fileno() != -1:
                with suppress(OSError):
                    child.client.send(code.to_bytes(2, "big", signed=True))
                self._leave(child.client)
        elif numbers := child.client.recv(16):
            for number in numbers:
                os.kill(child.number, number)
        else:
            os.kill(child.number, signal.SIGKILL)
            self._leave(child.client)

    def _leave(self, client: socket.socket) -> None:
        self._waiting.unregister(client)
        client.close()

    def _close(self) -> None:
        """Close what a forked process inherits; the pipe gives way to its input."""
        self._waiting.close()
        self._listener.close()
        for child in self._children:
            os.close(child.ending)
            child.client.close()


def received(client: socket.socket) -> Start | None:
    """What a client asks for, unless it was ended meanwhile."""
    with client.makefile("rb") as rest, suppress(OSError):
        head, streams, _, _ = socket.recv_fds(client, HEAD, 3)
        size = int.from_bytes(head, "big")
        request = rest.read(size)
        if len(head) == HEAD and len(request) == size and len(streams) == 3:
            arguments, environment, folder, mask = marshal.loads(request)
            return Start(arguments, environment, folder, mask, streams)
        for stream in streams:
            os.close(stream)
    return None


def main(folder: Path, number: int, modules: list[str]) -> None:
    """Import the modules and serve at the socket with this number; the folder is removed at the end."""
    with socket.socket(fileno=number) as listener:
        for name in modules:
            import_module(name)
        gc.collect()
        gc.freeze()
        start = Server(listener, sys.stdin.fileno()).serve()
    if start is None:
        shutil.rmtree(folder)
    else:
        start.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])

"""Server processes as seen from a client: sockets kept open, and the server's own processor clock."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.contenders import Contender
from benchmarks.measure import Turn
from benchmarks.requests import Conversation, Request

__all__ = ["CONNECTIONS", "Connection", "Server"]

CONNECTIONS: Final = 8
"""Clients that a server has at once; each waits for its answer before it asks again."""

_PATIENCE: Final = 30.0
_END_OF_HEAD: Final = b"\r\n\r\n"


class Connection:
    """One kept-alive HTTP/1.1 connection; as little client as possible."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: Request) -> None:
        """Send a request."""
        self._socket.sendall(request.on_the_wire())

    def receive(self) -> tuple[int, bytes]:
        """
        Return the status and the body of the answer.

        Raises:
            ConnectionError: The server hung up.
            TimeoutError: It did not answer.
        """
        data = b""
        while _END_OF_HEAD not in data:
            data += self._chunk()
        head, _, body = data.partition(_END_OF_HEAD)
        length = _length_of(head)
        while len(body) < length:
            body += self._chunk()
        return int(head[9:12]), body

    def ask(self, request: Request) -> bytes:
        """
        Return the body of a good answer.

        Raises:
            RuntimeError: The answer was not good.
        """
        self.send(request)
        return self.good()

    def good(self) -> bytes:
        """Return the body of the next answer, as `ask`."""
        status, body = self.receive()
        if status != 200:
            raise RuntimeError(f"the server answered {status}: {body!r}")
        return body

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _chunk(self) -> bytes:
        chunk = self._socket.recv(65_536)
        if not chunk:
            raise ConnectionError("the server hung up")
        return chunk


class Server:
    """A server process of one contender; a context manager that starts it, and always ends it."""

    def __init__(
        self,
        contender: Contender,
        *,
        pin: bool = True,
        command: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.contender = contender
        self._environment = os.environ | (environment or {})
        self._command = list(command) or [
            sys.executable,
            "-m",
            "benchmarks.server",
            contender.name,
            *(["--pin"] * pin),
        ]
        self._connections: list[Connection] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop()

    @cached_property
    def made_of(self) -> str:
        """What serves; the names of the parser and of the event loop."""
        return f"uvicorn with {self._greeting['http']} on {self._greeting['loop']}"

    def command(self, name: str) -> object:
        """Return what the process answers to one of its commands."""
        assert self._greeting
        assert self._process.stdin is not None
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        answer: object = json.loads(self._line())
        return answer

    def cpu(self) -> int:
        """Return the nanoseconds of processor time that the process has used so far."""
        used = self.command("cpu")
        assert isinstance(used, int)
        return used

    def connect(self) -> Connection:
        """Return a new connection, closed with the server."""
        connection = Connection(self._greeting["port"])
        self._connections.append(connection)
        return connection

    def turn(self, operation: str) -> Turn:
        """Return what measures the server's processor time of that operation, `CONNECTIONS` at once."""
        pairs: list[tuple[Connection, Conversation]] = []
        for number in range(CONNECTIONS):
            connection = self.connect()
            answer = connection.ask(self.contender.login(number))
            pairs.append((connection, self.contender.talks[operation](answer)))

        def measured(times: int) -> int:
            before, left = self.cpu(), times
            while left:
                left -= _exchange(pairs[:left])
            return self.cpu() - before

        return measured

    @cached_property
    def _greeting(self) -> dict[str, Any]:
        greeting: dict[str, Any] = json.loads(self._line())
        return greeting

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server of {self.contender.label} did not start")
        return line

    def _stop(self) -> None:
        for connection in self._connections:
            connection.close()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def _exchange(pairs: list[tuple[Connection, Conversation]]) -> int:
    """Let every client ask and be answered once; return how many they were."""
    for connection, conversation in pairs:
        connection.send(conversation.request())
    for connection, conversation in pairs:
        conversation.heard(connection.good())
    return len(pairs)


def _length_of(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0

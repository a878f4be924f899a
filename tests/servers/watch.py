"""Every run of a script on a Redis, with the keys that it was given and those that it touched."""

import ast
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from uuid import uuid4

from redis.crc import key_slot

from tests.servers.ageing import AGEING
from tests.servers.kept_clients import client_at
from tests.servers.patience import PATIENCE

__all__ = ["Run", "strays", "watched"]

_LINE = re.compile(rb"\+\d+\.\d+ \[\d+ (\S+)\] (.*)\r\n", re.DOTALL)
_WORD = re.compile(rb'"(?:[^"\\]|\\.)*"')
_FROM_A_SCRIPT = b"lua"

_KEYLESS = frozenset({"SCAN", "TIME"})
_ONLY_KEYS = frozenset({"DEL", "EXISTS", "MGET", "UNLINK"})
_KEY_FIRST = frozenset(
    {"GET", "SET", "GETDEL", "INCR", "DECR", "EXPIRE", "PEXPIRE", "TTL", "PTTL"}
    | {"SADD", "SREM", "SMEMBERS", "SRANDMEMBER", "SCARD", "SISMEMBER", "HSET", "HGET", "HMGET", "HINCRBY"}
    | {"XADD", "XLEN", "XRANGE", "XREVRANGE", "XTRIM"}
)


@dataclass(slots=True)
class Run:
    """One run: the script's text or hash, its keys, and what it did."""

    script: str
    given: tuple[bytes, ...]
    touched: list[bytes] = field(default_factory=list)

    @property
    def slots(self) -> set[int]:
        """The slots of every key that it was given or touched."""
        return {key_slot(key) for key in (*self.given, *self.touched)}


def strays(runs: Sequence[Run]) -> list[Run]:
    """The runs that a Cluster cannot be trusted with: they touched no slot of their own, or several."""
    return [run for run in runs if not run.given or len(run.slots) != 1]


@contextmanager
def watched(ports: Sequence[int]) -> Iterator[list[Run]]:
    """Watch the servers at these ports; when the block ends, the list holds every run on any of them."""
    runs: list[Run] = []
    with ExitStack() as open_until_the_end:
        monitors = [(port, open_until_the_end.enter_context(_monitor(port))) for port in ports]
        yield runs
        for port, lines in monitors:
            runs += _runs(_commands(port, lines))


@contextmanager
def _monitor(port: int) -> Iterator[BufferedReader]:
    """What a server says about every command from now on."""
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE) as connection,
        connection.makefile("rb") as lines,
    ):
        connection.sendall(b"MONITOR\r\n")
        assert lines.readline() == b"+OK\r\n"
        yield lines


def _commands(port: int, lines: BufferedReader) -> Iterator[tuple[bytes, list[bytes]]]:
    """Who sent each command, and its words, up to now."""
    mark = uuid4().hex.encode()
    client_at(port).echo(mark)
    while line := lines.readline():
        said = _LINE.fullmatch(line)
        assert said is not None, line
        words = [ast.literal_eval("b" + word.decode("ascii")) for word in _WORD.findall(said[2])]
        if words[-1] == mark:
            return
        yield said[1], words


def _runs(commands: Iterator[tuple[bytes, list[bytes]]]) -> Iterator[Run]:
    """The runs among commands; Redis tells of a script first, and then of what it does."""
    run: Run | None = None
    for sender, words in commands:
        name = words[0].decode().upper()
        if sender == _FROM_A_SCRIPT:
            assert run is not None, "a command of no script"
            run.touched += _keys(name, words[1:])
        elif name in {"EVAL", "EVALSHA"}:
            run = Run(words[1].decode(), tuple(words[3 : 3 + int(words[2])]))
            if run.script != AGEING:
                yield run


def _keys(name: str, arguments: list[bytes]) -> list[bytes]:
    if name in _ONLY_KEYS:
        return arguments
    if name in _KEY_FIRST:
        return arguments[:1]
    assert name in _KEYLESS, f"where has {name} its keys?"
    return []

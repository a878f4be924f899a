"""
One client that sends bodies made to be expensive, and what everybody else notices of it.

    probe alone (idle) ─▶ one client floods ─▶ the probe again, meanwhile

The probe asks ``GET /auth/me`` on one connection.  The bodies are a mebibyte each, or as long as the limit
allows, and consist of members, empty arrays, brackets or digits.  No rate limit applies, and the client sends
about a hundred a second: the default limits of all routes together admit fewer in a minute.
"""

import statistics
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

from benchmarks.clients import Connection, Server
from benchmarks.contenders import CONTENDERS, ME
from benchmarks.latency import Ask, asker, percentile
from benchmarks.report import Cell, Table
from benchmarks.requests import Request
from bymax_auth.http.json_limits import PLAIN_BODY

__all__ = ["SHAPES", "run"]

_MEBIBYTE: Final = 1_048_576
_PAUSE: Final = 0.002
_BETWEEN_BODIES: Final = 0.01
_WARM_UPS: Final = 50
_COLUMNS: Final = ("bodies", "refused/s", "me p50 ms", "me p99 ms", "× idle", "at most")
_AT_MOST: Final = 2.0

SHAPES: Final[dict[str, Callable[[int], bytes]]] = {
    "unknown keys": lambda size: _joined(b"{", (b'"%x":1' % number for number in range(size)), b"}", size),
    "repeated keys": lambda size: _joined(b"{", cycle((b'"email":1',)), b"}", size),
    "empty arrays": lambda size: _joined(b'{"email":[', cycle((b"[]",)), b"]}", size),
    "nested arrays": lambda size: b'{"email":%b1%b}' % (b"[" * (size // 2 - 8), b"]" * (size // 2 - 8)),
    "digits": lambda size: b'{"email":%b}' % (b"9" * (size - 16)),
}
"""What the bodies consist of, each for a length in bytes."""


@dataclass(slots=True)
class Flood:
    """A client that sends the same bodies until told to stop; counts what it was answered."""

    connection: Connection
    bodies: list[bytes]
    stop: threading.Event = field(default_factory=threading.Event)
    statuses: list[int] = field(default_factory=list[int])

    def send(self) -> None:
        """Be the client."""
        for body in cycle(self.bodies):
            if self.stop.wait(_BETWEEN_BODIES):
                return
            kind = ((b"content-type", b"application/json"),)
            self.connection.send(Request("POST", "/auth/login", kind, body))
            self.statuses.append(self.connection.receive()[0])


def run(*, quick: bool) -> list[Table]:
    """Measure each size of body."""
    seconds = 0.5 if quick else 5.0
    rows: list[tuple[Cell, ...]] = []
    for label, size in (("1 MiB", _MEBIBYTE), ("at the limit", PLAIN_BODY.length_bytes)):
        rows.extend(_rows(label, [make(size) for make in SHAPES.values()], seconds))
    notes = (
        f"one client, no rate limit: {', '.join(SHAPES)}, in turns",
        "me: GET /auth/me on its own connection",
    )
    return [Table("flood", "A flood of expensive bodies, and everybody else", _COLUMNS, tuple(rows), notes)]


def _rows(label: str, bodies: list[bytes], seconds: float) -> list[tuple[Cell, ...]]:
    with Server(CONTENDERS["asgi"], pin=False) as server:
        ask = asker(server, ME)
        for _ in range(_WARM_UPS):
            ask()
        idle = _latencies(ask, seconds / 2)
        with _flood(server, bodies) as flood:
            time.sleep(seconds / 10)
            before, started = len(flood.statuses), time.perf_counter()
            busy = _latencies(ask, seconds)
            answered = flood.statuses[before:]
            elapsed = time.perf_counter() - started
    if set(answered) - {400}:
        raise RuntimeError(f"the flood was answered {sorted(set(answered))}")
    middle = statistics.median(idle)
    times = statistics.median(busy) / middle
    return [
        (f"{label}, idle", None, middle, percentile(idle, 99), 1.0, None),
        (
            f"{label}, flood",
            len(answered) / elapsed,
            statistics.median(busy),
            percentile(busy, 99),
            times,
            _AT_MOST,
        ),
    ]


@contextmanager
def _flood(server: Server, bodies: list[bytes]) -> Generator[Flood, None, None]:
    flood = Flood(server.connect(), bodies)
    thread = threading.Thread(target=flood.send, daemon=True)
    thread.start()
    try:
        yield flood
    finally:
        flood.stop.set()
        thread.join()


def _latencies(ask: Ask, seconds: float) -> list[float]:
    found: list[float] = []
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        ask()
        found.append((time.perf_counter() - started) * 1e3)
        time.sleep(_PAUSE)
    return sorted(found)


def _joined(before: bytes, parts: Iterable[bytes], after: bytes, size: int) -> bytes:
    """Return as many parts, separated by commas, as fit into `size` bytes."""
    body = bytearray(before)
    for part in parts:
        if len(body) + len(part) + 1 + len(after) > size:
            break
        body += part + b","
    return bytes(body[:-1]) + after

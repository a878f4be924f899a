"""
Sign-ins at full load, and what everybody else notices of them.

    probe alone (idle) ─▶ 50 clients sign in without pause ─▶ the probe again, meanwhile

The probe asks ``GET /auth/me`` on one connection.  A ticker on the server's event loop wants to run every
millisecond in both phases.  Server and clients are separate processes; the password pool is as the library
sizes it, and nothing is pinned.
"""

import statistics
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import cast

from benchmarks.clients import Connection, Server
from benchmarks.contenders import CONTENDERS, ME, Contender
from benchmarks.latency import Ask, asker, percentile
from benchmarks.report import Cell, Table
from bymax_auth.services.kdf_pool import KdfBudget

__all__ = ["COLUMNS", "Load", "rows", "run"]

_CLIENTS = 50
_CLIENTS_WHEN_QUICK = 4
_PAUSE = 0.002
_WARM_UPS = 50
_PASSWORDS = ("argon2id", "scrypt")
COLUMNS = (
    "password hash",
    "sign-ins/s",
    "refused",
    "me p50 ms",
    "me p99 ms",
    "× idle",
    "loop p50 ms",
    "loop p99 ms",
    "loop max ms",
)


@dataclass(frozen=True, slots=True)
class Phase:
    """What was noticed in one phase, in milliseconds, sorted."""

    latencies: list[float]
    delays: list[float]


@dataclass(frozen=True, slots=True)
class Load:
    """How many clients sign in at once, and for how many seconds."""

    clients: int
    seconds: float


@dataclass(slots=True)
class Crowd:
    """Clients that sign in again and again until told to stop; counts what they were answered."""

    server: Server
    numbers: Iterator[int]
    """Of the accounts, one for each sign-in."""
    stop: threading.Event = field(default_factory=threading.Event)
    statuses: list[int] = field(default_factory=list[int])

    def sign_in(self, connection: Connection) -> None:
        """Be one of the clients."""
        while not self.stop.is_set():
            connection.send(self.server.contender.login(next(self.numbers)))
            status, _ = connection.receive()
            self.statuses.append(status)


def run(*, quick: bool) -> list[Table]:
    """Measure with each password hash."""
    load = Load(_CLIENTS_WHEN_QUICK, 0.5) if quick else Load(_CLIENTS, 10.0)
    found = [row for name in _PASSWORDS for row in rows(CONTENDERS[name], load, cycle(range(load.clients)))]
    notes = (
        f"{load.clients} clients at once; {KdfBudget.of(32).workers} threads derive keys, by default here",
        "me: GET /auth/me on its own connection; loop: how late a 1 ms ticker on the server's event loop ran",
        "a refused sign-in was answered 503 because the queue was full",
    )
    return [Table("sign_in", "Sign-in, and everybody else meanwhile", COLUMNS, tuple(found), notes)]


def rows(contender: Contender, load: Load, numbers: Iterator[int]) -> list[tuple[Cell, ...]]:
    """Return the figures of one application, idle and while the numbered accounts sign in."""
    label = contender.label
    with Server(contender, pin=False) as server:
        ask = asker(server, ME)
        for _ in range(_WARM_UPS):
            ask()
        idle = _phase(server, ask, load.seconds / 2)
        with _crowd(server, load.clients, numbers) as crowd:
            time.sleep(load.seconds / 10)
            before, started = len(crowd.statuses), time.perf_counter()
            busy = _phase(server, ask, load.seconds)
            answered = crowd.statuses[before:]
            elapsed = time.perf_counter() - started
    good, refused = answered.count(200), answered.count(503)
    if good + refused != len(answered):
        raise RuntimeError(f"sign-ins were answered {sorted(set(answered))}")
    middle = statistics.median(idle.latencies)
    return [
        (f"{label}, idle", None, None, *_figures(idle, middle)),
        (f"{label}, busy", good / elapsed, refused, *_figures(busy, middle)),
    ]


@contextmanager
def _crowd(server: Server, clients: int, numbers: Iterator[int]) -> Generator[Crowd, None, None]:
    crowd = Crowd(server, numbers)
    threads = [
        threading.Thread(target=crowd.sign_in, args=(server.connect(),), daemon=True) for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    try:
        yield crowd
    finally:
        crowd.stop.set()
        for thread in threads:
            thread.join()


def _phase(server: Server, ask: Ask, seconds: float) -> Phase:
    latencies: list[float] = []
    server.command("watch")
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        ask()
        latencies.append((time.perf_counter() - started) * 1e3)
        time.sleep(_PAUSE)
    delays = cast("list[float]", server.command("delays"))
    return Phase(sorted(latencies), sorted(delays))


def _figures(phase: Phase, idle: float) -> tuple[Cell, ...]:
    middle = statistics.median(phase.latencies)
    return (
        middle,
        percentile(phase.latencies, 99),
        middle / idle,
        statistics.median(phase.delays),
        percentile(phase.delays, 99),
        phase.delays[-1],
    )

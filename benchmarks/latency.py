"""Latency: what one client waits for single requests, measured on several servers in turns."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from benchmarks.clients import Server

__all__ = ["Ask", "asker", "latencies", "percentile"]

Ask = Callable[[], None]
"""Sends one request and returns when it has been answered."""

_BLOCKS: Final = 20


def asker(server: Server, operation: str) -> Ask:
    """Return what sends that operation on a connection of its own, as a client who is signed in."""
    connection = server.connect()
    talk = server.contender.talks[operation](connection.ask(server.contender.login(0)))

    def ask() -> None:
        talk.heard(connection.ask(talk.request()))

    return ask


def latencies(asks: Mapping[str, Ask], block: int) -> dict[str, list[float]]:
    """Return milliseconds of single requests, sorted: `block` requests of each in turns."""
    waits: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(_BLOCKS):
        for name, ask in asks.items():
            for _ in range(block):
                started = time.perf_counter()
                ask()
                waits[name].append((time.perf_counter() - started) * 1e3)
    return {name: sorted(values) for name, values in waits.items()}


def percentile(ordered: list[float], percent: int) -> float:
    """Return the value below which that many percent of the sorted values are."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

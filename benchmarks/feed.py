"""
How long a token that one process takes back is still let in by another, which answers from memory.

Two processes of their own share one Redis.  The first revokes, at uneven intervals; the second looks
every millisecond.  The time runs from the moment at which the first one asks Redis, so that what the
revocation itself takes is part of it.
"""

import asyncio
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any, Final

from benchmarks.aged_feed import age, asked_of
from benchmarks.latency import percentile
from benchmarks.private_redis import available, private_redis
from benchmarks.report import Table
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.stores.redis import RedisStores
from bymax_auth.types.identity import Realm

__all__ = ["run"]

_Work = Callable[[str, int, Event], Coroutine[Any, Any, list[float]]]

_REVOCATIONS: Final = 200
_REVOCATIONS_WHEN_QUICK: Final = 5
_PAUSES: Final = (0.005, 0.1)
"""Seconds between two revocations, at least and at most: never in step with the reader."""
_LOOK: Final = 0.001
_PATIENCE: Final = 60.0
_LIFE: Final = timedelta(minutes=15)
_OWNER: Final = Identifiers.of_key(b"0" * 64).subject(Realm.DASHBOARD, "u1", "tenant-a")

_COLUMNS: Final = ("refused by", "revocations", "median ms", "p99 ms", "max ms", "asked Redis")


def run(*, quick: bool) -> list[Table]:
    """Measure one process that revokes and one that refuses."""
    if not available():
        print("feed: skipped, there is no redis-server", flush=True)
        return []
    count = _REVOCATIONS_WHEN_QUICK if quick else _REVOCATIONS
    with private_redis() as address:
        url = f"{address}0"
        age(url)
        before = asked_of(url)
        waits = _measured(url, count)
        asked = asked_of(url) - before
    row = ("another process", count, statistics.median(waits), percentile(waits, 99), waits[-1], asked)
    notes = (
        "from the call that revokes until the other process refuses, which looks every millisecond",
        "asked Redis: how often anybody read revocations there; none means that memory answered",
    )
    return [Table("feed", "A revocation, through the feed", _COLUMNS, (row,), notes)]


def _measured(url: str, count: int) -> list[float]:
    """Return the milliseconds that each revocation took to be refused, sorted."""
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Event()
    begun, refused = _Child(spawn, _revoke, url, count, ready), _Child(spawn, _refuse, url, count, ready)
    try:
        pairs = zip(begun.result(), refused.result(), strict=True)
        return sorted((end - start) * 1e3 for start, end in pairs)
    finally:
        for child in (begun, refused):
            child.process.terminate()
            child.process.join()


class _Child:
    """A process that sends one result."""

    def __init__(self, spawn: multiprocessing.context.SpawnContext, work: _Work, *words: object) -> None:
        self._ours, theirs = spawn.Pipe(duplex=False)
        self.process = spawn.Process(target=_working, args=(theirs, work, *words))
        self.process.start()
        # The end of a process ends the pipe only when nobody else holds this side of it.
        theirs.close()

    def result(self) -> list[float]:
        if not self._ours.poll(_PATIENCE):
            raise RuntimeError("a process did not finish in time")
        moments: list[float] = self._ours.recv()
        return moments


def _working(pipe: Connection, work: _Work, url: str, count: int, ready: Event) -> None:
    pipe.send(asyncio.run(work(url, count, ready)))


async def _revoke(url: str, count: int, ready: Event) -> list[float]:
    """Return the moment at which each revocation began."""
    await asyncio.to_thread(ready.wait, _PATIENCE)
    stores = RedisStores.from_url(url, revocation="feed")
    await stores.start()
    moments: list[float] = []
    for number in range(count):
        await asyncio.sleep(random.uniform(*_PAUSES))
        moments.append(time.monotonic())
        await stores.revocation.blacklist(_OWNER, f"j{number}", _LIFE)
    await stores.aclose()
    return moments


async def _refuse(url: str, count: int, ready: Event) -> list[float]:
    """Return the moment at which each revocation was first refused, from memory alone."""
    stores = RedisStores.from_url(url, revocation="feed")
    await stores.start()
    while stores.feed is None or stores.feed.current_cache() is None:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(_LOOK)
    ready.set()
    moments: list[float] = []
    for number in range(count):
        while not (await stores.revocation.token_state(_OWNER, f"j{number}")).blacklisted:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK)
        moments.append(time.monotonic())
    await stores.aclose()
    return moments

"""Processes that begin a race at the same moment, and wait for one another as long as all of them live."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError
from typing import Any

from tests.cheap import make_it_cheap

__all__ = ["RaceTrack", "race_track", "wait_for_the_others"]

PRELOADED = ["tests.contract.racers", "tests.security.deployments"]
"""What the processes run: imported once, by the process that the others are forked from."""


class RaceTrack:
    """Some processes, started once, each of which takes part in every race."""

    def __init__(self, pool: ProcessPoolExecutor, barrier: Barrier, size: int) -> None:
        self._pool = pool
        self._barrier = barrier
        self._size = size

    def run(self, part: Callable[..., Any], *given: Any) -> list[Any]:
        """Let every process play its part, which is given its number last; return the results."""
        parts = [self._pool.submit(_take_part, part, *given, who) for who in range(self._size)]
        # The pool notices when a process dies, and ends those who wait for it.
        failures = [failure for done in parts if (failure := done.exception()) is not None]
        if failures:
            self._barrier.reset()
            # Those who waited in vain say nothing about why.
            raise min(failures, key=lambda failure: isinstance(failure, BrokenBarrierError))
        return [done.result() for done in parts]


@contextmanager
def race_track(size: int) -> Iterator[RaceTrack]:
    """As many processes, which end with the block."""
    forked = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if forked else "spawn")
    if forked:
        context.set_forkserver_preload(PRELOADED)
    barrier = context.Barrier(size)
    with ProcessPoolExecutor(size, mp_context=context, initializer=_join, initargs=(barrier,)) as pool:
        yield RaceTrack(pool, barrier, size)


_joined: list[Barrier] = []


def _join(barrier: Barrier) -> None:
    _joined.append(barrier)
    # Each verifies what another has derived, and the process of the tests too.
    make_it_cheap()


def wait_for_the_others() -> None:
    """Return when every process of the race has come so far; called once by each part."""
    _joined[0].wait()


def _take_part(part: Callable[..., Any], *given: Any) -> Any:
    try:
        return part(*given)
    except BaseException:
        _joined[0].abort()
        raise

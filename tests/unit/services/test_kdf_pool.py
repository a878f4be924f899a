"""Threads for password hashing, and the queue in front of them."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from typing import ClassVar

import pytest

from bymax_auth.errors import Overloaded
from bymax_auth.ports.events import KdfOverloaded
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.testing import FakeClock, RecordingEvents
from tests.servers.patience import PATIENCE

"""Seconds after which a test that waits for a thread is broken."""


class Derivation:
    """A piece of work that a test holds back, on whatever thread runs it."""

    begun: ClassVar[list["Derivation"]] = []

    def __init__(self) -> None:
        self.begun.append(self)
        self.release = threading.Event()
        self.started = threading.Event()
        self.ran_on: str | None = None

    def __call__(self) -> str:
        self.ran_on = threading.current_thread().name
        self.started.set()
        assert self.release.wait(PATIENCE)
        return "derived"


@pytest.fixture
async def pool(events: RecordingEvents, clock: FakeClock) -> AsyncIterator[KdfPool]:
    pool = KdfPool(KdfBudget(workers=1, max_waiting=1), events, clock)
    yield pool
    # A test that has failed has not released them, and closing waits for what runs.
    while Derivation.begun:
        Derivation.begun.pop().release.set()
    await pool.aclose()


async def started(derivation: Derivation) -> None:
    assert await asyncio.to_thread(derivation.started.wait, PATIENCE)


def run(pool: KdfPool, work: Callable[[], str]) -> asyncio.Task[str]:
    return asyncio.create_task(pool.run(pool.acquire(), work))


@pytest.mark.parametrize(
    ("working_set_mib", "processes", "cores", "workers"),
    [
        (128, 1, 8, 4),
        (128, 1, 2, 2),
        (128, 1, 1, 2),
        (128, 4, 8, 2),
        (128, 2, 8, 2),
        (19, 1, 8, 8),
        (19, 1, 64, 26),
        (512, 1, 16, 2),
        (1, 1, 16, 16),
    ],
)
def test_as_many_run_as_fit_into_memory(
    working_set_mib: int, processes: int, cores: int, workers: int
) -> None:
    """A wave of sign-ins must not take a server's memory."""
    budget = KdfBudget.of(working_set_mib, processes=processes, cores=cores)

    assert budget == KdfBudget(workers, 64 * workers)


def test_the_queue_can_be_set() -> None:
    """A host may prefer refusing early to answering late."""
    assert KdfBudget.of(128, max_waiting=0, cores=8) == KdfBudget(4, 0)


def test_the_machines_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that may use three cores of sixty-four has three."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0} if pid else {0, 1, 2}, raising=False)
    assert KdfBudget.of(1).workers == 3

    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert KdfBudget.of(1).workers == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert KdfBudget.of(1).workers == 2


async def test_work_runs_on_a_thread_of_the_pools_own(pool: KdfPool) -> None:
    """On the event loop it would stop every other request."""
    derivation = Derivation()
    derivation.release.set()

    assert await run(pool, derivation) == "derived"
    assert derivation.ran_on is not None
    assert derivation.ran_on.startswith("bymax-kdf")


async def test_an_error_reaches_the_caller_and_frees_the_place(pool: KdfPool) -> None:
    """A slot that were lost with each error would close the door in the end."""

    def broken() -> str:
        raise LookupError

    for _ in range(5):
        with pytest.raises(LookupError):
            await run(pool, broken)


async def test_whoever_finds_no_place_is_refused_at_once(pool: KdfPool, events: RecordingEvents) -> None:
    """Waiting for minutes is worse than trying again."""
    first, second = Derivation(), Derivation()
    running, waiting = run(pool, first), run(pool, second)
    await started(first)

    with pytest.raises(Overloaded) as refusal:
        pool.acquire()

    assert refusal.value.retry_after == timedelta(seconds=1)
    assert events.events == [KdfOverloaded(refused=1, waiting=1, workers=1)]
    first.release.set()
    second.release.set()
    assert [await running, await waiting] == ["derived", "derived"]
    pool.acquire().release()


async def test_refusals_are_recorded_once_a_second(
    pool: KdfPool, events: RecordingEvents, clock: FakeClock
) -> None:
    """An overload must not fill the logs as well."""
    slots = [pool.acquire(), pool.acquire()]

    def refuse(times: int) -> None:
        for _ in range(times):
            with pytest.raises(Overloaded):
                pool.acquire()

    refuse(4)
    clock.advance(timedelta(seconds=1))
    refuse(2)

    assert [event.refused for event in events.of(KdfOverloaded)] == [1, 4]
    for slot in slots:
        slot.release()


async def test_work_that_waits_is_dropped_with_its_caller(pool: KdfPool) -> None:
    """Hashing for somebody who hung up would keep everybody else waiting."""
    first, second = Derivation(), Derivation()
    running, waiting = run(pool, first), run(pool, second)
    await started(first)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    third = Derivation()
    third.release.set()
    replacement = run(pool, third)
    first.release.set()

    assert [await running, await replacement] == ["derived", "derived"]
    assert not second.started.is_set()


async def test_work_that_runs_keeps_its_place_when_its_caller_is_gone(pool: KdfPool) -> None:
    """The thread still holds its memory; counting it as free would exceed the budget."""
    first = Derivation()
    running = run(pool, first)
    await started(first)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    second = Derivation()
    waiting = run(pool, second)
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        pool.acquire()
    first.release.set()
    second.release.set()
    assert await waiting == "derived"


async def test_a_place_serves_once(pool: KdfPool) -> None:
    """Two derivations in one slot would be one too many."""
    derivation = Derivation()
    derivation.release.set()
    slot = pool.acquire()
    await pool.run(slot, derivation)

    with pytest.raises(RuntimeError):
        await pool.run(slot, derivation)
    slot.release()
    slot.release()
    slots = [pool.acquire(), pool.acquire()]
    with pytest.raises(Overloaded):
        pool.acquire()
    for taken in slots:
        taken.release()


@pytest.mark.parametrize("distance", [-1, 1])
async def test_each_process_has_threads_of_its_own(
    pool: KdfPool, monkeypatch: pytest.MonkeyPatch, distance: int
) -> None:
    """A server that forks its workers copies the pool, and no thread with it."""
    held = [pool.acquire(), pool.acquire()]
    with pytest.raises(Overloaded):
        pool.acquire()

    another = os.getpid() + distance
    monkeypatch.setattr(os, "getpid", lambda: another)
    derivation = Derivation()
    derivation.release.set()
    assert await run(pool, derivation) == "derived"
    assert len(held) == 2


@pytest.mark.parametrize("distance", [-1, 1])
async def test_closing_leaves_another_processs_threads_alone(
    events: RecordingEvents, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, distance: int
) -> None:
    """Waiting for threads that exist in the parent only would never end."""
    pool = KdfPool(KdfBudget(1, 1), events, clock)
    slot = pool.acquire()
    another = os.getpid() + distance
    monkeypatch.setattr(os, "getpid", lambda: another)

    await pool.aclose()
    assert slot.submit(lambda: "derived").result(PATIENCE) == "derived"


async def test_closing_drops_what_waits_and_waits_for_what_runs(pool: KdfPool) -> None:
    """A server that stops does not start another derivation, and says so to whoever waits for one."""
    first, second = Derivation(), Derivation()
    running, waiting = run(pool, first), run(pool, second)
    await started(first)
    closing = asyncio.create_task(pool.aclose())
    with pytest.raises(Overloaded):
        await waiting
    first.release.set()
    await closing

    assert await running == "derived"
    assert not second.started.is_set()
    with pytest.raises(RuntimeError):
        pool.acquire()


async def test_a_caller_cancelled_while_the_pool_closes_is_cancelled(pool: KdfPool) -> None:
    """Whoever cancelled it waits for that, not for another answer."""
    first, second = Derivation(), Derivation()
    running, waiting = run(pool, first), run(pool, second)
    await started(first)
    closing = asyncio.create_task(pool.aclose())
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    first.release.set()
    await asyncio.gather(closing, running)


async def test_a_slot_acquired_before_closing_cannot_be_used_after(pool: KdfPool) -> None:
    """A flow that is still running then must fail, not hang."""
    slot = pool.acquire()
    await pool.aclose()

    with pytest.raises(RuntimeError):
        await pool.run(slot, lambda: "derived")


async def test_the_expected_wait_follows_what_derivations_take(
    events: RecordingEvents, clock: FakeClock
) -> None:
    """On a machine that has become slow, callers would wait for an answer that comes too late."""
    pool = KdfPool(KdfBudget(workers=1, max_waiting=100), events, clock)
    pool.expect(0.1)

    def admitted() -> int:
        slots = []
        with contextlib.suppress(Overloaded):
            while True:
                slots.append(pool.acquire())
        for slot in slots:
            slot.release()
        return len(slots)

    found = [admitted()]
    for taken in (timedelta(seconds=1), timedelta(milliseconds=100)):
        for _ in range(40):
            await pool.run(pool.acquire(), partial(clock.advance, taken))
        found.append(admitted())
    # One starts at once.  The average comes close to what derivations take, and stays a little above it.
    assert found == [1 + 20, 1 + 2, 20]
    await pool.aclose()


async def test_nothing_waits_while_threads_are_free(pool: KdfPool) -> None:
    """An operator would see a queue where there is none."""
    assert pool.waiting == 0
    first, second = Derivation(), Derivation()
    running = run(pool, first)
    await started(first)
    assert pool.waiting == 0
    waiting = run(pool, second)
    await asyncio.sleep(0)
    assert pool.waiting == 1
    first.release.set()
    second.release.set()
    await asyncio.gather(running, waiting)
    assert pool.waiting == 0


async def test_a_slot_that_is_used_while_the_pool_closes_fails_at_once(pool: KdfPool) -> None:
    """What is queued then would be run by no thread, and its caller wait for ever."""
    first = Derivation()
    running = run(pool, first)
    await started(first)
    slot = pool.acquire()
    closing = asyncio.create_task(pool.aclose())
    await asyncio.sleep(0)
    try:
        with pytest.raises(RuntimeError, match="closed"):
            slot.submit(lambda: "derived")
    finally:
        first.release.set()
    await asyncio.gather(closing, running)


async def test_a_slot_that_is_released_twice_makes_room_for_one(pool: KdfPool) -> None:
    """More derivations would wait than the memory was planned for."""
    slot = pool.acquire()
    slot.release()
    slot.release()
    taken = [pool.acquire(), pool.acquire()]
    with pytest.raises(Overloaded):
        pool.acquire()
    for one in taken:
        one.release()


def nice_value() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")
async def test_derivations_leave_the_processor_to_the_event_loop(pool: KdfPool) -> None:
    before = nice_value()

    deriving = await pool.run(pool.acquire(), nice_value)

    assert deriving == min(before + 10, 19)
    assert nice_value() == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")
async def test_a_sandbox_that_refuses_another_priority_does_not_stop_derivations(
    pool: KdfPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()

    def refuse(*_arguments: object) -> None:
        asked.set()
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setpriority", refuse)

    assert await pool.run(pool.acquire(), lambda: "derived") == "derived"
    assert asked.is_set()


async def test_other_systems_keep_the_priority_of_the_process(
    pool: KdfPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bymax_auth.services.kdf_pool.sys.platform", "darwin")

    assert await pool.run(pool.acquire(), nice_value) == nice_value()

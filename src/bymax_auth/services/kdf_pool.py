"""
A bounded pool of threads for password hashing (KDF: key derivation function).

One derivation takes tens of megabytes for a good part of a second, so the number of threads bounds the
memory.  A semaphore could not: cancelling a coroutine releases its permit while the thread it awaited
still holds the memory.

Rule 1: work holds a slot from before it is queued until a thread takes it.  Work that runs counts as running
until its thread has finished, also when its caller has gone.
Rule 2: `fair_queue` decides who gets a slot; without one a caller is refused at once, before anything is
derived or consumed.
Rule 3: work whose caller was cancelled before a thread takes it never starts.
Rule 4: on Linux the threads run at a lower priority than the event loop (ADR 0037).
"""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self, TypeVar

from bymax_auth.config.constants import KDF_MEMORY_BUDGET_MIB
from bymax_auth.errors import Overloaded
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import EventSink, KdfOverloaded
from bymax_auth.services.fair_queue import FairQueue
from bymax_auth.services.report_interval import ReportInterval

__all__ = ["RETRY_AFTER", "KdfBudget", "KdfPool", "KdfSlot"]

ResultT = TypeVar("ResultT")

_LEAST_WORKERS: Final = 2
_WAITING_PER_WORKER: Final = 64
_SECONDS_BETWEEN_RECORDS: Final = 1.0
_NICENESS: Final = 10
"""What a thread that derives adds to the nice value of its process, on Linux."""
RETRY_AFTER: Final = timedelta(seconds=1)
"""When a caller that was refused may try again."""
_WEIGHT_OF_LATEST: Final = 0.2
"""Of the latest derivation, in the average that an expected wait is computed from."""


@dataclass(frozen=True, slots=True)
class KdfBudget:
    """How many derivations run at once, and how many more may wait."""

    workers: int
    max_waiting: int

    @classmethod
    def of(
        cls,
        working_set_mib: int,
        *,
        processes: int = 1,
        max_waiting: int | None = None,
        cores: int | None = None,
    ) -> Self:
        """
        Return the budget for 512 MiB shared by `processes`, on the cores of this machine.

        At least two run at once, so that one slow derivation never blocks every sign-in.
        """
        useful = max(_LEAST_WORKERS, _available_cores() if cores is None else cores)
        affordable = KDF_MEMORY_BUDGET_MIB // (processes * working_set_mib)
        workers = min(max(affordable, _LEAST_WORKERS), useful)
        return cls(workers, workers * _WAITING_PER_WORKER if max_waiting is None else max_waiting)


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """Work of a client, and what its caller waits for."""

    client: str
    work: Callable[[], Any]
    future: Future[Any]


class _WorkerPool:
    """The threads of one process, and the work that waits for them."""

    def __init__(self, budget: KdfBudget, clock: Clock, seconds_each: float) -> None:
        self.pid = os.getpid()
        self._executor = ThreadPoolExecutor(
            max_workers=budget.workers, thread_name_prefix="bymax-kdf", initializer=_lower_priority
        )
        self._clock = clock
        self._workers = budget.workers
        self._queue: FairQueue[_Job] = FairQueue(budget.workers, budget.max_waiting)
        self._lock = threading.Lock()
        self._running = 0
        self._seconds_each = seconds_each
        self._closed = False

    @property
    def waiting(self) -> int:
        with self._lock:
            return max(0, self._running + self._queue.waiting - self._workers)

    def acquire(self, client: str) -> bool:
        with self._lock:
            return self._queue.reserve(client, self._running, self._seconds_each)

    def release(self, client: str) -> None:
        with self._lock:
            self._queue.release(client)

    def submit(self, client: str, work: Callable[[], ResultT]) -> Future[ResultT]:
        job = _Job(client, work, Future())
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            self._queue.add(client, job)
            self._dispatch()
        job.future.add_done_callback(lambda _future: self._discard(job))
        return job.future

    def close(self) -> None:
        """Drop what waits."""
        with self._lock:
            self._closed = True
            dropped = self._queue.take_all()
        for job in dropped:
            job.future.cancel()

    def join(self) -> None:
        """Return once every thread has ended."""
        self._executor.shutdown()

    def _dispatch(self) -> None:
        while self._running < self._workers and (job := self._queue.take()) is not None:
            # It is cancelled only when a thread takes the work before `_discard` has dropped it.
            if job.future.set_running_or_notify_cancel():  # pragma: no branch
                self._running += 1
                self._executor.submit(self._run, job)

    def _run(self, job: _Job) -> None:
        started = self._clock.monotonic()
        try:
            result = job.work()
        except BaseException as error:  # noqa: BLE001 - the caller gets it, whatever it is
            self._finish(started)
            job.future.set_exception(error)
        else:
            self._finish(started)
            job.future.set_result(result)

    def _finish(self, started: float) -> None:
        took = self._clock.monotonic() - started
        with self._lock:
            self._running -= 1
            self._seconds_each += (took - self._seconds_each) * _WEIGHT_OF_LATEST
            self._dispatch()

    def _discard(self, job: _Job) -> None:
        with self._lock:
            self._queue.discard(job.client, job)


class KdfSlot:
    """A slot of the pool, released once: by its holder, or when the work submitted with it starts."""

    __slots__ = ("_client", "_held", "_workers")

    def __init__(self, workers: _WorkerPool, client: str) -> None:
        self._workers = workers
        self._client = client
        self._held = True

    def release(self) -> None:
        """Release the slot, unless work was submitted with it.  Idempotent."""
        if self._held:
            self._held = False
            self._workers.release(self._client)

    def submit(self, work: Callable[[], ResultT]) -> Future[ResultT]:
        """
        Queue `work` in the slot, which no other work can use.

        Raises:
            RuntimeError: The slot was used or released already, or the pool is closed.
        """
        if not self._held:
            raise RuntimeError("A slot of the password pool can be used once.")
        future = self._workers.submit(self._client, work)
        self._held = False
        return future


class KdfPool:
    """
    Runs derivations on its own threads, within a budget.

    The threads start on first use in each process, so an engine built before a server forks
    its workers works in every one of them.
    """

    def __init__(self, budget: KdfBudget, events: EventSink, clock: Clock) -> None:
        self.budget = budget
        self._events = events
        self._clock = clock
        self._workers: _WorkerPool | None = None
        self._seconds_each = 0.0
        self._closed = False
        self._records = ReportInterval(clock.monotonic, _SECONDS_BETWEEN_RECORDS)

    @property
    def waiting(self) -> int:
        """How much work waits for a thread in this process."""
        # Read once: another thread may ask, while the pool is closed.
        workers = self._workers
        return 0 if workers is None else workers.waiting

    def expect(self, seconds_each: float) -> None:
        """Say how long a derivation takes, before the first one has run."""
        self._seconds_each = seconds_each

    def acquire(self, client: str = "") -> KdfSlot:
        """
        Acquire a slot for the client, which shares its queue with every caller of the same name.

        Raises:
            Overloaded: None is free; `retry_after` is one second.
            RuntimeError: The pool is closed.
        """
        workers = self._current_workers()
        if not workers.acquire(client):
            self._record_refusal(workers)
            raise Overloaded(retry_after=RETRY_AFTER)
        return KdfSlot(workers, client)

    async def run(self, slot: KdfSlot, work: Callable[[], ResultT]) -> ResultT:
        """
        Return what `work` returns, run on a thread; it uses up `slot`.

        When the caller is cancelled, queued work is dropped, and running work keeps its slot until it
        is done.

        Raises:
            Overloaded: The pool was closed before a thread took the work.
        """
        try:
            future = slot.submit(work)
        finally:
            slot.release()
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            # A future that `aclose` cancelled must not be taken for a cancellation of the caller.
            if future.cancelled() and self._closed and not _is_being_cancelled():
                raise Overloaded(retry_after=RETRY_AFTER) from None
            raise

    async def aclose(self) -> None:
        """Drop queued work, and return once every thread has ended.  Idempotent."""
        self._closed = True
        workers, self._workers = self._workers, None
        if workers is not None and workers.pid == os.getpid():
            workers.close()
            await asyncio.to_thread(workers.join)

    def _current_workers(self) -> _WorkerPool:
        if self._closed:
            raise RuntimeError("The engine is closed.")
        if self._workers is None or self._workers.pid != os.getpid():
            self._workers = _WorkerPool(self.budget, self._clock, self._seconds_each)
        return self._workers

    def _record_refusal(self, workers: _WorkerPool) -> None:
        omitted = self._records.admit()
        if omitted is None:
            return
        refused, waiting = omitted + 1, workers.waiting
        self._events.emit(KdfOverloaded(refused=refused, waiting=waiting, workers=self.budget.workers))


def _lower_priority() -> None:
    """
    Let the event loop run before this thread, and before those that Argon2 starts from it.

    Only Linux has a nice value for each thread: elsewhere it is that of the whole process.  A sandbox may
    refuse the call, and passwords are derived all the same.
    """
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS)


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _available_cores() -> int:
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return (os.cpu_count() or 1) if affinity is None else len(affinity(0))

"""
A bounded pool of threads for password hashing (KDF: key derivation function).

One derivation takes tens of megabytes for a good part of a second, so the number of threads bounds the
memory.  A semaphore could not: cancelling a coroutine releases its permit while the thread it awaited
still holds the memory.

Rule 1: work holds a slot from before it is queued until its thread has finished.
Rule 2: there are as many slots as threads and queued derivations; without a free slot a caller is refused
at once, before anything is derived or consumed.
Rule 3: work whose caller was cancelled before a thread takes it never starts.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self, TypeVar

from bymax_auth.config.constants import KDF_MEMORY_BUDGET_MIB
from bymax_auth.errors import Overloaded
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import EventSink, KdfOverloaded

__all__ = ["KdfBudget", "KdfPool", "KdfSlot"]

ResultT = TypeVar("ResultT")

_LEAST_WORKERS: Final = 2
_WAITING_PER_WORKER: Final = 64
_SECONDS_BETWEEN_RECORDS: Final = 1.0
_RETRY_AFTER: Final = timedelta(seconds=1)


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


class _WorkerPool:
    """The threads of one process, and the number of slots in use."""

    def __init__(self, budget: KdfBudget) -> None:
        self.pid = os.getpid()
        self.executor = ThreadPoolExecutor(max_workers=budget.workers, thread_name_prefix="bymax-kdf")
        self._budget = budget
        self._lock = threading.Lock()
        self._in_use = 0

    def acquire(self) -> bool:
        with self._lock:
            if self._in_use >= self._budget.workers + self._budget.max_waiting:
                return False
            self._in_use += 1
            return True

    def release(self) -> None:
        with self._lock:
            self._in_use -= 1

    @property
    def waiting(self) -> int:
        return max(0, self._in_use - self._budget.workers)


class KdfSlot:
    """A slot of the pool, released once: by its holder, or when the work submitted with it is done."""

    __slots__ = ("_held", "_workers")

    def __init__(self, workers: _WorkerPool) -> None:
        self._workers = workers
        self._held = True

    def release(self) -> None:
        """Release the slot, unless work was submitted with it.  Idempotent."""
        if self._held:
            self._held = False
            self._workers.release()

    def submit(self, work: Callable[[], ResultT]) -> Future[ResultT]:
        """
        Queue `work`, which releases the slot when it is done.

        Raises:
            RuntimeError: The slot was used or released already, or the pool is closed.
        """
        if not self._held:
            raise RuntimeError("A slot of the password pool can be used once.")
        future = self._workers.executor.submit(work)
        self._held = False
        future.add_done_callback(self._on_done)
        return future

    def _on_done(self, _future: Future[ResultT]) -> None:
        self._workers.release()


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
        self._closed = False
        self._refused = 0
        self._recorded_at: float | None = None

    def acquire(self) -> KdfSlot:
        """
        Acquire a slot.

        Raises:
            Overloaded: None is free; `retry_after` is one second.
            RuntimeError: The pool is closed.
        """
        workers = self._current_workers()
        if not workers.acquire():
            self._record_refusal(workers)
            raise Overloaded(retry_after=_RETRY_AFTER)
        return KdfSlot(workers)

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
                raise Overloaded(retry_after=_RETRY_AFTER) from None
            raise

    async def aclose(self) -> None:
        """Drop queued work, and return once every thread has ended.  Idempotent."""
        self._closed = True
        workers, self._workers = self._workers, None
        if workers is not None and workers.pid == os.getpid():
            workers.executor.shutdown(wait=False, cancel_futures=True)
            await asyncio.to_thread(workers.executor.shutdown)

    def _current_workers(self) -> _WorkerPool:
        if self._closed:
            raise RuntimeError("The engine is closed.")
        if self._workers is None or self._workers.pid != os.getpid():
            self._workers = _WorkerPool(self.budget)
        return self._workers

    def _record_refusal(self, workers: _WorkerPool) -> None:
        self._refused += 1
        now = self._clock.monotonic()
        if self._recorded_at is not None and now - self._recorded_at < _SECONDS_BETWEEN_RECORDS:
            return
        event = KdfOverloaded(refused=self._refused, waiting=workers.waiting, workers=self.budget.workers)
        self._refused = 0
        self._recorded_at = now
        self._events.emit(event)


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _available_cores() -> int:
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return (os.cpu_count() or 1) if affinity is None else len(affinity(0))

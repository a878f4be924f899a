"""
The queue of a pool, with fair queueing: one queue for each client, served in turn.

    queue of client A   ▢ ▢ ▢ ▢ ─┐
    queue of client B   ▢        ─┼─▶ one of each queue in turn ─▶ a free thread
    queue of client C   ▢ ▢      ─┘

Rule 1: the next work is the oldest of the client whose turn it is, so a client that queues much work delays
its own and, by one piece of work, that of others.
Rule 2: a client is refused when its work would probably not start within two seconds.  As much work as there
are threads may always wait, whatever one piece takes.
Rule 3: of what `max_waiting` leaves free, one client takes at most half, so there is room for the next one.

Not thread-safe: the pool calls it under its lock.
"""

from collections import Counter, OrderedDict, deque
from typing import Final, Generic, TypeVar

__all__ = ["FairQueue"]

WorkT = TypeVar("WorkT")

_GREATEST_EXPECTED_WAIT_SECONDS: Final = 2.0


class FairQueue(Generic[WorkT]):
    """The work that waits for one of `workers` threads, and the places that are held for more."""

    def __init__(self, workers: int, max_waiting: int) -> None:
        self._workers = workers
        self._max_waiting = max_waiting
        self._queues: OrderedDict[str, deque[WorkT]] = OrderedDict()
        self._places: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """The number of places in use: held, or with work that waits."""
        return self._places.total()

    def reserve(self, client: str, running: int, seconds_each: float) -> bool:
        """
        Take a place for the client, or say that there is none.

        Args:
            client: Whose queue it is in.
            running: How many threads are busy.
            seconds_each: How long one piece of work takes.
        """
        if not self._admits(client, running, seconds_each):
            return False
        self._places[client] += 1
        return True

    def release(self, client: str) -> None:
        """Free a place whose work did not come."""
        self._places[client] -= 1
        if not self._places[client]:
            del self._places[client]

    def add(self, client: str, work: WorkT) -> None:
        """Queue work in a place that the client holds."""
        self._queues.setdefault(client, deque()).append(work)

    def discard(self, client: str, work: WorkT) -> None:
        """Remove work that is no longer wanted, unless it was taken already."""
        queue = self._queues.get(client)
        if queue is not None and work in queue:
            queue.remove(work)
            if not queue:
                del self._queues[client]
            self.release(client)

    def take(self) -> WorkT | None:
        """Return the next work, whose place is free from now on; ``None`` when none waits."""
        if not self._queues:
            return None
        client, queue = self._queues.popitem(last=False)
        work = queue.popleft()
        if queue:
            self._queues[client] = queue
        self.release(client)
        return work

    def take_all(self) -> list[WorkT]:
        """Return all work that waits, and free its places."""
        taken: list[WorkT] = []
        while (work := self.take()) is not None:
            taken.append(work)
        return taken

    def _admits(self, client: str, running: int, seconds_each: float) -> bool:
        idle = self._workers - running
        if self.waiting < idle:
            return True
        if self.waiting >= idle + self._max_waiting:
            return False
        own = self._places[client]
        others = self.waiting - own
        if own + 1 - idle > max(1, (self._max_waiting - others) // 2):
            return False
        ahead = own + sum(min(count, own + 1) for other, count in self._places.items() if other != client)
        expected = (ahead - idle + 1) * seconds_each / self._workers
        return ahead - idle < self._workers or expected <= _GREATEST_EXPECTED_WAIT_SECONDS

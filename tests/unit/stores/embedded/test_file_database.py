"""The file form: its threads, its processes, its end."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.embedded.file_database import FileDatabase
from bymax_auth.types.identity import KeyLayout
from tests.contract.samples import account, sign_in
from tests.servers.patience import PATIENCE

BUSY_TIMEOUT = timedelta(seconds=5)
FORKING = """
import asyncio, os, sys, warnings

from bymax_auth.stores.embedded import EmbeddedStores
from tests.contract.samples import account

warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads is what this is about
stores = EmbeddedStores(sys.argv[1])


async def bump():
    before = await stores.revocation.current_epoch(account())
    after = await stores.revocation.bump_epoch(account())
    return before, after


async def main():
    assert await bump() == (0, 1)


asyncio.run(main())
stores._database._lock.acquire()  # as another thread may hold it
child = os.fork()
if child == 0:
    assert asyncio.run(bump()) == (1, 2)
    asyncio.run(stores.aclose())
    sys.stdout.flush()
    os._exit(0)
stores._database._lock.release()
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
assert asyncio.run(bump()) == (2, 3)
asyncio.run(stores.aclose())
print("both went on")
"""


async def test_it_says_that_it_remembers(path: Path) -> None:
    """A production configuration must let it through."""
    stores = EmbeddedStores(str(path))
    assert (stores.volatile, stores.allow_in_production, stores.layout) == (False, False, KeyLayout.SHARED)
    assert not path.exists(), "nothing is touched before it is used"
    await stores.aclose()


async def test_it_may_be_read_before_it_was_started(path: Path) -> None:
    """The first request must not fail because a host forgot to start the store."""
    stores = EmbeddedStores(path)
    assert await stores.sessions.list(account()) == ()
    await stores.aclose()


async def test_a_closed_store_does_not_answer(path: Path) -> None:
    """An engine that goes on after its end must fail closed."""
    before = {*threading.enumerate()}
    stores = EmbeddedStores(path)
    await sign_in(stores, account(), "a")
    for _ in range(2):
        await stores.aclose()
    for use in (stores.sessions.list(account()), sign_in(stores, account(), "b")):
        with pytest.raises(StoreUnavailable, match="closed"):
            await use
    begun = {*threading.enumerate()} - before
    assert not [thread.name for thread in begun if "bymax-auth-store" in thread.name]
    assert sorted(found.name for found in path.parent.iterdir()) == ["auth.db"]


async def test_work_that_meets_the_end_is_done_or_refused(path: Path) -> None:
    """A shutdown in the middle of requests must not hang, nor leave half of anything."""
    stores = EmbeddedStores(path)
    results = await asyncio.gather(
        *(stores.sessions.list(account()) for _ in range(20)),
        *(stores.revocation.bump_epoch(account()) for _ in range(5)),
        stores.aclose(),
        return_exceptions=True,
    )
    assert {type(result) for result in results} <= {tuple, int, type(None), StoreUnavailable}


async def test_a_caller_that_came_before_the_end_and_asks_after_it_is_refused(path: Path) -> None:
    """A request that waits while the store is closed must not wait for ever."""
    database = FileDatabase(path, lambda: 1, 100, BUSY_TIMEOUT)
    connections = database._own_connections()
    await database.aclose()
    for asking in (connections.on_reader, connections.on_writer):
        with pytest.raises(StoreUnavailable, match="closed"):
            await asking(connections.writing)


async def test_the_threads_work_for_any_event_loop(path: Path) -> None:
    """A host may open the store in one loop and serve from another."""
    stores = EmbeddedStores(path)
    await stores.start()
    epochs = [await asyncio.to_thread(asyncio.run, stores.revocation.bump_epoch(account())) for _ in range(2)]
    assert epochs == [1, 2]
    await stores.aclose()


async def test_a_caller_that_gives_up_leaves_all_or_nothing(path: Path) -> None:
    """A closed browser tab must not leave half a revocation."""
    stores = EmbeddedStores(path)
    await sign_in(stores, account(), "a")
    ending = asyncio.ensure_future(stores.sessions.revoke_all(account()))
    await asyncio.sleep(0)
    ending.cancel()
    await asyncio.wait({ending})
    assert ending.cancelled()
    await stores.aclose()  # what a thread had begun is over, and the two readings see one moment
    stores = EmbeddedStores(path)
    alive, epoch = (
        len(await stores.sessions.list(account())),
        await stores.revocation.current_epoch(account()),
    )
    assert (alive, epoch) in {(1, 0), (0, 1)}
    await stores.aclose()


async def test_a_writer_that_waited_in_vain_says_so_and_readers_go_on(path: Path) -> None:
    """A backup that holds the file must not answer as if nobody were signed in."""
    database = FileDatabase(path, lambda: 1, 100, timedelta(milliseconds=20))
    await database.start()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    def touch(cursor: sqlite3.Cursor, _now: int) -> int:
        return cursor.execute("DELETE FROM marks").rowcount

    def count(cursor: sqlite3.Cursor, _now: int) -> object:
        return cursor.execute("SELECT count(*) FROM marks").fetchone()

    with pytest.raises(StoreUnavailable, match=r"^The store did not answer\.$"):
        await database.change(touch)
    assert await database.read(count) == (0,)
    holder.execute("ROLLBACK")
    assert await database.change(touch) == 0
    holder.close()
    await database.aclose()


async def test_at_most_four_threads_read(path: Path) -> None:
    """A busy server must not open a connection for every request."""
    database = FileDatabase(path, lambda: 1, 100, BUSY_TIMEOUT)
    await database.start()
    together = threading.Barrier(4)
    threads: set[str] = set()

    def meet(_cursor: sqlite3.Cursor, _now: int) -> None:
        threads.add(threading.current_thread().name)
        together.wait(PATIENCE)

    await asyncio.gather(*(database.read(meet) for _ in range(8)))
    assert len(threads) == 4
    await database.aclose()


async def test_one_thread_alone_writes(path: Path) -> None:
    """Two transitions on one connection would be one transaction, and undo each other."""
    database = FileDatabase(path, lambda: 1, 100, BUSY_TIMEOUT)
    await database.start()
    second_began = threading.Event()

    def first(_cursor: sqlite3.Cursor, _now: int) -> bool:
        return second_began.wait(0.1)

    def second(_cursor: sqlite3.Cursor, _now: int) -> None:
        second_began.set()

    met, _ = await asyncio.gather(database.change(first), database.change(second))
    assert not met, "they ran at once"
    await database.aclose()


@pytest.mark.untraced
@pytest.mark.processes
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_worker_opens_the_file_for_itself(path: Path) -> None:
    """A server that forks its workers after loading would corrupt the file, or hang."""
    done = subprocess.run(
        [sys.executable, "-c", FORKING, str(path)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=os.environ,
    )
    assert (done.stdout, done.stderr) == ("both went on\n", "")


async def test_what_was_opened_before_a_fork_is_not_closed_after_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker's end would take the locks of its parent along."""
    stores = EmbeddedStores(path)
    assert await stores.revocation.bump_epoch(account()) == 1
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert await stores.revocation.bump_epoch(account()) == 2
    inherited, *others = stores._database._inherited
    assert others == []
    await stores.aclose()
    monkeypatch.setattr(os, "getpid", lambda: parent)
    await inherited.aclose()


@pytest.mark.parametrize("later", [-1, 1])
async def test_a_worker_that_used_nothing_closes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, later: int
) -> None:
    """The end of a worker that had no request would take the locks of its parent along."""
    stores = EmbeddedStores(path)
    assert await stores.revocation.bump_epoch(account()) == 1
    inherited = stores._database._connections
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: parent + later)
    await stores.aclose()
    monkeypatch.setattr(os, "getpid", lambda: parent)
    await inherited.on_writer(inherited.writing)
    await inherited.aclose()


async def test_one_process_has_one_lock_for_its_connections(path: Path) -> None:
    """Two threads that come first at the same moment would each open the file, with a writer each."""
    stores = EmbeddedStores(path)
    lock = stores._database._lock
    assert await stores.revocation.current_epoch(account()) == 0
    assert stores._database._lock is lock
    await stores.aclose()


async def test_the_end_waits_for_what_is_being_read(path: Path) -> None:
    """The connection of a reading that is not over would stay open, and with it the file."""
    database = FileDatabase(path, lambda: 1, 100, BUSY_TIMEOUT)
    await database.start()
    reads, closed = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(_cursor: sqlite3.Cursor, _now: int) -> bool:
        loop.call_soon_threadsafe(reads.set)
        return closed.wait(0.1)

    reading = asyncio.ensure_future(database.read(slow))
    await reads.wait()
    await database.aclose()
    closed.set()
    assert not await reading, "it was closed meanwhile"


async def test_the_end_closes_what_was_read_with(path: Path) -> None:
    """The log beside the file would stay, and who copies the file alone would lose the latest sessions."""
    database = FileDatabase(path, lambda: 1, 100, BUSY_TIMEOUT)
    used: list[sqlite3.Connection] = []

    def count(cursor: sqlite3.Cursor, _now: int) -> object:
        used.append(cursor.connection)
        return cursor.execute("SELECT count(*) FROM marks").fetchone()

    assert await database.read(count) == (0,)
    await database.aclose()
    assert used
    assert [found.name for found in path.parent.iterdir()] == ["auth.db"]


async def test_what_everybody_may_read_is_named(path: Path, stores: EmbeddedStores) -> None:
    """A production engine starts on a file from which every user of the machine takes sessions."""
    assert stores.exposed_files == EmbeddedStores().exposed_files == ()
    path.chmod(0o644)
    assert stores.exposed_files == (str(path),)

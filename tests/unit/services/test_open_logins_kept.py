"""What is kept for open connections, and what is left of those that have closed."""

import asyncio
import gc
import threading

from bymax_auth.services.open_logins import OpenLogin
from bymax_auth.types.login_end import LoginEndReason
from tests.unit.services.connections import (
    MINUTE,
    NOTHING,
    Process,
    in_time,
    process,
    subject,
    turns,
    until,
)

__all__ = ["process"]


async def test_ten_thousand_connections_that_close_first_leave_nothing(process: Process) -> None:
    """A server that runs for months would end by its memory."""
    before = asyncio.all_tasks()
    for number in range(100):
        opened = [
            asyncio.ensure_future(process.open(f"u{number}-{socket}", jti=f"j{number}-{socket}"))
            for socket in range(100)
        ]
        await asyncio.sleep(0)
        for waiting in opened:
            waiting.cancel()
        await asyncio.gather(*opened, return_exceptions=True)
    del opened, waiting
    await turns()
    assert process.kept == NOTHING
    assert asyncio.all_tasks() == before
    assert process.stores.revocation._listeners._listeners == ()
    gc.collect()
    assert not [thing for thing in gc.get_objects() if isinstance(thing, OpenLogin)]


async def test_a_login_that_nobody_awaits_is_not_kept(process: Process) -> None:
    """A handler may ask for it and then refuse the socket."""
    for _ in range(100):
        process.open()
    assert process.kept == NOTHING


async def test_nothing_is_left_of_logins_that_have_ended(process: Process) -> None:
    """Each revocation would leave its entry for good."""
    waiting = [asyncio.ensure_future(process.open(jti=f"j{number}")) for number in range(100)]
    await process.settled()
    await process.stores.revocation.bump_epoch(subject())
    assert set(await asyncio.gather(*waiting)) == {LoginEndReason.SESSIONS_REVOKED}
    await turns()
    assert process.kept == NOTHING


async def test_the_task_goes_on_when_a_connection_opens_as_the_last_closes(process: Process) -> None:
    """The new one would be checked by nobody."""
    first = asyncio.ensure_future(process.open())
    await process.settled()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = asyncio.ensure_future(process.open("u2"))
    await process.settled()
    await process.stores.revocation.bump_epoch(subject("u2"))
    assert await in_time(second) is LoginEndReason.SESSIONS_REVOKED


async def test_a_task_that_is_ended_from_outside_leaves_nobody_waiting(process: Process) -> None:
    """A framework that cancels every task would leave sockets that nothing ends any more."""
    waiting = asyncio.ensure_future(process.open())
    await process.settled()
    task = process.logins._task
    assert task is not None
    task.cancel()
    assert await in_time(waiting) is LoginEndReason.UNAVAILABLE


def test_each_event_loop_has_its_own_connections() -> None:
    """A test client runs each of its sockets on an event loop of its own."""
    process = Process()

    async def ends() -> LoginEndReason:
        login = process.open()
        waiting = asyncio.ensure_future(login)
        await process.settled()
        await process.stores.revocation.blacklist(subject(), "j1", MINUTE)
        return await in_time(waiting)

    async def leaves_at_once() -> None:
        asyncio.ensure_future(process.open("u2")).add_done_callback(lambda _: None)
        await asyncio.sleep(0)

    assert asyncio.run(ends()) is LoginEndReason.TOKEN_REVOKED
    asyncio.run(leaves_at_once())
    process.stores.revocation._listeners.notify(None)
    assert asyncio.run(ends()) is LoginEndReason.TOKEN_REVOKED
    asyncio.run(process.logins.aclose())


async def test_the_loop_that_opens_next_takes_over_from_one_that_still_runs(process: Process) -> None:
    """A socket that nobody checks any more must end, and the other loop's sockets must be checked."""
    opened = threading.Event()
    ended: list[LoginEndReason] = []

    async def elsewhere() -> None:
        waiting = asyncio.ensure_future(process.open("u2"))
        await process.settled()
        task = process.logins._task
        assert task is not None
        opened.set()
        ended.append(await in_time(waiting))
        await task

    thread = threading.Thread(target=lambda: asyncio.run(elsewhere()))
    thread.start()
    await asyncio.to_thread(opened.wait)
    asked = len(process.store.asked)
    here = asyncio.ensure_future(process.open())
    await until(lambda: len(process.store.asked) > asked)
    await asyncio.to_thread(thread.join)
    assert ended == [LoginEndReason.UNAVAILABLE]
    await process.stores.revocation.bump_epoch(subject())
    assert await in_time(here) is LoginEndReason.SESSIONS_REVOKED

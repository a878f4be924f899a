"""Connections that end when the login ends that admitted them."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.revocation import TokenState
from bymax_auth.services.system import SystemClock
from bymax_auth.types.identity import Subject
from bymax_auth.types.login_end import LoginEndReason
from tests.unit.services.connections import (
    LIFETIME,
    MINUTE,
    NEVER,
    NOTHING,
    OFTEN,
    Process,
    ToldNothing,
    Watched,
    claims,
    in_time,
    process,
    subject,
    turns,
    until,
)

__all__ = ["process"]


Revoke = Callable[[Process], Awaitable[object]]

REVOCATIONS: list[tuple[Revoke, LoginEndReason]] = [
    (lambda at: at.stores.revocation.blacklist(subject(), "j1", MINUTE), LoginEndReason.TOKEN_REVOKED),
    (lambda at: at.stores.revocation.bump_epoch(subject()), LoginEndReason.SESSIONS_REVOKED),
    (lambda at: at.stores.sessions.revoke_all(subject()), LoginEndReason.SESSIONS_REVOKED),
    (
        lambda at: at.stores.sessions.revoke_all_except(subject(), "0" * 64, must_exist=False),
        LoginEndReason.SESSIONS_REVOKED,
    ),
]


@pytest.mark.parametrize(("revoke", "reason"), REVOCATIONS)
async def test_a_revocation_ends_its_login_at_once_and_no_other(
    process: Process, revoke: Revoke, reason: LoginEndReason
) -> None:
    """A person who signs a stolen device out would still be listened to."""
    async with asyncio.TaskGroup() as tasks:
        ended = tasks.create_task(process.open().wait())
        others = [
            tasks.create_task(process.open(f"u{number}", jti=f"j{number}").wait()) for number in range(2, 100)
        ]
        await process.settled()
        await revoke(process)
        assert await in_time(ended) is reason
        await process.settled()
        assert not any(other.done() for other in others)
        for other in others:
            other.cancel()


@pytest.mark.parametrize(("revoke", "reason"), REVOCATIONS)
async def test_a_revocation_before_anybody_waits_is_not_missed(
    process: Process, revoke: Revoke, reason: LoginEndReason
) -> None:
    """Between the guard's check and the wait lie the handshake and the host's own code."""
    login = process.open()
    await revoke(process)
    assert await in_time(login) is reason


@pytest.mark.parametrize(("revoke", "reason"), REVOCATIONS)
async def test_a_store_that_is_told_of_nothing_is_asked_at_intervals(
    revoke: Revoke, reason: LoginEndReason
) -> None:
    """What another process revokes must end sockets here too."""
    process = Process(OFTEN, ToldNothing)
    waiting = asyncio.ensure_future(process.open())
    await until(lambda: bool(process.store.asked))
    await revoke(process)
    assert await in_time(waiting) is reason
    await process.logins.aclose()


async def test_one_question_is_asked_for_all_connections() -> None:
    """A thousand sockets would be a thousand reads a second."""
    process = Process(OFTEN, ToldNothing)
    opened = [asyncio.ensure_future(process.open(f"u{number}")) for number in range(300)]
    again = [asyncio.ensure_future(process.open(f"u{number}")) for number in range(300)]
    await until(lambda: len(process.store.asked) >= 3)
    assert set(process.store.asked) == {300}, "two sockets of one token are one question"
    for waiting in (*opened, *again):
        waiting.cancel()
    await asyncio.gather(*opened, *again, return_exceptions=True)


async def test_no_question_is_asked_within_the_interval() -> None:
    """The load on the store must not grow with the number of sockets that open."""
    process = Process(NEVER, ToldNothing)
    waiting = [asyncio.ensure_future(process.open(f"u{number}")) for number in range(50)]
    await turns()
    assert process.store.asked == []
    await process.logins.aclose()
    assert set(await asyncio.gather(*waiting)) == {LoginEndReason.UNAVAILABLE}


async def test_a_login_expires_on_the_clock_of_tokens() -> None:
    """A guard refuses the token from that second on, and a socket must not live longer."""
    process = Process(OFTEN)
    login = process.open()
    assert login.expires_at == process.clock.now() + LIFETIME
    waiting = asyncio.ensure_future(login)
    await process.settled()
    process.clock.advance(LIFETIME - timedelta(seconds=1))
    checks = len(process.store.asked)
    await until(lambda: len(process.store.asked) >= checks + 3)
    assert not waiting.done()
    process.clock.advance(timedelta(seconds=1))
    assert await in_time(waiting) is LoginEndReason.EXPIRED
    await process.logins.aclose()


async def test_a_timer_ends_what_expires_between_two_checks(process: Process) -> None:
    """A token that lives for a second more would keep its socket for as long as a check takes to come."""
    process.logins._clock = process.clock = SystemClock()
    now = datetime.now(UTC)
    soon = claims(process.clock).model_copy(update={"exp": int(now.timestamp()) + 1})
    later = process.open("u2")
    waiting = asyncio.ensure_future(later)
    assert await in_time(process.logins.of(soon, process.authenticate)) is LoginEndReason.EXPIRED
    assert datetime.now(UTC).timestamp() >= soon.exp
    assert not waiting.done()
    past = claims(process.clock).model_copy(update={"exp": 0})
    assert await in_time(process.logins.of(past, process.authenticate)) is LoginEndReason.EXPIRED
    waiting.cancel()


async def test_a_short_outage_ends_nothing() -> None:
    """Every restart of the store would throw everybody out of every socket."""
    process = Process(OFTEN)
    waiting = asyncio.ensure_future(process.open())
    await process.settled()
    process.store.failure = ConnectionError()
    asked = len(process.store.asked)
    await until(lambda: len(process.store.asked) >= asked + 5)
    process.store.failure = None
    await process.stores.revocation.bump_epoch(subject())
    assert await in_time(waiting) is LoginEndReason.SESSIONS_REVOKED
    assert process.events.names.count("internal_error") == 1, "an outage is one event, not one a second"
    await process.logins.aclose()


@pytest.mark.parametrize("failure", [StoreUnavailable(), ZeroDivisionError()])
async def test_a_long_outage_ends_every_login(failure: Exception) -> None:
    """During an outage nobody could take a stolen login away, and guards admit nobody either."""
    process = Process(OFTEN, tolerated_outage=timedelta(milliseconds=20))
    process.store.failure = failure
    waiting = [asyncio.ensure_future(process.open(f"u{number}")) for number in range(10)]
    assert {await in_time(ended) for ended in waiting} == {LoginEndReason.UNAVAILABLE}
    assert LoginEndReason.UNAVAILABLE.close_code == 1013
    await process.logins.aclose()


class Forgetful(Watched):
    """A host's store that answers for one token less than it was asked for."""

    async def token_states(self, tokens: Sequence[tuple[Subject, str]]) -> Sequence[TokenState]:
        return (await super().token_states(tokens))[:-1]


async def test_a_store_that_leaves_a_token_out_has_not_answered() -> None:
    """Nobody could take the login of that token away, and the operator would hear of nothing."""
    process = Process(OFTEN, Forgetful, tolerated_outage=timedelta(milliseconds=20))
    waiting = [asyncio.ensure_future(process.open(f"u{number}")) for number in range(2)]
    assert {await in_time(ended) for ended in waiting} == {LoginEndReason.UNAVAILABLE}
    assert process.events.names.count("internal_error") == 1
    await process.logins.aclose()


async def test_closing_ends_every_login_and_every_later_one(process: Process) -> None:
    """A server that stops would wait for sockets that nothing ends."""
    login = process.open()
    waiting = asyncio.ensure_future(login)
    await process.settled()
    for _ in range(2):
        await process.logins.aclose()
    assert await in_time(waiting) is LoginEndReason.UNAVAILABLE
    assert await in_time(process.open("u2")) is LoginEndReason.UNAVAILABLE
    assert process.kept == NOTHING


async def test_closing_returns_when_nothing_is_left_running(process: Process) -> None:
    """A server's event loop would be closed under a task that still asks the store."""
    waiting = asyncio.ensure_future(process.open())
    await process.settled()
    task = process.logins._task
    assert task is not None
    await process.logins.aclose()
    assert task.done()
    assert await in_time(waiting) is LoginEndReason.UNAVAILABLE


async def test_a_revocation_on_another_thread_ends_the_login(process: Process) -> None:
    """A host may revoke in a worker thread, over the same store."""
    waiting = asyncio.ensure_future(process.open())
    await process.settled()
    revoking = threading.Thread(
        target=lambda: asyncio.run(process.stores.revocation.blacklist(subject(), "j1", MINUTE))
    )
    revoking.start()
    assert await in_time(waiting) is LoginEndReason.TOKEN_REVOKED
    revoking.join()


async def test_only_a_revocation_of_a_login_that_is_open_here_wakes_the_task(process: Process) -> None:
    """Every process would work at each sign-out of the whole deployment."""
    waiting = asyncio.ensure_future(process.open(jti="j1"))
    await process.settled()
    listeners, woken = process.stores.revocation._listeners, process.logins._woken
    listeners.notify("somebody else")
    await asyncio.sleep(0)
    assert not woken.is_set()
    listeners.notify("j1")
    await asyncio.sleep(0)
    assert woken.is_set()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_listener_may_be_told_that_anything_was_revoked(process: Process) -> None:
    """A feed that begins anew cannot say what it missed."""
    waiting = [asyncio.ensure_future(process.open(f"u{number}", jti=f"j{number}")) for number in range(5)]
    await process.settled()
    asked = len(process.store.asked)
    process.stores.revocation._listeners.notify(None)
    await until(lambda: len(process.store.asked) > asked)
    assert process.store.asked[-1] == 5
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

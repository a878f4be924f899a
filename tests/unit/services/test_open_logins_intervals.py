"""When open logins are checked and end, second by second."""

import asyncio
import math
from datetime import timedelta

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.open_logins import OpenLogins
from bymax_auth.types.login_end import LoginEndReason
from tests.unit.services.connections import (
    IDENTIFIERS,
    Process,
    ToldNothing,
    Watched,
    claims,
    turns,
)


class LoopTime:
    """The time of the running event loop, which passes when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self._now = float(math.floor(loop.time()))
        monkeypatch.setattr(loop, "time", lambda: self._now)

    async def passes(self, seconds: float) -> None:
        self._now += seconds
        await turns()


@pytest.fixture
async def time(monkeypatch: pytest.MonkeyPatch) -> LoopTime:
    return LoopTime(monkeypatch)


def by_default(store: type[Watched]) -> Process:
    """A process whose logins are checked as often as without any option."""
    process = Process(store=store)
    process.logins = OpenLogins(process.store, IDENTIFIERS, process.clock, FailureReporter(process.events))
    return process


async def test_the_store_is_asked_once_a_second(time: LoopTime) -> None:
    """What another process revokes would end sockets later, or cost more, than the guide says."""
    process = by_default(ToldNothing)
    waiting = asyncio.ensure_future(process.open())
    await turns()
    asked = []
    for _ in range(4):
        await time.passes(0.5)
        asked.append(len(process.store.asked))
    assert asked == [0, 1, 1, 2]
    waiting.cancel()
    await turns()


async def test_a_connection_that_opens_meanwhile_does_not_put_the_next_check_off(time: LoopTime) -> None:
    """On a busy server, what the store was not heard to revoke would be noticed late or never."""
    process = by_default(Watched)
    waiting = [asyncio.ensure_future(process.open())]
    await turns()
    await time.passes(0.5)
    waiting.append(asyncio.ensure_future(process.open("u2", jti="j2")))
    await turns()
    assert process.store.asked == [1, 1]
    await time.passes(0.5)
    assert process.store.asked == [1, 1, 2]
    for one in waiting:
        one.cancel()
    await turns()


async def test_every_login_ends_when_the_store_has_not_answered_for_ten_seconds(time: LoopTime) -> None:
    """During an outage nobody could take a stolen login away, and a restart takes some seconds."""
    process = by_default(ToldNothing)
    process.store.failure = StoreUnavailable()
    waiting = asyncio.ensure_future(process.open())
    await turns()
    for _ in range(9):
        await time.passes(1.0)
    assert not waiting.done()
    await time.passes(1.0)
    assert waiting.done()
    assert waiting.result() is LoginEndReason.UNAVAILABLE


async def test_an_outage_is_measured_from_the_last_answer_and_told_of_once(time: LoopTime) -> None:
    """Two short outages are not a long one, and the operator hears of both."""
    process = by_default(ToldNothing)
    waiting = asyncio.ensure_future(process.open())
    await turns()
    for failure in (StoreUnavailable(), None, StoreUnavailable()):
        process.store.failure = failure
        for _ in range(9 if failure else 1):
            await time.passes(1.0)
    assert not waiting.done()
    assert process.events.names.count("internal_error") == 2
    waiting.cancel()
    await turns()


async def test_a_login_ends_in_the_second_in_which_it_expires(time: LoopTime) -> None:
    """A socket would live on with a token that every guard refuses."""
    process = Process()
    start = process.clock.now()
    logins = [
        process.logins.of(
            claims(process.clock, jti=f"j{seconds}").model_copy(
                update={"exp": int(start.timestamp()) + seconds}
            ),
            process.authenticate,
        )
        for seconds in (3, 1, 2, 0)
    ]
    third, first, second, over = (asyncio.ensure_future(login) for login in logins)
    await turns()
    assert [wait.done() for wait in (over, first, second, third)] == [True, False, False, False]
    for remaining in ((second, third), (third,), ()):
        process.clock.advance(timedelta(seconds=1))
        await time.passes(1.0)
        assert {wait for wait in (first, second, third) if not wait.done()} == {*remaining}
    assert {wait.result() for wait in (over, first, second, third)} == {LoginEndReason.EXPIRED}

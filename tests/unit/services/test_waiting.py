"""Two awaits at once, and responses that take a minimum duration."""

import asyncio
from datetime import timedelta

import pytest

from bymax_auth.services.waiting import MinimumDuration, together
from bymax_auth.testing import FakeClock
from tests.unit.services.parts import Broken


class Step:
    """An await that a test lets go on, and that then answers or raises."""

    def __init__(self, outcome: object) -> None:
        self.outcome = outcome
        self.released = asyncio.Event()
        self.ended = False

    async def __call__(self) -> object:
        try:
            await self.released.wait()
        finally:
            self.ended = True
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


async def test_both_answers_come_in_one_wait() -> None:
    """A sign-in that asked the store twice in a row would take twice as long."""
    first, second = Step(1), Step("two")
    both = asyncio.create_task(together(first(), second()))
    second.released.set()
    await asyncio.sleep(0)
    first.released.set()

    assert await both == (1, "two")


@pytest.mark.parametrize("failing", [0, 1])
async def test_a_failure_waits_for_the_other_to_end(failing: int) -> None:
    """Work left running behind a refusal could write after the request was answered."""
    steps = [Step(1), Step(2)]
    steps[failing].outcome = Broken()
    steps[failing].released.set()
    both = asyncio.create_task(together(steps[0](), steps[1]()))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not both.done()
    steps[1 - failing].released.set()

    with pytest.raises(Broken):
        await both


async def test_of_two_failures_the_first_is_raised() -> None:
    """The answer must not depend on which store was slower."""
    first, second = Step(LookupError()), Step(Broken())
    first.released.set()
    second.released.set()

    with pytest.raises(LookupError):
        await together(first(), second())


async def test_a_cancelled_caller_leaves_nothing_running() -> None:
    """A closed connection must not leave half a sign-in behind."""
    first, second = Step(1), Step(2)
    both = asyncio.create_task(together(first(), second()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    both.cancel()
    with pytest.raises(asyncio.CancelledError):
        await both

    assert (first.ended, second.ended) == (True, True)


async def test_a_quick_answer_waits_for_the_minimum(clock: FakeClock) -> None:
    """How fast an answer comes would tell whether an account exists."""
    async with MinimumDuration(clock, 0.3):
        clock.advance(timedelta(milliseconds=100))

    assert clock.monotonic() == pytest.approx(0.3)


async def test_a_failure_waits_for_the_minimum_too(clock: FakeClock) -> None:
    """An outage that only happens for known addresses would tell them apart."""
    with pytest.raises(LookupError):
        async with MinimumDuration(clock, 0.3):
            raise LookupError

    assert clock.monotonic() == pytest.approx(0.3)


async def test_a_slow_answer_does_not_wait_longer(clock: FakeClock) -> None:
    """The minimum duration is no additional delay."""
    late = MinimumDuration(clock, 0.3)
    clock.advance(timedelta(seconds=1))
    await late.wait()

    assert clock.monotonic() == 1


async def test_a_cancelled_answer_does_not_wait(clock: FakeClock) -> None:
    """Nobody is listening, and a server that shuts down must not be held."""
    with pytest.raises(asyncio.CancelledError):
        async with MinimumDuration(clock, 0.3):
            raise asyncio.CancelledError

    assert clock.monotonic() == 0

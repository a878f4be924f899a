"""Answers that take their time."""

import asyncio
from datetime import timedelta

import pytest

from bymax_auth.services.timing import MinimumDuration, minimum_duration
from bymax_auth.testing import FakeClock


async def test_a_quick_answer_waits_for_the_floor(clock: FakeClock) -> None:
    """How fast an answer comes would tell whether an account exists."""
    async with minimum_duration(clock, 0.3):
        clock.advance(timedelta(milliseconds=100))

    assert clock.monotonic() == pytest.approx(0.3)


async def test_a_failure_waits_for_the_floor_too(clock: FakeClock) -> None:
    """An outage that only happens for known addresses would tell them apart."""
    with pytest.raises(LookupError):
        async with minimum_duration(clock, 0.3):
            raise LookupError

    assert clock.monotonic() == pytest.approx(0.3)


async def test_a_slow_answer_does_not_wait_longer(clock: FakeClock) -> None:
    """The floor is no delay."""
    late = MinimumDuration(clock, 0.3)
    clock.advance(timedelta(seconds=1))
    await late.wait()

    assert clock.monotonic() == 1


async def test_a_cancelled_answer_does_not_wait(clock: FakeClock) -> None:
    """Nobody is listening, and a server that shuts down must not be held."""
    with pytest.raises(asyncio.CancelledError):
        async with minimum_duration(clock, 0.3):
            raise asyncio.CancelledError

    assert clock.monotonic() == 0

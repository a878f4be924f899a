"""Time that a test moves by hand."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bymax_auth.testing import FakeClock
from tests.servers.patience import PATIENCE


async def test_a_sleep_moves_the_clock_instead_of_waiting() -> None:
    """A test of a lockout would last as long as the lockout."""
    clock = FakeClock(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    async with asyncio.timeout(PATIENCE):
        await clock.sleep(86_400)
    assert clock.now() == datetime(2026, 1, 2, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.monotonic() == 86_400


async def test_concurrent_sleeps_overlap() -> None:
    """A hundred requests at once would each seem to wait for all the others."""
    clock = FakeClock()
    await asyncio.gather(*(clock.sleep(seconds) for seconds in (1, 3, 2, 3)))
    assert clock.monotonic() == 3


async def test_a_sleep_lets_other_tasks_run() -> None:
    """A race would never be tried, for its two sides would run one after the other."""
    clock, order = FakeClock(), list[str]()

    async def sleeper() -> None:
        order.append("before")
        await clock.sleep(-1)
        order.append("after")

    async def other() -> None:
        order.append("other")

    await asyncio.gather(sleeper(), other())
    assert order == ["before", "other", "after"]
    assert clock.monotonic() == 0


def test_a_clock_stands_still_until_it_is_advanced_and_never_steps_back() -> None:
    """A test would pass or fail by the speed of the machine."""
    clock = FakeClock()
    start = clock.now()
    assert clock.now() == start
    clock.advance(timedelta(minutes=5))
    assert (clock.now() - start, clock.monotonic()) == (timedelta(minutes=5), 300)
    with pytest.raises(ValueError, match="cannot be moved backwards"):
        clock.advance(timedelta(microseconds=-1))

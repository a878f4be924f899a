"""How much waits for a thread, and what is expected of a pool that has derived nothing."""

import asyncio

import pytest

from bymax_auth.errors import Overloaded
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.testing import FakeClock, RecordingEvents
from tests.unit.services.test_kdf_pool import Derivation, run, started


async def test_everything_that_waits_is_counted(events: RecordingEvents, clock: FakeClock) -> None:
    """An operator would take a queue for an empty one."""
    pool = KdfPool(KdfBudget(workers=1, max_waiting=8), events, clock)
    work = [Derivation() for _ in range(3)]
    tasks = [run(pool, one) for one in work]
    await started(work[0])
    waiting = pool.waiting
    for one in work:
        one.release.set()
    await asyncio.gather(*tasks)
    await pool.aclose()

    assert waiting == 2


async def test_a_pool_that_has_derived_nothing_yet_expects_no_wait(
    events: RecordingEvents, clock: FakeClock
) -> None:
    """The first sign-ins after a start would be refused, although there is room for them."""
    pool = KdfPool(KdfBudget(workers=1, max_waiting=8), events, clock)
    slots = [pool.acquire(f"client {number}") for number in range(1 + 8)]
    with pytest.raises(Overloaded):
        pool.acquire("another")
    for slot in slots:
        slot.release()
    await pool.aclose()

"""Stores that are closed and started again, as those of an application that starts twice in one process."""

import asyncio
from typing import Any

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.attempts import CounterId
from tests.contract.stores import StoreSource, clock_of

COUNTER = CounterId("a" * 64, "0000")


def test_stores_work_on_each_event_loop_in_turn(store_source: StoreSource) -> None:
    """A module-level application whose tests start it twice would fail from the second test on."""
    clock = clock_of(store_source)
    stores: Any = store_source.open(clock)

    async def once() -> None:
        await stores.start()
        # Many at once: locks and semaphores belong to the loop on which somebody has waited for them.
        await asyncio.gather(*(stores.attempts.failures(COUNTER) for _ in range(60)))
        assert (await stores.attempts.failures(COUNTER)).count == 0
        await stores.aclose()
        await stores.aclose()
        with pytest.raises(StoreUnavailable):
            await stores.attempts.failures(COUNTER)

    for _ in range(3):
        asyncio.run(once())

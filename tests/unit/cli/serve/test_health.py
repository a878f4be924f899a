"""Whether what the service runs on answers, as its probes are told."""

import asyncio

import pytest

from bymax_auth.cli.serve.health import Probe
from bymax_auth.errors import StoreUnavailable
from tests.servers.patience import PATIENCE


async def test_nobody_waits_for_a_connection_that_is_given_up() -> None:
    """The orchestrator gives up first, and never learns which part it is."""
    given_up = asyncio.Event()

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await given_up.wait()
            raise StoreUnavailable("late")

    async with asyncio.timeout(PATIENCE):
        assert not await Probe(timeout=0.01).answers(slow_to_end())
    given_up.set()
    await asyncio.sleep(0)


async def test_a_part_that_fails_is_not_ready() -> None:
    """A load balancer sends people to a service whose stores refuse them."""

    async def refused() -> None:
        raise StoreUnavailable("away")

    assert not await Probe().answers(refused())


async def test_a_fault_of_the_service_is_not_taken_for_an_outage() -> None:
    """A mistake of ours hides behind an outage that nobody finds."""

    async def broken() -> None:
        raise TypeError("ours")

    with pytest.raises(TypeError):
        await Probe().answers(broken())

"""A connection has one owner: whoever was forked, or runs another event loop, opens one of its own."""

import asyncio
import gc
import multiprocessing
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis import FeedLimits, RedisStores
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.types.identity import KeyLayout
from tests.contract.samples import account
from tests.servers.patience import LIMITS, PATIENCE
from tests.servers.redis import RedisProcess

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
    # A loop that ended with open connections leaves them to the garbage collector, which says so.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

HOUR = timedelta(hours=1)
CALLS = 200


@pytest.fixture(autouse=True)
def left_connections() -> Iterator[None]:
    """Collect what a loop left open here, where its warning is expected."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def of_url(server: RedisProcess) -> RedisStores:
    return RedisStores.from_url(server.url, limits=LIMITS)


def of_host(server: RedisProcess) -> RedisStores:
    return RedisStores(Redis.from_url(server.url, protocol=2), limits=LIMITS)


def with_feed(server: RedisProcess) -> RedisStores:
    return RedisStores.from_url(server.url, limits=LIMITS, revocation=FeedLimits())


KINDS = [of_url, of_host, with_feed]


async def counts(stores: RedisStores, client: str) -> None:
    """Count requests of a client; every reply must be its own."""
    for expected in range(1, CALLS + 1):
        verdict = await stores.rate_limits.hit("login", client * 64, expected, HOUR)
        assert verdict.allowed
        refused = await stores.rate_limits.hit("other", client * 64, expected - 1, HOUR)
        assert not refused.allowed


def in_fork(work: Callable[[], Coroutine[Any, Any, None]]) -> "multiprocessing.process.BaseProcess":
    process = multiprocessing.get_context("fork").Process(target=lambda: asyncio.run(work()))
    process.start()
    return process


async def ended(process: "multiprocessing.process.BaseProcess") -> int | None:
    await asyncio.to_thread(process.join, PATIENCE)
    return process.exitcode


@pytest.mark.processes
@pytest.mark.parametrize("kind", KINDS)
async def test_a_forked_process_shares_no_connection(
    kind: Callable[[RedisProcess], RedisStores], redis_server: RedisProcess
) -> None:
    """A reply to one process would reach the other, and say of one person what is true of another."""
    stores = kind(redis_server)
    await stores.start()
    await counts(stores, "a")

    async def child() -> None:
        await stores.start()
        await counts(stores, "b")
        await stores.aclose()

    process = in_fork(child)
    await counts(stores, "c")
    assert await ended(process) == 0
    await stores.revocation.bump_epoch(account())
    await stores.aclose()


@pytest.mark.processes
async def test_a_process_that_closes_what_it_inherited_ends_nothing_of_its_parent(
    redis_server: RedisProcess,
) -> None:
    """A worker that stops must not cut its server off."""
    stores = of_url(redis_server)
    await stores.start()
    process = in_fork(stores.aclose)
    assert await ended(process) == 0
    await counts(stores, "a")
    await stores.aclose()


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_event_loop_opens_a_connection_of_its_own(
    kind: Callable[[RedisProcess], RedisStores], redis_server: RedisProcess
) -> None:
    """A script or a test that runs several loops would fail from the second on, with an error of asyncio."""
    stores = kind(redis_server)
    for client in "abc":
        asyncio.run(started_and(counts(stores, client), stores))
    asyncio.run(stores.aclose())


async def started_and(work: Coroutine[Any, Any, None], stores: RedisStores) -> None:
    await stores.start()
    await work


async def test_two_running_loops_are_told_apart(redis_server: RedisProcess) -> None:
    """Each would take the connection away from the other at every request."""
    stores = of_url(redis_server)
    await stores.start()
    seen: list[BaseException] = []

    def other_loop() -> None:
        try:
            asyncio.run(counts(stores, "b"))
        except StoreUnavailable as error:
            seen.append(error)

    thread = threading.Thread(target=other_loop)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert "another event loop" in str(seen[0])
    await counts(stores, "a")
    await stores.aclose()


def test_a_cluster_client_of_the_hosts_says_where_to_build_it() -> None:
    """It keeps a connection to every node, and has no way to leave them."""
    executor = ScriptExecutor(RedisCluster("127.0.0.1", 1), KeyBuilder("auth", KeyLayout.TAGGED))

    async def used() -> None:
        executor.take_over()

    asyncio.run(used())
    with pytest.raises(StoreUnavailable, match="from_url"):
        asyncio.run(used())


def test_a_cluster_client_of_ours_is_built_again() -> None:
    """Whoever gives an address need not know when it is connected to."""
    keys = KeyBuilder("auth", KeyLayout.TAGGED)
    first, second = RedisCluster("127.0.0.1", 1), RedisCluster("127.0.0.1", 1)
    executor = ScriptExecutor(first, keys, reopen=lambda: second)

    async def used() -> bool:
        return executor.take_over()

    assert [asyncio.run(used()), asyncio.run(used())] == [False, True]
    assert executor.client is second

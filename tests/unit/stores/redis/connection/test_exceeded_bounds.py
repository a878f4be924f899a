"""A request that Redis keeps waiting for too long says in the log which bound it exceeded."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.cluster import RedisCluster as ClusterClient

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis import Limits, RedisStores
from bymax_auth.types.identity import Realm
from tests.contract.samples import account
from tests.servers.cluster import RedisCluster
from tests.servers.patience import opened, patiently
from tests.servers.proxy import Proxy
from tests.servers.redis import RedisProcess

OWNER = account(Realm.DASHBOARD)
SHORT = 0.05
"""For what is never answered in time."""
AMPLE = 2.0
"""For what is answered once, and then no more."""
LONG = 30.0


@pytest.fixture
async def proxy(redis_server: RedisProcess) -> AsyncIterator[Proxy]:
    async with Proxy(redis_server.port) as opened:
        yield opened


def exceeded(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    """The bounds of the log: name, value, and the option that raises it."""
    found = [vars(record) for record in caplog.records if vars(record).get("event") == "store.bound_exceeded"]
    return [(record["bound"], record["limit"], record["option"]) for record in found]


def raised_by(*names: str) -> str:
    """How the log says that these limits are raised."""
    variables = ", ".join(f"BYMAX_AUTH_REDIS__LIMITS__{name.upper()}" for name in names)
    return f"RedisStores(limits=Limits({', '.join(f'{name}=...' for name in names)})) or {variables}"


async def refused(stores: RedisStores) -> None:
    with pytest.raises(StoreUnavailable):
        await stores.revocation.bump_epoch(OWNER)


async def test_a_reply_that_comes_too_late_is_named(proxy: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    """A burst would be refused without a hint that a longer wait would have served it."""
    stores = opened(RedisStores.from_url(proxy.url, limits=Limits(answer=AMPLE, connect=LONG)))
    await stores.revocation.current_epoch(OWNER)
    proxy.stall()
    await asyncio.gather(*(refused(stores) for _ in range(20)))
    assert exceeded(caplog) == [("answer", "2 s", raised_by("answer"))]
    assert OWNER.hash not in caplog.text
    await stores.aclose()


async def test_a_connection_that_opens_too_slowly_is_named(
    proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    """The driver's timeout would be taken for a fault of the network."""
    proxy.stall()
    stores = opened(RedisStores.from_url(proxy.url, limits=Limits(connect=SHORT, answer=SHORT, queue=LONG)))
    await refused(stores)
    option = raised_by("connect") + ", or the timeout of a client of your own,"
    assert exceeded(caplog) == [("connect", "0.05 s", option)]
    await stores.aclose()


async def test_a_connection_that_another_request_opens_is_waited_for_within_a_bound(
    proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    """A host's client without a timeout would leave the wait unexplained."""
    clients: Any = AsyncRedis
    client = clients.from_url(proxy.url)
    proxy.stall()
    stores = opened(RedisStores(client, limits=Limits(connect=SHORT, queue=SHORT)))
    await refused(stores)
    option = raised_by("queue", "connect")
    assert exceeded(caplog) == [("queue + connect", "0.1 s", option)]
    await stores.aclose()
    await client.aclose()


async def test_too_many_pending_commands_are_named(proxy: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    """The one bound that refuses at once would look like an outage of Redis."""
    stores = opened(RedisStores.from_url(proxy.url, limits=Limits(waiting=1, answer=LONG)))
    await stores.revocation.current_epoch(OWNER)
    proxy.stall()
    waiting = asyncio.create_task(stores.revocation.current_epoch(OWNER))
    await asyncio.sleep(0)
    await refused(stores)
    option = raised_by("waiting")
    assert exceeded(caplog) == [("waiting", "1 commands", option)]
    proxy.flow()
    await waiting
    await stores.aclose()


async def test_a_cluster_without_a_free_connection_is_named(
    redis_cluster: RedisCluster, caplog: pytest.LogCaptureFixture
) -> None:
    """A burst on a Cluster would be refused, and nobody would know that it only had to wait longer."""
    limits = Limits(connections=1, queue=SHORT, connect=LONG, answer=LONG)
    stores = opened(RedisStores.from_url(redis_cluster.url, layout="tagged", limits=limits))
    await stores.revocation.current_epoch(OWNER)
    for node in redis_cluster.nodes:
        node.pause()
    holding = asyncio.create_task(stores.revocation.current_epoch(OWNER))
    await asyncio.sleep(0)
    try:
        await refused(stores)
    finally:
        for node in redis_cluster.nodes:
            node.resume()
    assert exceeded(caplog) == [("queue", "0.05 s", raised_by("queue"))]
    assert await holding == 0
    await stores.aclose()


@pytest.mark.parametrize("of_driver", [False, True])
async def test_a_cluster_that_answers_too_late_is_named(
    redis_cluster: RedisCluster, caplog: pytest.LogCaptureFixture, *, of_driver: bool
) -> None:
    """Whoever applied the bound, the stores or a client of the host's, the log would be silent about it."""
    clients: Any = ClusterClient
    url = redis_cluster.url.replace("redis+cluster", "redis")
    client = clients.from_url(url, socket_timeout=0.3 if of_driver else LONG)
    limits = Limits(connect=LONG, answer=LONG) if of_driver else Limits(connect=SHORT, answer=SHORT)
    stores = opened(RedisStores(client, layout="tagged", limits=Limits(connect=LONG, answer=LONG)))
    await patiently(lambda: stores.revocation.current_epoch(OWNER))
    await stores.aclose()
    caplog.clear()
    stores = opened(RedisStores(client, layout="tagged", limits=limits))
    for node in redis_cluster.nodes:
        node.pause()
    try:
        await refused(stores)
    finally:
        for node in redis_cluster.nodes:
            node.resume()
    (name, _, option), *others = exceeded(caplog)
    assert (name, others) == ("connect + answer", [])
    assert ("client of your own" in option) is of_driver
    await stores.aclose()
    await client.aclose()

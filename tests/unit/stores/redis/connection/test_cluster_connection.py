"""The way into a Cluster's client when everybody comes at once."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from redis.asyncio.cluster import RedisCluster as ClusterClient
from redis.exceptions import MaxConnectionsError

from bymax_auth.errors import StoreCorrupt, StoreUnavailable
from bymax_auth.stores.redis import Limits, RedisStores
from bymax_auth.stores.redis.connection.cluster_connection import ClusterConnection
from bymax_auth.types.identity import Realm
from tests.contract.samples import account
from tests.servers.cluster import RedisCluster
from tests.servers.patience import LIMITS, PATIENCE, opened, patiently, redis_stores

OWNER = account(Realm.DASHBOARD)
MANY = 200


@contextmanager
def standing_still(cluster: RedisCluster) -> Generator[None, None, None]:
    """No server of the Cluster does anything, and none gives another one up for that."""
    try:
        for node in cluster.nodes:
            node.pause()
        yield
    finally:
        for node in cluster.nodes:
            node.resume()


async def test_the_first_requests_share_one_look_at_the_cluster(redis_cluster: RedisCluster) -> None:
    """A deployment's first burst of sign-ins would be refused."""
    stores = redis_stores(redis_cluster.url, layout="tagged")
    raised = await asyncio.gather(*(stores.revocation.bump_epoch(OWNER) for _ in range(200)))
    assert sorted(raised) == list(range(1, 201))
    await stores.aclose()


async def test_bytes_that_a_client_of_the_hosts_cannot_decode_are_corrupt(
    redis_cluster: RedisCluster,
) -> None:
    """A damaged record would end a request with an exception of the driver's."""
    clients: Any = ClusterClient
    client = opened(
        clients.from_url(redis_cluster.url.replace("redis+cluster", "redis"), decode_responses=True)
    )
    await client.set(f"auth:{{{OWNER.route}}}:ep:{OWNER.hash}", b"\xff", px=60_000)
    stores = opened(RedisStores(client, layout="tagged", limits=LIMITS))
    with pytest.raises(StoreCorrupt):
        await stores.revocation.current_epoch(OWNER)
    await stores.aclose()
    await client.aclose()


@pytest.mark.parametrize("retries", [0, 1])
async def test_many_values_are_read_whatever_the_clients_retries(
    redis_cluster: RedisCluster, retries: int
) -> None:
    """Release 5 of the driver sends no pipeline without any, and every open socket would end."""
    clients: Any = ClusterClient
    client = opened(clients.from_url(redis_cluster.url.replace("redis+cluster", "redis")))
    client.cluster_error_retry_attempts = retries
    names = [f"auth:{number}" for number in range(50)]
    for name in names[::2]:
        await client.set(name, f"of {name}", px=60_000)
    await client.hset(names[1], "a", "b")
    connection = ClusterConnection(client, LIMITS)
    wanted = [None if number % 2 else f"of {name}" for number, name in enumerate(names)]
    assert await connection.values(names) == wanted
    assert await connection.values([]) == []
    await client.execute_command("DEL", names[1])
    await client.aclose()


async def test_a_fit_cluster_starts(redis_cluster: RedisCluster) -> None:
    """A Cluster could not be used at all."""
    stores = redis_stores(redis_cluster.url, layout="tagged", strict=True)
    await stores.start()
    await stores.aclose()


async def test_a_request_that_gets_no_turn_is_refused(redis_cluster: RedisCluster) -> None:
    """Requests would pile up behind a slow Cluster until the process has no memory left."""
    client = opened(ClusterClient.from_url(redis_cluster.url.replace("redis+cluster", "redis")))
    connection = ClusterConnection(client, Limits(connections=1, queue=0.01))
    async with connection.slot():
        with pytest.raises(MaxConnectionsError):
            async with connection.slot():
                pytest.fail("two commands on one connection")
    await client.aclose()


async def test_a_cluster_that_is_away_is_an_outage() -> None:
    """A request would wait for ever, or be let in."""
    limits = Limits(connect=0.2)
    stores = redis_stores("redis+cluster://127.0.0.1:1", layout="tagged", limits=limits)
    with pytest.raises(StoreUnavailable):
        await stores.revocation.bump_epoch(OWNER)
    with pytest.raises(StoreUnavailable):
        await stores.start()
    await stores.aclose()


async def test_nobody_waits_longer_than_one_command_may_take(redis_cluster: RedisCluster) -> None:
    """Each request would look for the Cluster itself, one after the other, and the last wait for minutes."""
    limits = Limits(connect=0.1, answer=0.1, queue=0.1, connections=MANY)
    stores = redis_stores(redis_cluster.url, layout="tagged", limits=limits)
    loop = asyncio.get_running_loop()
    assert await patiently(lambda: stores.revocation.bump_epoch(OWNER)) >= 1
    with standing_still(redis_cluster):
        for _ in range(2):
            began = loop.time()
            asked = [stores.revocation.bump_epoch(OWNER) for _ in range(MANY)]
            ends = await asyncio.gather(*asked, return_exceptions=True)
            assert {type(end) for end in ends} == {StoreUnavailable}
            assert loop.time() - began < MANY * (limits.connect + limits.answer), "one after the other"
    assert await patiently(lambda: stores.revocation.current_epoch(OWNER)) >= 1
    client: Any = vars(stores)["_executor"].client
    for connection in [each for node in client.get_nodes() for each in node._connections]:
        # The driver limits closing by it too, which is not what this test is about.
        connection.socket_connect_timeout = PATIENCE
    await stores.aclose()


async def test_closing_releases_everybody_who_looks_for_the_cluster(redis_cluster: RedisCluster) -> None:
    """A server that shuts down would wait for a Cluster that stands still."""
    stores = redis_stores(redis_cluster.url, layout="tagged")
    with standing_still(redis_cluster):
        asked = [asyncio.create_task(stores.revocation.bump_epoch(OWNER)) for _ in range(3)]
        await asyncio.sleep(0)
        await stores.aclose()
        ends = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(end) for end in ends} == {StoreUnavailable}

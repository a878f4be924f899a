"""The way into a Cluster's client when everybody comes at once."""

import asyncio
from typing import Any

import pytest
from redis.asyncio.cluster import RedisCluster as ClusterClient
from redis.exceptions import MaxConnectionsError

from bymax_auth.errors import StoreCorrupt, StoreUnavailable
from bymax_auth.stores.redis import Limits, RedisStores
from bymax_auth.stores.redis.turnstile import Turnstile
from bymax_auth.types.identity import Realm
from tests.contract.samples import account
from tests.servers.cluster import RedisCluster

OWNER = account(Realm.DASHBOARD)


async def test_the_first_requests_share_one_look_at_the_cluster(redis_cluster: RedisCluster) -> None:
    """A deployment's first burst of sign-ins would be refused."""
    stores = RedisStores.from_url(redis_cluster.url, layout="tagged")
    raised = await asyncio.gather(*(stores.revocation.bump_epoch(OWNER) for _ in range(200)))
    assert sorted(raised) == list(range(1, 201))
    await stores.aclose()


async def test_bytes_that_a_client_of_the_hosts_cannot_decode_are_corrupt(
    redis_cluster: RedisCluster,
) -> None:
    """A damaged record would end a request with an exception of the driver's."""
    clients: Any = ClusterClient
    client = clients.from_url(redis_cluster.url.replace("redis+cluster", "redis"), decode_responses=True)
    await client.set(f"auth:{{{OWNER.route}}}:ep:{OWNER.hash}", b"\xff", px=60_000)
    stores = RedisStores(client, layout="tagged")
    with pytest.raises(StoreCorrupt):
        await stores.revocation.current_epoch(OWNER)
    await stores.aclose()
    await client.aclose()


async def test_a_fit_cluster_starts(redis_cluster: RedisCluster) -> None:
    """A Cluster could not be used at all."""
    stores = RedisStores.from_url(redis_cluster.url, layout="tagged", strict=True)
    await stores.start()
    await stores.aclose()


async def test_a_request_that_gets_no_turn_is_refused(redis_cluster: RedisCluster) -> None:
    """Requests would pile up behind a slow Cluster until the process has no memory left."""
    client = ClusterClient.from_url(redis_cluster.url.replace("redis+cluster", "redis"))
    turnstile = Turnstile(client, Limits(connections=1, queue=0.01))
    async with turnstile.place():
        with pytest.raises(MaxConnectionsError):
            async with turnstile.place():
                pytest.fail("two commands on one connection")
    await client.aclose()


async def test_a_cluster_that_is_away_is_an_outage() -> None:
    """A request would wait for ever, or be let in."""
    limits = Limits(connect=0.2)
    stores = RedisStores.from_url("redis+cluster://127.0.0.1:1", layout="tagged", limits=limits)
    with pytest.raises(StoreUnavailable):
        await stores.revocation.bump_epoch(OWNER)
    with pytest.raises(StoreUnavailable):
        await stores.start()
    await stores.aclose()

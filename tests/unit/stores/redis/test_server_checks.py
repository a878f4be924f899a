"""A client that repeats commands by itself is named when it is first used."""

import logging
from typing import Any

import pytest
import redis
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bymax_auth.stores.redis import RedisStores
from tests.servers.cluster import RedisCluster as Cluster
from tests.servers.patience import redis_stores
from tests.servers.redis import RedisProcess

ONCE: Any = Retry(NoBackoff(), 0)
AGAIN: Any = Retry(NoBackoff(), 3)


async def told(client: Any, caplog: pytest.LogCaptureFixture, layout: str = "shared") -> bool:
    """Whether a deployment on that client is warned."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, "bymax_auth"):
        await RedisStores(client, layout=layout).start()
    await client.aclose()
    return "counts twice" in caplog.text


async def test_a_client_that_repeats_commands_is_named(
    redis_server: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """One wrong password would count as two, and lock its owner out early."""
    port = redis_server.port
    assert await told(Redis(port=port, retry=AGAIN), caplog)
    assert await told(Redis.from_url(redis_server.url, retry_on_error=[TimeoutError]), caplog)
    assert not await told(Redis(port=port, retry=ONCE), caplog)
    assert not await told(Redis.from_url(redis_server.url), caplog)


async def test_a_cluster_client_that_repeats_commands_is_named(
    redis_cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """The same, where the client looks for another node."""
    port = redis_cluster.master_ports()[0]
    assert await told(RedisCluster(host="127.0.0.1", port=port, retry=AGAIN), caplog, "tagged")
    settled: dict[str, Any] = (
        {"cluster_error_retry_attempts": 0} if redis.__version__.startswith("5.") else {}
    )
    client = RedisCluster(host="127.0.0.1", port=port, retry=ONCE, **settled)
    assert not await told(client, caplog, "tagged")


async def test_the_client_of_an_address_repeats_nothing(
    redis_server: RedisProcess, redis_cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning that nobody can act on."""
    with caplog.at_level(logging.WARNING, "bymax_auth"):
        for stores in (
            redis_stores(redis_server.url),
            redis_stores(redis_cluster.url, layout="tagged"),
        ):
            await stores.start()
            await stores.aclose()
    assert "counts twice" not in caplog.text

"""Real servers for the tests of the Redis stores, and two ways to one of them."""

from collections.abc import AsyncIterator

import pytest
from redis import Redis

from bymax_auth.stores.redis import RedisStores
from tests.servers.kept_clients import client_at
from tests.servers.patience import closed_after_test, redis_stores
from tests.servers.redis import RedisProcess

__all__ = ["closed_after_test", "raw", "stores"]


@pytest.fixture
async def stores(redis_server: RedisProcess) -> AsyncIterator[RedisStores]:
    """Stores on an empty server."""
    opened = redis_stores(redis_server.url)
    yield opened
    await opened.aclose()


@pytest.fixture
def raw(redis_server: RedisProcess) -> Redis:
    """The same server past the stores, as somebody has it who damages them."""
    return client_at(redis_server.port)

"""What the stores make of a network that fails between them and a Redis that is well."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis import Limits, RedisStores
from bymax_auth.types.identity import Realm
from tests.contract.samples import account, counter
from tests.servers.patience import patiently, redis_stores
from tests.servers.proxy import Proxy
from tests.servers.redis import RedisProcess

OWNER = account(Realm.DASHBOARD)
HOUR = timedelta(hours=1)


@pytest.fixture
async def proxy(redis_server: RedisProcess) -> AsyncIterator[Proxy]:
    """The way to an empty server."""
    async with Proxy(redis_server.port) as opened:
        yield opened


@pytest.fixture
async def stores(proxy: Proxy) -> AsyncIterator[RedisStores]:
    """Stores that reach their server through the proxy, and have connected."""
    opened = redis_stores(proxy.url)
    await opened.start()
    yield opened
    await opened.aclose()


async def test_a_read_survives_one_lost_connection(proxy: Proxy, stores: RedisStores) -> None:
    """Each restart of a proxy or a failover would sign a request out with an error."""
    await stores.revocation.blacklist(OWNER, "jti", HOUR)
    proxy.lose_replies(1)
    assert (await stores.revocation.token_state(OWNER, "jti")).blacklisted


async def test_a_read_of_many_keys_survives_one_lost_connection_and_no_more(
    proxy: Proxy, stores: RedisStores
) -> None:
    """Every open socket would be unanswered for as long as a server takes to restart."""
    await stores.revocation.blacklist(OWNER, "jti", HOUR)
    proxy.lose_replies(1)
    (state,) = await stores.revocation.token_states([(OWNER, "jti")])
    assert state.blacklisted
    proxy.lose_replies(2)
    with pytest.raises(StoreUnavailable):
        await stores.revocation.token_states([(OWNER, "jti")])


async def test_a_write_whose_reply_is_lost_is_not_sent_again(proxy: Proxy, stores: RedisStores) -> None:
    """One wrong password would count as two, and lock a person out early."""
    await stores.revocation.bump_epoch(OWNER)
    proxy.lose_replies(1)
    with pytest.raises(StoreUnavailable):
        await stores.revocation.bump_epoch(OWNER)
    assert await stores.revocation.current_epoch(OWNER) == 2


async def test_a_redis_that_says_nothing_is_an_outage(proxy: Proxy) -> None:
    """Requests would hang for as long as the network does."""
    stores = redis_stores(proxy.url, limits=Limits(connect=0.3, answer=0.3))
    proxy.stall()
    with pytest.raises(StoreUnavailable):
        await stores.attempts.begin(counter(), 5)
    with pytest.raises(StoreUnavailable):
        await stores.revocation.token_state(OWNER, "jti")
    proxy.flow()
    assert await patiently(lambda: stores.revocation.current_epoch(OWNER)) == 0


async def test_a_redis_that_refuses_and_returns_is_used_again(proxy: Proxy, stores: RedisStores) -> None:
    """After a short outage the application would have to be restarted."""
    proxy.refuse()
    await proxy.cut()
    with pytest.raises(StoreUnavailable):
        await stores.revocation.token_state(OWNER, "jti")
    proxy.admit()
    assert not (await stores.revocation.token_state(OWNER, "jti")).blacklisted

"""A feed behind Sentinels, which lose the master."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis import Limits, RedisStores
from bymax_auth.types.identity import Realm
from tests.contract.samples import account
from tests.servers.patience import PATIENCE, closed_after_test, patiently, redis_stores
from tests.servers.redis import RedisProcess
from tests.servers.sentinel import RedisSentinels, redis_sentinels

__all__ = ["closed_after_test", "redis_sentinels"]

pytestmark = pytest.mark.processes

OWNER = account(Realm.DASHBOARD)
LIFE = timedelta(minutes=15)
LIMITS = Limits(connect=0.5, answer=0.5, queue=0.5)


async def test_a_feed_follows_the_new_master(redis_sentinels: RedisSentinels) -> None:
    """A token that was taken back is let in after a failover, or Redis is asked about every one."""
    lost = redis_sentinels.master()
    aged: Any = {"k": "begin", "v": "", "x": 0, "n": "aged", "h": 0}
    with lost.client() as client:
        client.xadd("auth:feed:revocations", aged, id="5-0")
    ours = redis_stores(redis_sentinels.url, limits=LIMITS, revocation="feed")
    other = redis_stores(redis_sentinels.url, limits=LIMITS, revocation="feed")
    for stores in (ours, other):
        await patiently(stores.start)
    await revoked(other, "before")
    await remembers(ours, "before")
    assert lost.is_followed()
    lost.stop()
    promoted = await asyncio.to_thread(redis_sentinels.wait_for_failover, lost)
    await revoked(other, "after")
    await remembers(ours, "after")
    asked = mget_calls(promoted)
    for jti in ("before", "after"):
        assert (await ours.revocation.token_state(OWNER, jti)).blacklisted
    assert not (await ours.revocation.token_state(OWNER, "never")).blacklisted
    assert mget_calls(promoted) == asked, "memory answered"
    for stores in (ours, other):
        await stores.aclose()


async def revoked(stores: RedisStores, jti: str) -> None:
    """Take a token back; after a failover the first attempts may meet the lost master."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(StoreUnavailable):
                await stores.revocation.blacklist(OWNER, jti, LIFE)
                return
            await asyncio.sleep(0.05)


async def remembers(stores: RedisStores, jti: str) -> None:
    """Return when memory answers, and knows that this token was taken back."""
    async with asyncio.timeout(PATIENCE):
        while not await knows(stores, jti):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


async def knows(stores: RedisStores, jti: str) -> bool:
    assert stores.feed is not None
    if stores.feed.current_cache() is None:
        return False
    return (await stores.revocation.token_state(OWNER, jti)).blacklisted


def mget_calls(server: RedisProcess) -> int:
    facts: Any
    with server.client() as client:
        facts = client.info("commandstats")
    return int(facts.get("cmdstat_mget", {}).get("calls", 0))

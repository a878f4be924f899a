"""
A deployment behind Sentinels, which lose the master and one another.

Whoever asks is sent to the master alone; a lost one is replaced without anybody's help, and until
then every request is answered with success or the documented envelope.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis import Limits, RedisStores
from bymax_auth.stores.redis.connection.connect import connect
from bymax_auth.types.identity import Realm
from tests.contract.samples import account, counter
from tests.integration.faults.test_redis_faults import PEOPLE, Load, still_works, under_load
from tests.integration.http.world import a_world
from tests.integration.keeping import kept_in
from tests.servers.patience import LIMITS as PATIENT
from tests.servers.patience import PATIENCE, closed_after_test, patiently, redis_stores
from tests.servers.redis import RedisProcess, free_port
from tests.servers.sentinel import RedisSentinels, redis_sentinels

__all__ = ["closed_after_test", "redis_sentinels"]

pytestmark = [pytest.mark.slow, pytest.mark.processes]

LIMITS = Limits(connect=0.5, answer=0.5, queue=0.5)
OWNER = account(Realm.DASHBOARD)


def opened(url: str) -> Callable[[], RedisStores]:
    return lambda: redis_stores(url, limits=LIMITS)


def assert_left_alone(server: RedisProcess) -> None:
    """Nobody but the Sentinels and the master talks to this server, and no write was tried on it."""
    asked: Any
    with server.client() as asked:
        ours = [client for client in asked.client_list() if client["name"] == "bymax-auth"]
        assert ours == []
        assert "errorstat_READONLY" not in asked.info("errorstats")


def keys_of(server: RedisProcess) -> list[str]:
    with server.client() as client:
        return sorted(str(key) for key in client.scan_iter("auth:*", count=1000))


async def test_people_sign_in_and_out_though_the_first_sentinel_is_dead(
    redis_sentinels: RedisSentinels,
) -> None:
    """One lost machine of three would lock everybody out, or sessions would go where they get lost."""
    ports = (free_port(), *(sentinel.port for sentinel in redis_sentinels.sentinels[1:]))
    with kept_in(lambda: redis_stores(redis_sentinels.url_through(*ports))):
        async with a_world() as world:
            cookies = await world.signed_in()
            answer = await world.driver.call("POST", "/refresh", cookies=cookies)
            assert answer.status == 200
            cookies |= answer.cookies
            assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200
            assert (await world.driver.call("POST", "/logout", cookies=cookies)).status == 204
            answer = await world.driver.call("GET", "/me", cookies=cookies)
            assert (answer.status, answer.code) == (401, "auth.token_invalid")
            assert_left_alone(redis_sentinels.replica())
            assert redis_sentinels.master().is_followed()
            assert keys_of(redis_sentinels.replica()) == keys_of(redis_sentinels.master()) != []


async def kill(master: RedisProcess) -> None:
    master.stop()


async def pause(master: RedisProcess) -> None:
    master.pause()


async def begin_again(master: RedisProcess) -> None:
    await asyncio.to_thread(master.start)


async def go_on(master: RedisProcess) -> None:
    master.resume()


@pytest.mark.parametrize(
    ("lose", "bring_back"), [(kill, begin_again), (pause, go_on)], ids=["killed", "hung"]
)
async def test_a_lost_master_is_replaced_under_load(
    redis_sentinels: RedisSentinels, lose: Any, bring_back: Any
) -> None:
    """The loss of one machine would hang requests, revive a stolen session, or need somebody at night."""
    master = redis_sentinels.master()
    async with under_load(opened(redis_sentinels.url), durable=False) as load:
        taken_back = await ended_session(load)
        assert await asyncio.to_thread(master.is_followed), "the revocation has reached the replica"
        await lose(master)
        promoted = await asyncio.to_thread(redis_sentinels.wait_for_failover, master)
        assert all(await asyncio.gather(*(still_works(load, person) for person in range(PEOPLE))))
        await refused(load, taken_back)
        await bring_back(master)
        await asyncio.to_thread(redis_sentinels.wait_for_reunion)
        assert redis_sentinels.replica() is master
        assert all(await asyncio.gather(*(still_works(load, person) for person in range(PEOPLE))))
        await refused(load, taken_back)
        assert_left_alone(master)
    failures = {type(error) for _, error in load.world.failures}
    assert failures == {StoreUnavailable}, "the loss was felt, and as nothing else"
    assert promoted.is_followed()
    assert keys_of(master) == keys_of(promoted)


async def ended_session(load: Load) -> dict[str, str]:
    """The cookies of somebody who is signed out."""
    cookies = await load.sign_in(0)
    assert (await load.call("POST", "/logout", cookies=cookies)).status == 204
    return cookies


async def refused(load: Load, cookies: dict[str, str]) -> None:
    answer = await load.call("GET", "/me", cookies=cookies)
    assert (answer.status, answer.code) == (401, "auth.token_invalid")
    answer = await load.call("POST", "/refresh", cookies=cookies)
    assert (answer.status, answer.code) == (401, "auth.refresh_token_invalid")


@pytest.fixture
async def stores(redis_sentinels: RedisSentinels) -> AsyncIterator[RedisStores]:
    """A bundle that has connected."""
    bundle = opened(redis_sentinels.url)()
    await patiently(bundle.start)
    try:
        yield bundle
    finally:
        await bundle.aclose()


async def test_sentinels_that_are_replaced_one_by_one_are_all_remembered(
    redis_sentinels: RedisSentinels, stores: RedisStores
) -> None:
    """After an upgrade of the Sentinels the application would know none of them any more."""
    for sentinel in redis_sentinels.sentinels:
        sentinel.stop()
        await asyncio.to_thread(everybody_leaves, redis_sentinels.master())
        assert all(await asyncio.gather(*(answered(stores) for _ in range(20))))
        await asyncio.to_thread(redis_sentinels.restart_sentinel, sentinel)
    for sentinel in redis_sentinels.sentinels[:2]:
        sentinel.stop()
    await asyncio.to_thread(everybody_leaves, redis_sentinels.master())
    assert await answered(stores)


async def test_many_questions_at_once_forget_no_sentinel(redis_sentinels: RedisSentinels) -> None:
    """After a busy start only some Sentinels would be left to ask, and with them service would end."""
    first, *others = redis_sentinels.sentinels
    first.stop()
    client: Any = connect(redis_sentinels.url, PATIENT)
    pool = client.connection_pool
    try:
        await asyncio.gather(*(pool.get_master_address() for _ in range(20)))
        for other in others:
            other.stop()
        first.start()
        assert await pool.get_master_address() == ("127.0.0.1", redis_sentinels.servers[0].port)
    finally:
        await client.aclose()


def everybody_leaves(master: RedisProcess) -> None:
    """End every connection of the application."""
    with master.client() as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "normal")


async def answered(stores: RedisStores) -> bool:
    """Return when a question is answered; the first may find its connection gone, or a machine too busy."""
    await patiently(lambda: stores.revocation.current_epoch(OWNER))
    return True


async def test_no_sentinel_at_all_is_an_outage_and_ends(
    redis_sentinels: RedisSentinels, stores: RedisStores
) -> None:
    """Requests would hang, or the application would have to be restarted after the Sentinels."""
    for sentinel in redis_sentinels.sentinels:
        sentinel.stop()
    await asyncio.to_thread(everybody_leaves, redis_sentinels.servers[0])
    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(stores.revocation.bump_epoch(OWNER), PATIENCE)
    redis_sentinels.sentinels[2].start()
    assert await answered(stores)


async def test_a_name_that_no_sentinel_knows_is_an_outage(redis_sentinels: RedisSentinels) -> None:
    """A mistyped name would look like a crash of the product."""
    ports = [sentinel.port for sentinel in redis_sentinels.sentinels]
    stores = opened(redis_sentinels.url_through(*ports, name="mian"))()
    with pytest.raises(StoreUnavailable):
        await stores.start()
    with pytest.raises(StoreUnavailable):
        await stores.attempts.begin(counter(), 5)
    await stores.aclose()

"""A process that follows the feed: what wakes it, what interrupts it, and what ends it."""

import asyncio
from typing import Any

import pytest
from redis.exceptions import RedisError

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis.connection.connect import Limits
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.types.identity import KeyLayout
from tests.servers.pair import MovingAddress, RedisPair, order
from tests.servers.patience import PATIENCE, redis_stores
from tests.servers.redis import RedisProcess
from tests.unit.stores.redis.feed.test_feed import ANA, MINUTE, STREAM, Process, asked, begin, pair

__all__ = ["pair"]


async def test_a_reader_leaves_a_master_that_became_a_replica() -> None:
    """After a failover a process would ask Redis about every request until it is started again."""
    pair = RedisPair()
    pair.start()
    begin(pair.master)
    try:
        async with MovingAddress(pair.master.port) as address:
            process = Process(address.url)
            await process.feed.refresh()
            address.move(pair.other.port)
            order(pair.promote(), "REPLICAOF", "127.0.0.1", pair.master.port)
            process.moment += 2
            with pytest.raises(RedisError):
                await process.feed.refresh()
            await process.feed.refresh()
            assert process.feed.current_cache() is not None
            await process.aclose()
    finally:
        pair.stop()


async def test_the_stores_follow_their_feed(redis_server: RedisProcess) -> None:
    """A process would never hear of a revocation until its memory was too old."""
    begin(redis_server)
    stores = redis_stores(redis_server.url, revocation="feed")
    await stores.start()
    other = Process(redis_server.url)
    await other.revocation.blacklist(ANA, "j1", MINUTE)
    feed, key = stores.feed, other.keys.key("rv", "j1", ANA.route)
    assert feed is not None
    await feed.start()
    async with asyncio.timeout(PATIENCE):
        while (cache := feed.current_cache()) is None or cache.value(key) is None:  # noqa: ASYNC110
            await asyncio.sleep(0)
    await stores.aclose()
    await stores.aclose()
    assert feed.current_cache() is None
    await other.aclose()


@pytest.mark.parametrize("patience", [0.1, 0.25])
async def test_a_short_patience_does_not_interrupt_a_quiet_feed(
    redis_server: RedisProcess, caplog: pytest.LogCaptureFixture, patience: float
) -> None:
    """Every process would connect anew several times a second, for as long as nobody signs out."""
    begin(redis_server)
    process = Process(redis_server.url, patience=Limits(connect=0.5, answer=patience))
    await process.feed.start()
    # A machine that is busy elsewhere may interrupt it now and then, but not each time.
    async with asyncio.timeout(PATIENCE):
        while not await quiet(process, caplog):
            pass
    await process.aclose()


async def quiet(process: Process, caplog: pytest.LogCaptureFixture) -> bool:
    """Whether a feed without news goes on undisturbed for longer than it may wait for an answer."""
    caplog.clear()
    await asyncio.sleep(0.3)
    return process.feed.current_cache() is not None and "interrupted" not in caplog.text


async def test_a_quiet_feed_writes_nothing(pair: tuple[Process, Process], redis_server: RedisProcess) -> None:
    """Each process would add a line to Redis's log on disk several times a second."""
    one, two = pair
    await one.feed.refresh()
    with asked(redis_server) as client:
        before = client.info("persistence")["rdb_changes_since_last_save"]
        for process in (one, two, one):
            await process.feed.refresh()
        assert client.info("persistence")["rdb_changes_since_last_save"] == before
        assert client.pttl(STREAM) > 7_100_000
        client.pexpire(STREAM, 5_000_000)
        await one.feed.refresh()
        assert client.pttl(STREAM) > 7_100_000


async def test_a_feed_reads_again_after_a_restart(
    tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """One restart of Redis would end the feed for good, or nobody would see that it was interrupted."""
    server = RedisProcess(tmp_path_factory.mktemp("redis"), "--save", "")
    server.start()
    process = Process(server.url)
    try:
        begin(server)
        await process.feed.start()
        async with asyncio.timeout(PATIENCE):
            while process.feed.current_cache() is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            server.stop()
            with pytest.raises((RedisError, OSError)):
                await process.client.ping()
            await asyncio.sleep(0.2)
            server.start()
            begin(server)
            process.moment += 0.1
            await process.revocation.blacklist(ANA, "late", MINUTE)
            process.moment += 0.1
            while not (process.feed.current_cache() and await process.refuses("late")):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        await process.aclose()
        server.stop()
    assert caplog.text.count("The revocation feed is interrupted") == 1


@pytest.mark.parametrize("layout", ["shared", "tagged"])
async def test_a_process_that_reads_through_ends_the_feed(
    redis_server: RedisProcess, caplog: pytest.LogCaptureFixture, layout: str
) -> None:
    """What was revoked while the feed was turned off would be let in when it is on again."""
    stream = KeyBuilder("auth", KeyLayout(layout)).key("feed", "revocations", "feed")
    entry: Any = {"k": "status", "v": "x", "x": 0, "n": "first", "h": 3_600_000}
    for there in (True, False):
        with asked(redis_server) as client:
            if there:
                client.xadd(stream, entry, id="5-0")
            plain = redis_stores(redis_server.url, layout=layout)
            await plain.start()
            await plain.aclose()
            assert client.exists(stream) == 0
        assert ("begins anew" in caplog.text) is there
        caplog.clear()


async def test_a_process_that_cannot_end_the_feed_does_not_start(redis_server: RedisProcess) -> None:
    """Others would trust a stream that lacks what this process revokes."""
    begin(redis_server)
    with asked(redis_server) as client:
        client.execute_command("ACL", "SETUSER", "narrow", "on", ">secret", "~*", "+@all", "-del")
        stores = redis_stores(redis_server.url.replace("redis://", "redis://narrow:secret@"))
        with pytest.raises(StoreUnavailable):
            await stores.start()
        await stores.aclose()
        client.execute_command("ACL", "DELUSER", "narrow")


async def test_a_master_that_is_alone_does_not_answer_for_the_feed(
    pair: tuple[Process, Process], redis_server: RedisProcess
) -> None:
    """Processes that still reach a master that was replaced would not hear what the new one revokes."""
    one, _ = pair
    await one.feed.refresh()
    with asked(redis_server) as client:
        client.config_set("min-replicas-to-write", 1)
        try:
            one.moment += 1.1
            with pytest.raises(RedisError):
                await one.feed.refresh()
        finally:
            client.config_set("min-replicas-to-write", 0)
    assert one.feed.current_cache() is None
    await one.feed.refresh()
    assert one.feed.current_cache() is not None


def test_stores_that_start_again_follow_their_feed_again(redis_server: RedisProcess) -> None:
    """A restarted application would read revocations from Redis at each request, without a word."""
    begin(redis_server)
    stores = redis_stores(redis_server.url, revocation="feed")

    async def once() -> None:
        assert stores.feed is not None
        await stores.start()
        await stores.feed.refresh()
        assert stores.feed.current_cache() is not None
        await stores.aclose()
        assert stores.feed.current_cache() is None

    for _ in range(3):
        asyncio.run(once())

"""The feed: what a process answers from memory, and when it must ask instead."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from bymax_auth.config.problems import ConfigError
from bymax_auth.stores.redis import FeedLimits, RedisStores
from bymax_auth.stores.redis.connection.connect import Limits, connect
from bymax_auth.stores.redis.feed.feed import Feed
from bymax_auth.stores.redis.feed.publisher import RevocationPublisher
from bymax_auth.stores.redis.feed_revocation import FeedRevocationStore
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.sessions import RedisSessionStore
from bymax_auth.types.identity import KeyLayout, Realm, Subject
from bymax_auth.types.session import CachedStatus
from tests.servers.patience import LIMITS, opened
from tests.servers.redis import RedisProcess

STREAM = "auth:feed:revocations"
ANA = Subject(Realm.DASHBOARD, "u1", "t1", "ab" * 32)
MINUTE = timedelta(minutes=1)


@dataclass
class Process:
    """One process of a deployment, whose clock stands still."""

    url: str
    limits: FeedLimits = field(default_factory=FeedLimits)
    moment: float = 1000.0
    patience: Limits = LIMITS

    def __post_init__(self) -> None:
        self.client: Any = connect(self.url, self.patience)
        self.keys = KeyBuilder("auth", KeyLayout.SHARED)
        horizon = int(self.limits.horizon.total_seconds() * 1000)
        publisher = RevocationPublisher(STREAM, horizon, lambda: self.moment)
        self.executor = executor = ScriptExecutor(self.client, self.keys, limits=self.patience)
        self.feed = Feed(self.client, publisher, self.limits, lambda: self.moment)
        self.revocation = FeedRevocationStore(executor, publisher, self.feed)
        self.sessions = RedisSessionStore(executor, publisher)
        opened(self)

    async def refuses(self, jti: str) -> bool:
        return (await self.revocation.token_state(ANA, jti)).blacklisted

    async def aclose(self) -> None:
        await self.feed.aclose()
        await self.executor.aclose()
        await self.client.aclose()


@pytest.fixture
async def pair(redis_server: RedisProcess) -> AsyncIterator[tuple[Process, Process]]:
    """Two processes on a feed that began longer than its horizon ago."""
    begin(redis_server)
    one, two = Process(redis_server.url), Process(redis_server.url)
    yield one, two
    await one.aclose()
    await two.aclose()


def asked(server: RedisProcess) -> Any:
    """A client whose replies are taken as they come."""
    return server.client()


def begin(server: RedisProcess) -> None:
    with asked(server) as client:
        client.xadd(STREAM, {"k": "status", "v": "x", "x": 0, "n": "first", "h": 3_600_000}, id="5-0")


async def test_memory_answers_what_another_process_revoked(
    pair: tuple[Process, Process], redis_server: RedisProcess
) -> None:
    """A token that was revoked elsewhere would pass, or every request would cost a round trip."""
    one, two = pair
    await one.revocation.blacklist(ANA, "j1", MINUTE)
    assert await one.revocation.bump_epoch(ANA) == 1
    await one.sessions.revoke_all(ANA)
    await two.feed.refresh()
    with asked(redis_server) as client:
        before = client.info("stats")["total_commands_processed"]
        state = await two.revocation.token_state(ANA, "j1")
        assert (state.blacklisted, state.epoch, state.status) == (True, 2, None)
        assert client.info("stats")["total_commands_processed"] == before + 1


async def test_a_stale_memory_does_not_answer(pair: tuple[Process, Process]) -> None:
    """A process cut off from the feed would admit what was revoked since."""
    one, two = pair
    await two.feed.refresh()
    assert two.feed.current_cache() is not None
    await one.revocation.blacklist(ANA, "j1", MINUTE)
    assert not await two.refuses("j1")
    two.moment += 1.001
    assert two.feed.current_cache() is None
    assert await two.refuses("j1")


async def test_a_process_waits_for_its_own_revocation(pair: tuple[Process, Process]) -> None:
    """Somebody who signs out would still be let in by the process that signed them out."""
    one, _ = pair
    await one.feed.refresh()
    await one.revocation.blacklist(ANA, "j1", MINUTE)
    assert one.feed.current_cache() is None
    assert await one.refuses("j1")
    await one.feed.refresh()
    assert one.feed.current_cache() is None, "a clock that has not moved does not say which came first"
    one.moment += 0.1
    await one.feed.refresh()
    assert one.feed.current_cache() is not None
    assert await one.refuses("j1")


@pytest.mark.parametrize("broken", ["trimmed", "other_nonce", "rebuilt"])
async def test_broken_continuity_replaces_memory(
    pair: tuple[Process, Process], redis_server: RedisProcess, broken: str
) -> None:
    """After a failover the memory would lack what the new master knows, and keep what it does not."""
    one, two = pair
    await one.revocation.blacklist(ANA, "lost", MINUTE)
    await two.feed.refresh()
    with asked(redis_server) as client:
        newest: Any = client.xrevrange(STREAM, count=1)
        last = str(newest[0][0])
        key = one.keys.key("rv", "new", ANA.route)
        entry = {"k": "jti", "v": key, "x": 60_000, "n": "other", "h": 3_600_000}
        if broken == "trimmed":
            client.xadd(STREAM, entry)
            client.xtrim(STREAM, maxlen=1, approximate=False)
        else:
            client.delete(STREAM)
            client.xadd(STREAM, entry, id=last if broken == "other_nonce" else f"{last}9")
    await two.feed.refresh()
    assert two.feed.current_cache() is not None
    assert await two.refuses("new")
    assert not await two.refuses("lost")


@pytest.mark.parametrize("writes", [False, True])
async def test_a_stream_that_was_emptied_begins_anew(
    pair: tuple[Process, Process], redis_server: RedisProcess, *, writes: bool
) -> None:
    """An operator who trims the stream would let everybody in who was put out."""
    one, two = pair
    await one.revocation.blacklist(ANA, "j1", MINUTE)
    await two.feed.refresh()
    with asked(redis_server) as client:
        client.xtrim(STREAM, maxlen=0, approximate=False)
    if writes:
        await one.revocation.blacklist(ANA, "j2", MINUTE)
    await two.feed.refresh()
    assert two.feed.current_cache() is None
    assert await two.refuses("j1")


async def test_a_feed_that_begins_is_not_trusted(redis_server: RedisProcess) -> None:
    """What was revoked before the stream existed would be admitted."""
    process = Process(redis_server.url)
    await process.feed.refresh()
    assert process.feed.current_cache() is None
    await process.revocation.remember_status(ANA, CachedStatus("active", None), MINUTE)
    with asked(redis_server) as client:
        client.delete(STREAM)
    await process.revocation.blacklist(ANA, "j1", MINUTE)
    process.moment += 0.1
    await process.feed.refresh()
    assert process.feed.current_cache() is None
    assert await process.refuses("j1")
    await process.aclose()


async def test_a_feed_that_is_too_large_is_not_used(redis_server: RedisProcess) -> None:
    """Memory would grow with every sign-out of a busy hour."""
    begin(redis_server)
    process = Process(redis_server.url, FeedLimits(entries=1))
    await process.feed.refresh()
    assert process.feed.current_cache() is not None
    for user in ("a", "b"):
        await process.revocation.remember_status(
            Subject(Realm.DASHBOARD, user, "t1", "cd" * 32), CachedStatus("active", None), MINUTE
        )
    await process.revocation.blacklist(ANA, "j1", MINUTE)
    process.moment += 0.1
    await process.feed.refresh()
    assert process.feed.current_cache() is None
    await process.aclose()


async def test_entries_leave_memory_when_they_end(redis_server: RedisProcess) -> None:
    """Memory would keep every token of the past, or drop one whose revocation was repeated."""
    with asked(redis_server) as client:
        moment: Any = client.execute_command("TIME")
        now = int(moment[0]) * 1000
        for at, key, life in ((now - 9000, "a", 1000), (now - 9000, "b", 1000), (now + 9000, "b", 60_000)):
            client.xadd(STREAM, {"k": "jti", "v": key, "x": life, "n": "n", "h": 3_600_000}, id=f"{at}-*")
    process = Process(redis_server.url)
    await process.feed.refresh()
    cache = process.feed.current_cache()
    assert cache is not None
    assert cache.value("a") is None
    assert cache.value("b") == 60_000
    cache.apply(now + 60_000_000, [])
    assert cache.value("b") is None
    await process.aclose()


async def test_a_forgotten_status_leaves_every_process(pair: tuple[Process, Process]) -> None:
    """A blocked account would be let in by the processes that did not block it."""
    one, two = pair
    active = CachedStatus("active", True)
    await two.feed.refresh()
    await two.revocation.remember_status(ANA, active, MINUTE)
    assert (await two.revocation.token_state(ANA, "j")).status == active
    await one.revocation.forget_status(ANA)
    await two.feed.refresh()
    assert (await two.revocation.token_state(ANA, "j")).status is None


async def test_a_status_that_was_read_before_it_changed_is_not_kept(
    pair: tuple[Process, Process], redis_server: RedisProcess
) -> None:
    """A request that read the account just before it was blocked would let it in while the cache lasts."""
    one, two = pair
    await one.revocation.forget_status(ANA)
    await two.feed.refresh()
    await two.revocation.remember_status(ANA, CachedStatus("active", True), MINUTE)
    assert (await two.revocation.token_state(ANA, "j")).status is None
    cache = two.feed.current_cache()
    assert cache is not None
    cache.apply(cache.now + 30_000, [])
    await two.revocation.remember_status(ANA, CachedStatus("blocked", True), MINUTE)
    assert (await two.revocation.token_state(ANA, "j")).status == CachedStatus("blocked", True)


def test_a_cluster_refuses_the_feed() -> None:
    """A revocation on a Cluster would reach the stream in a second step, or never."""
    cluster = RedisCluster(host="127.0.0.1", port=1)
    with pytest.raises(ConfigError, match="feed"):
        RedisStores(cluster, layout="tagged", revocation="feed")


def test_other_limits_are_taken() -> None:
    """A deployment with longer-lived tokens could not say so."""
    stores = RedisStores(Redis(), revocation=FeedLimits(horizon=timedelta(hours=9)))
    assert stores.feed is not None


@pytest.mark.parametrize(
    ("lifetime", "horizon"),
    [(timedelta(minutes=15), timedelta(hours=1)), (timedelta(hours=2), timedelta(hours=2, minutes=1))],
)
def test_the_horizon_covers_access_tokens_of_every_lifetime(lifetime: timedelta, horizon: timedelta) -> None:
    """A revocation is forgotten while the token that it refuses is still valid."""
    assert FeedLimits.covering(lifetime) == FeedLimits(horizon=horizon)

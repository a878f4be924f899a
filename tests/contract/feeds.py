"""
Stores whose revocations are answered from a feed's memory, for the suites that are about revocation.

A module that imports `store_source` from here runs on this kind as well.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bymax_auth.ports.clock import Clock
from bymax_auth.stores.redis import FeedLimits, RedisStores
from bymax_auth.stores.redis.feed.revocation_cache import FeedEntry, RevocationCache
from tests.contract.stores import KINDS, StoreSource, empty_place
from tests.servers.redis import RedisProcess

__all__ = ["store_source"]

KIND = "redis-feed"
LIMITS = FeedLimits()


class FeedSource(StoreSource):
    """Data that is opened with a feed."""

    def open(self, clock: Clock | None = None) -> Any:
        bundle: Any = RedisStores.from_url(self.location.partition("#")[0], revocation=LIMITS)
        assert clock is not None
        feed, tick = bundle.feed, bundle.feed.monotonic
        # Real time runs as well, so that a read that follows a revocation is later than it.
        feed.monotonic = feed._publisher._monotonic = lambda: tick() + clock.monotonic()
        feed._cache = AgeingCache(clock)
        bundle.sessions = Followed(bundle.sessions, feed)
        bundle.revocation = Followed(bundle.revocation, feed)
        bundle.start = feed.refresh
        return bundle


class AgeingCache(RevocationCache):
    """A cache for which time passes when a test moves it."""

    __slots__ = ("_clock",)

    def __init__(self, clock: Clock) -> None:
        super().__init__(LIMITS.horizon // timedelta(milliseconds=1), LIMITS.entries)
        self._clock = clock

    def apply(self, now: int, entries: Iterable[FeedEntry]) -> None:
        passed = round(self._clock.monotonic() * 1000)
        super().apply(
            now + passed, [replace(entry, timestamp_ms=entry.timestamp_ms + passed) for entry in entries]
        )


class Followed:
    """A store before and after whose every call the feed is read, so that memory answers wherever it may."""

    def __init__(self, inner: Any, feed: Any) -> None:
        self._inner, self._feed = inner, feed

    def __getattr__(self, method: str) -> Any:
        inner = getattr(self._inner, method)

        async def followed(*arguments: Any, **named: Any) -> Any:
            await self._feed.refresh()
            assert self._feed.current_cache() is not None or self._feed._cache.trusted_at, (
                "the feed has just begun"
            )
            answer = await inner(*arguments, **named)
            await self._feed.refresh()
            return answer

        return followed


@pytest.fixture(params=(*KINDS, KIND))
def store_source(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSource:
    """An empty place for data, of each kind."""
    if request.param != KIND:
        return empty_place(request.param, request, tmp_path)
    server: RedisProcess = request.getfixturevalue("redis_server")
    entry: Any = {"k": "status", "v": "x", "x": 0, "n": "first", "h": 3_600_000}
    with server.client() as client:
        client.xadd("auth:feed:revocations", entry, id="5-0")
    return FeedSource(KIND, f"{server.url}#{server.port}")

"""
How long a test waits for real processes, and stores that wait as long for real servers.

A busy machine decides no test: whoever waits here gives up only when what it waits for never comes.
A test of a limit itself sets a small limit of its own, and looks at the outcome and not at the clock.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import pytest
from redis.exceptions import TimeoutError as RedisTimeoutError

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.clock import Clock
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.stores.redis import FeedLimits, Limits, RedisStores

__all__ = [
    "FEED_LIMITS",
    "LIMITS",
    "PATIENCE",
    "PATIENT",
    "close_what_is_open",
    "closed_after_test",
    "file_stores",
    "opened",
    "patiently",
    "redis_stores",
    "running",
]

PATIENCE = 120.0
"""Seconds that nothing takes that comes at all."""

PATIENT = timedelta(seconds=PATIENCE)
"""The same, as clients of HTTP take it."""

LIMITS = Limits(connect=PATIENCE, answer=PATIENCE, queue=PATIENCE)

FEED_LIMITS = FeedLimits(max_age=timedelta(seconds=8))
"""A cache that a busy machine does not let grow too old; one wait for news takes a quarter of it."""


class Closeable(Protocol):
    """What can be closed more than once."""

    async def aclose(self) -> Any: ...


CloseableT = TypeVar("CloseableT", bound=Closeable)
AnswerT = TypeVar("AnswerT")
_closing: list[AsyncExitStack] = []


def redis_stores(url: str, **options: Any) -> RedisStores:
    """Stores on the Redis at `url`, not yet started, which wait for it for as long as it takes."""
    return opened(RedisStores.from_url(url, **{"limits": LIMITS, **options}))


def file_stores(path: str | os.PathLike[str], clock: Clock | None = None) -> EmbeddedStores:
    """Stores in the file at `path`, not yet started, which wait for as long as another process holds it."""
    return EmbeddedStores(path, clock=clock, busy_timeout_ms=int(PATIENCE * 1000))


async def patiently(ask: Callable[[], Awaitable[AnswerT]]) -> AnswerT:
    """The first answer, from something whose own limits a busy machine may exceed."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(StoreUnavailable, TimeoutError, RedisTimeoutError):
                return await ask()


@asynccontextmanager
async def running(engine: AuthEngine) -> AsyncIterator[AuthEngine]:
    """The engine, opened; small limits of its stores are for what the test does, not for how it starts."""
    await patiently(engine.__aenter__)
    try:
        yield engine
    finally:
        await engine.aclose()


def opened(thing: CloseableT) -> CloseableT:
    """The thing; with `closed_after_test` it is closed even if the test fails before it does that itself."""
    if _closing:
        _closing[-1].push_async_callback(thing.aclose)
    return thing


async def close_what_is_open() -> None:
    """Close now what the test has opened so far."""
    await _closing[-1].pop_all().aclose()


@pytest.fixture(autouse=True)
async def closed_after_test() -> AsyncIterator[None]:
    """Close what the test has opened, so that a failure is reported and not what it left open."""
    async with AsyncExitStack() as closing:
        _closing.append(closing)
        try:
            yield
        finally:
            _closing.remove(closing)

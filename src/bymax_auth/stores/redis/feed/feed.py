"""
The reader of the revocation feed: one task, one connection and one cache for each process.

    fresh and trusted     the cache answers
    anything else         no cache: the caller reads from Redis
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from bymax_auth.stores.redis.connection.owner import Owner
from bymax_auth.stores.redis.feed.publisher import RevocationPublisher
from bymax_auth.stores.redis.feed.revocation_cache import FeedEntry, RevocationCache
from bymax_auth.stores.redis.replies import decode_reply
from bymax_auth.stores.redis.scripts.revocation_scripts import FEED_READ
from bymax_auth.stores.revocation_listeners import RevocationListeners

__all__ = ["Feed", "FeedLimits"]

_RETRY_SECONDS: Final = (0.05, 1.0)
"""Delay between two attempts while Redis does not answer, at first and at most."""

_TIMEOUT_SECONDS: Final = 5.0
"""Upper bound of one round of reads, also for a connection without a timeout of its own."""

_BLOCK_MARGIN_SECONDS: Final = 0.2
"""How late a blocking read may end: Redis looks ten times a second whether one has timed out."""

_logger: Final = logging.getLogger("bymax_auth")


_SKEW: Final = timedelta(minutes=1)
"""How far the clocks of Redis and of the token issuers may differ."""


@dataclass(frozen=True, slots=True)
class FeedLimits:
    """
    How old the cache may be, and how much it holds.

    Attributes:
        max_age: Age above which Redis is read instead.
        horizon: How long a revocation is kept; at least a minute longer than an access token can live.
        entries: Number of entries above which Redis is read instead.
    """

    max_age: timedelta = timedelta(seconds=1)
    horizon: timedelta = timedelta(hours=1)
    entries: int = 50_000

    @classmethod
    def covering(cls, access_ttl: timedelta) -> Self:
        """Return the usual limits, with a horizon that covers access tokens of this lifetime."""
        return cls(horizon=max(cls().horizon, access_ttl + _SKEW))

    @property
    def longest_access_ttl(self) -> timedelta:
        """The longest life of an access token that `horizon` covers."""
        return self.horizon - _SKEW


class Feed:
    """The revocations of the last horizon, while it is certain that none is missing."""

    def __init__(
        self,
        client: Redis,
        publisher: RevocationPublisher,
        limits: FeedLimits,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.monotonic: Final = monotonic
        self.listeners: Final = RevocationListeners()
        self._client: Any = client
        self._connection: Any = None
        self._lock = asyncio.Lock()
        self._publisher = publisher
        self._limits = limits
        self._max_age = limits.max_age.total_seconds()
        self._cache = RevocationCache(publisher.horizon_ms, limits.entries)
        self._fresh_at: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._owner: Owner | None = None
        self._inherited: list[object] = []

    def current_cache(self) -> RevocationCache | None:
        """Return the cache when it may answer now, or ``None`` when Redis must be read."""
        fresh_at = self._fresh_at
        # At the same tick of a coarse clock the order of the two is unknown.
        if fresh_at is None or fresh_at <= self._publisher.last_published_at:
            return None
        if self.monotonic() - fresh_at > self._max_age or not self._cache.trusted:
            return None
        return self._cache

    async def start(self) -> None:
        """Start to follow the stream, until `aclose`; again in a process or on a loop that did not."""
        if self._owner is not None and not self._owner.is_current():
            self._leave(self._owner)
        self._owner = Owner()
        if self._task is None:
            self._lock = asyncio.Lock()
            self._task = asyncio.create_task(self._follow())

    async def aclose(self) -> None:
        """Stop following; the cache answers no more.  Idempotent."""
        if self._owner is not None and not self._owner.is_current():
            self._leave(self._owner)
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._fresh_at = None
        await self._close()

    async def refresh(self) -> None:
        """
        Update the cache from the stream.

        Raises:
            RedisError: Redis did not answer, or is not the master.
            ValueError: The stream holds something that is not an entry of the feed.
        """
        requested_at = self.monotonic()
        kind, now, raw = await self._read()
        entries = [FeedEntry.parse(entry) for entry in raw]
        if kind != "NEXT":
            self._cache.clear()
        self._cache.apply(now, entries)
        self._fresh_at = None if kind == "FULL" else requested_at
        self._tell(kind, entries)

    def _tell(self, kind: str, entries: Iterable[FeedEntry]) -> None:
        """Tell the listeners what was revoked: a key ends with a token's id, or with an account's digest."""
        if kind != "NEXT":
            self.listeners.notify(None)
            return
        for entry in entries:
            self.listeners.notify(entry.key.rpartition(":")[2])

    async def _read(self) -> Any:
        stream, (last_id, last_nonce) = str(self._publisher.stream), self._cache.last
        keys = FEED_READ.keys(stream=stream, absent_key=f"{stream}:nothing")
        arguments = FEED_READ.arguments(
            last_id=last_id,
            last_nonce=last_nonce,
            max_entries=self._limits.entries,
            horizon_ms=self._publisher.horizon_ms,
            begin_nonce=secrets.token_hex(8),
        )
        parameters = (len(keys), *keys, *arguments)
        try:
            return decode_reply(await self._send("EVALSHA", FEED_READ.sha, *parameters))
        except NoScriptError:
            return decode_reply(await self._send("EVAL", FEED_READ.source, *parameters))

    async def _wait_for_entry(self) -> None:
        """Return when an entry was appended, or in time for the next read."""
        timeout = self._client.connection_pool.connection_kwargs.get("socket_timeout") or _TIMEOUT_SECONDS
        block_ms = round(1000 * min(self._max_age / 4, timeout - _BLOCK_MARGIN_SECONDS))
        if block_ms < 1:
            await asyncio.sleep(_RETRY_SECONDS[0])
            return
        last_id = self._cache.last[0] or "$"
        await self._send("XREAD", "BLOCK", block_ms, "STREAMS", self._publisher.stream, last_id)

    async def _send(self, *command: object) -> Any:
        async with self._lock:
            if self._connection is None:
                # Not a client of its own: it would get renewed passwords in place of the host's pool.
                self._connection = self._client.connection_pool.make_connection()
            try:
                await self._connection.connect()
                await self._connection.send_command(*command)
                return await self._connection.read_response()
            except NoScriptError:
                raise
            except Exception:
                # A master that became a replica would refuse forever, and does not close the connection.
                await self._close()
                raise

    def _leave(self, owner: Owner) -> None:
        """Leave the task and the connection to their owner, and begin without either."""
        if not owner.is_this_process():
            # Kept referenced: closing the parent's connection here would end it for the parent.
            self._inherited.append((self._task, self._connection))
        self._task = self._connection = self._fresh_at = None
        self._lock = asyncio.Lock()
        self._cache.clear()

    async def _close(self) -> None:
        """Close the connection, and tell the driver."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def _follow(self) -> None:
        first_delay, max_delay = _RETRY_SECONDS
        delay = first_delay
        # The driver may turn a cancellation into an error of its own, so the task checks whether to end.
        while self._task is not None:
            try:
                async with asyncio.timeout(_TIMEOUT_SECONDS):
                    await self.refresh()
                    await self._wait_for_entry()
            except Exception as error:  # noqa: BLE001 - whatever it is, the reader retries until it succeeds
                if delay == first_delay:
                    reason = type(error).__name__
                    _logger.warning(
                        "The revocation feed is interrupted, so Redis is read instead: %s.", reason
                    )
                await asyncio.sleep(delay)
                delay = min(2 * delay, max_delay)
            else:
                delay = first_delay

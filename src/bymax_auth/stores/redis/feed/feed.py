"""
The reader of the revocation feed: one task, one connection, one memory for a process.

    fresh and trusted     memory answers
    anything else         no memory, and the caller asks Redis
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from bymax_auth.stores.redis.feed.publisher import Announcer
from bymax_auth.stores.redis.feed.revocation_cache import Entry, FeedMemory
from bymax_auth.stores.redis.replies import text
from bymax_auth.stores.redis.scripts.script import script

__all__ = ["Feed", "FeedLimits"]

_READ: Final = script("feed_read")

_PAUSES: Final = (0.05, 1.0)
"""Seconds between two attempts while Redis does not answer, at first and at most."""

_PATIENCE: Final = 5.0
"""Seconds before a connection without a timeout of its own is given up."""

_LATE: Final = 0.2
"""Seconds by which a blocking read may end late: Redis looks ten times a second whether one has."""

_logger: Final = logging.getLogger("bymax_auth")


_SKEW: Final = timedelta(minutes=1)
"""How far the clocks of Redis and of those who issue tokens may be apart."""


@dataclass(frozen=True, slots=True)
class FeedLimits:
    """
    How far memory may be behind, and what it holds.

    `horizon` is how long a revocation is kept, at least a minute longer than an access token can live; above
    `entries` Redis answers instead.
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
    """What was revoked lately, while that is known for certain."""

    def __init__(
        self,
        client: Redis,
        announcer: Announcer,
        limits: FeedLimits,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.monotonic: Final = monotonic
        self._client: Any = client
        self._connection: Any = None
        self._turn = asyncio.Lock()
        self._announcer = announcer
        self._limits = limits
        self._max_age = limits.max_age.total_seconds()
        self._memory = FeedMemory(announcer.horizon, limits.entries)
        self._fresh_at: float | None = None
        self._task: asyncio.Task[None] | None = None

    def memory(self) -> FeedMemory | None:
        """Return what may answer now, or ``None`` when Redis must be asked."""
        fresh = self._fresh_at
        # At the same tick of a coarse clock nobody can say which of the two came first.
        if fresh is None or fresh <= self._announcer.settled_at:
            return None
        if self.monotonic() - fresh > self._max_age or not self._memory.trusted:
            return None
        return self._memory

    async def start(self) -> None:
        """Follow the stream until `aclose`."""
        if self._task is None:
            self._task = asyncio.create_task(self._follow())

    async def aclose(self) -> None:
        """Stop following, and answer no more.  Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._fresh_at = None
        await self._leave()

    async def refresh(self) -> None:
        """
        Bring memory up to what Redis says now.

        Raises:
            RedisError: Redis did not answer, or is no master.
            ValueError: The stream holds something else.
        """
        asked_at = self.monotonic()
        kind, now, raw = await self._read()
        entries = [Entry.of(entry) for entry in raw]
        if kind != "NEXT":
            self._memory.clear()
        self._memory.apply(now, entries)
        self._fresh_at = None if kind == "FULL" else asked_at

    async def _read(self) -> Any:
        stream, horizon = self._announcer.stream, self._announcer.horizon
        last, most = self._memory.last, self._limits.entries
        words = (2, stream, f"{stream}:nothing", *last, most, horizon, secrets.token_hex(8))
        try:
            return text(await self._send("EVALSHA", _READ.sha, *words))
        except NoScriptError:
            return text(await self._send("EVAL", _READ.source, *words))

    async def _wake(self) -> None:
        """Return when something was appended, or in time for the next read."""
        patience = self._client.connection_pool.connection_kwargs.get("socket_timeout") or _PATIENCE
        block = round(1000 * min(self._max_age / 4, patience - _LATE))
        if block < 1:
            await asyncio.sleep(_PAUSES[0])
            return
        last = self._memory.last[0] or "$"
        await self._send("XREAD", "BLOCK", block, "STREAMS", self._announcer.stream, last)

    async def _send(self, *command: object) -> Any:
        async with self._turn:
            if self._connection is None:
                # Not a client of one connection: it would take a new password in place of the host's pool.
                self._connection = self._client.connection_pool.make_connection()
            try:
                await self._connection.connect()
                await self._connection.send_command(*command)
                return await self._connection.read_response()
            except NoScriptError:
                raise
            except Exception:
                # A master that became a replica would refuse for ever, and its connection stays open.
                await self._leave()
                raise

    async def _leave(self) -> None:
        """Close the connection, and let the driver know."""
        left, self._connection = self._connection, None
        if left is not None:
            await left.disconnect(nowait=True)

    async def _follow(self) -> None:
        pause, longest = _PAUSES
        # A driver may turn a cancellation into a failure of its own, so the task itself says when to end.
        while self._task is not None:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await self.refresh()
                    await self._wake()
            except Exception as error:  # noqa: BLE001 - whatever it is, Redis is asked until it is over
                if pause == _PAUSES[0]:
                    reason = type(error).__name__
                    _logger.warning("The revocation feed is interrupted, so Redis is asked: %s.", reason)
                await asyncio.sleep(pause)
                pause = min(2 * pause, longest)
            else:
                pause = _PAUSES[0]

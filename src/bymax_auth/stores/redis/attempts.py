"""Guesses at a secret, failed and in flight."""

from datetime import timedelta
from typing import Any, Final

from bymax_auth.ports.attempts import AttemptOutcome, Busy, CounterId, FailureCount, Go, Locked
from bymax_auth.stores.moments import duration, milliseconds
from bymax_auth.stores.redis.counters import count_of
from bymax_auth.stores.redis.scripts import script
from bymax_auth.stores.redis.server import RedisServer

__all__ = ["RedisAttemptStore"]

_BEGIN: Final = script("attempt_begin")
_FAIL: Final = script("attempt_fail")
_END: Final = script("attempt_end")
_READ: Final = script("attempt_read")

_IN_FLIGHT_MS: Final = 30_000
"""How long an attempt that never ends counts as in flight."""


class RedisAttemptStore:
    """Implements `AttemptStore`."""

    __slots__ = ("_server",)

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def begin(self, counter: CounterId, limit: int) -> AttemptOutcome:
        tag, number = await self._server.run(_BEGIN, self._keys(counter), [limit, _IN_FLIGHT_MS])
        match tag:
            case "GO":
                return Go()
            case "BUSY":
                return Busy()
            case _:
                return Locked(duration(number))

    async def fail(self, counter: CounterId, window: timedelta) -> FailureCount:
        _, count, remaining = await self._server.run(_FAIL, self._keys(counter), [milliseconds(window)])
        return FailureCount(count, duration(remaining))

    async def ok(self, counter: CounterId) -> None:
        failures, flying = self._keys(counter)
        await self._server.run(_END, [flying, failures], [])

    async def abandon(self, counter: CounterId) -> None:
        _, flying = self._keys(counter)
        await self._server.run(_END, [flying], [])

    async def clear(self, counter: CounterId) -> None:
        await self._server.write("DEL", *self._keys(counter))

    async def failures(self, counter: CounterId) -> FailureCount:
        failures, _ = self._keys(counter)
        reply: Any = await self._server.run(_READ, [failures], [])
        _, count, remaining = reply
        return FailureCount(count_of(count), duration(remaining))

    def _keys(self, counter: CounterId) -> list[str]:
        key = self._server.keys.key
        return [key("lf", counter.hash, counter.route), key("lfi", counter.hash, counter.route)]

"""Guesses at a secret, failed and in flight."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bymax_auth.ports.attempts import AttemptOutcome, Busy, CounterId, FailureCount, Go, Locked
from bymax_auth.stores.durations import duration, milliseconds
from bymax_auth.stores.redis.script_replies import shaped
from bymax_auth.stores.redis.scripts.executor import RedisServer
from bymax_auth.stores.redis.scripts.script import script

__all__ = ["RedisAttemptStore"]

_BEGIN: Final = script("attempt_begin")
_FAIL: Final = script("attempt_fail")
_END: Final = script("attempt_end")
_READ: Final = script("attempt_read")

_ADMISSION: Final = {"GO": (int,), "BUSY": (int,), "LOCKED": (int,)}
_COUNT: Final = {"OK": (int, int)}
_DONE: Final[dict[str, tuple[type, ...]]] = {"OK": ()}

_IN_FLIGHT_MS: Final = 30_000
"""How long an attempt that never ends counts as in flight."""


class RedisAttemptStore:
    """Implements `AttemptStore`."""

    __slots__ = ("_server",)

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def begin(self, counter: CounterId, limit: int) -> AttemptOutcome:
        reply = await self._server.run(_BEGIN, self._keys(counter), [limit, _IN_FLIGHT_MS])
        tag, number = shaped(reply, _ADMISSION)
        match tag:
            case "GO":
                return Go()
            case "BUSY":
                return Busy()
            case _:
                return Locked(duration(number))

    async def fail(self, counter: CounterId, window: timedelta) -> FailureCount:
        reply = await self._server.run(_FAIL, self._keys(counter), [milliseconds(window)])
        return _count(reply)

    async def ok(self, counter: CounterId) -> None:
        failures, flying = self._keys(counter)
        shaped(await self._server.run(_END, [flying, failures], []), _DONE)

    async def abandon(self, counter: CounterId) -> None:
        _, flying = self._keys(counter)
        shaped(await self._server.run(_END, [flying], []), _DONE)

    async def clear(self, counter: CounterId) -> None:
        await self._server.write("DEL", *self._keys(counter))

    async def failures(self, counter: CounterId) -> FailureCount:
        failures, _ = self._keys(counter)
        return _count(await self._server.run(_READ, [failures], []))

    def _keys(self, counter: CounterId) -> list[str]:
        key = self._server.keys.key
        return [key("lf", counter.hash, counter.route), key("lfi", counter.hash, counter.route)]


def _count(reply: Sequence[object]) -> FailureCount:
    _, count, remaining = shaped(reply, _COUNT)
    return FailureCount(count, duration(remaining))

"""Attempts to guess a secret: failed, and in flight."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bymax_auth.ports.attempts import AttemptOutcome, Busy, CounterId, FailureCount, Go, Locked
from bymax_auth.stores.attempt_limits import IN_FLIGHT_MS
from bymax_auth.stores.durations import duration, milliseconds
from bymax_auth.stores.redis.replies import parse_reply
from bymax_auth.stores.redis.scripts.attempt_scripts import (
    ATTEMPT_BEGIN,
    ATTEMPT_END,
    ATTEMPT_FAIL,
    ATTEMPT_READ,
    AttemptEndKeys,
)
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor

__all__ = ["RedisAttemptStore"]

_BEGUN: Final = {"GO": (int,), "BUSY": (int,), "LOCKED": (int,)}
_COUNT: Final = {"OK": (int, int)}
_ENDED: Final[dict[str, tuple[type, ...]]] = {"OK": ()}


class RedisAttemptStore:
    """Implements `AttemptStore`."""

    __slots__ = ("_executor",)

    def __init__(self, executor: ScriptExecutor) -> None:
        self._executor = executor

    async def begin(self, counter: CounterId, limit: int) -> AttemptOutcome:
        reply = await self._executor.run(
            ATTEMPT_BEGIN,
            ATTEMPT_BEGIN.keys(failures=self._failures(counter), in_flight=self._in_flight(counter)),
            ATTEMPT_BEGIN.arguments(limit=limit, in_flight_ms=IN_FLIGHT_MS),
        )
        tag, number = parse_reply(reply, _BEGUN)
        match tag:
            case "GO":
                return Go()
            case "BUSY":
                return Busy()
            case _:
                return Locked(duration(number))

    async def fail(self, counter: CounterId, window: timedelta) -> FailureCount:
        reply = await self._executor.run(
            ATTEMPT_FAIL,
            ATTEMPT_FAIL.keys(failures=self._failures(counter), in_flight=self._in_flight(counter)),
            ATTEMPT_FAIL.arguments(window_ms=milliseconds(window)),
        )
        return _failure_count(reply)

    async def ok(self, counter: CounterId) -> None:
        await self._end(
            ATTEMPT_END.keys(in_flight=self._in_flight(counter), failures=self._failures(counter))
        )

    async def abandon(self, counter: CounterId) -> None:
        await self._end(ATTEMPT_END.keys(in_flight=self._in_flight(counter)))

    async def clear(self, counter: CounterId) -> None:
        await self._executor.write("DEL", self._failures(counter), self._in_flight(counter))

    async def failures(self, counter: CounterId) -> FailureCount:
        keys = ATTEMPT_READ.keys(failures=self._failures(counter))
        return _failure_count(await self._executor.run(ATTEMPT_READ, keys, ATTEMPT_READ.arguments()))

    async def _end(self, keys: AttemptEndKeys) -> None:
        parse_reply(await self._executor.run(ATTEMPT_END, keys, ATTEMPT_END.arguments()), _ENDED)

    def _failures(self, counter: CounterId) -> str:
        return self._executor.keys.key("lf", counter.hash, counter.route)

    def _in_flight(self, counter: CounterId) -> str:
        return self._executor.keys.key("lfi", counter.hash, counter.route)


def _failure_count(reply: Sequence[object]) -> FailureCount:
    _, count, remaining_ms = parse_reply(reply, _COUNT)
    return FailureCount(count, duration(remaining_ms))

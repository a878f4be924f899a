"""Requests of one client on one route."""

from datetime import timedelta
from typing import Final

from bymax_auth.ports.attempts import RateVerdict
from bymax_auth.stores.durations import duration, milliseconds
from bymax_auth.stores.redis.replies import parse_reply
from bymax_auth.stores.redis.scripts.attempt_scripts import WINDOW_INCR
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor

__all__ = ["RedisRateLimitStore"]

_COUNTED: Final = {"OK": (int, int)}


class RedisRateLimitStore:
    """Implements `RateLimitStore`."""

    __slots__ = ("_executor",)

    def __init__(self, executor: ScriptExecutor) -> None:
        self._executor = executor

    async def hit(self, route: str, bucket: str, limit: int, window: timedelta) -> RateVerdict:
        reply = await self._executor.run(
            WINDOW_INCR,
            WINDOW_INCR.keys(counter=self._executor.keys.key("rl", f"{route}:{bucket}", bucket[:4])),
            WINDOW_INCR.arguments(window_ms=milliseconds(window)),
        )
        _, count, remaining_ms = parse_reply(reply, _COUNTED)
        return RateVerdict(count <= limit, duration(remaining_ms))

"""Requests of one client on one route."""

from datetime import timedelta
from typing import Final

from bymax_auth.ports.attempts import RateVerdict
from bymax_auth.stores.durations import duration, milliseconds
from bymax_auth.stores.redis.script_replies import shaped
from bymax_auth.stores.redis.scripts.executor import RedisServer
from bymax_auth.stores.redis.scripts.script import script

__all__ = ["RedisRateLimitStore"]

_HIT: Final = script("window_incr")

_COUNTED: Final = {"OK": (int, int)}


class RedisRateLimitStore:
    """Implements `RateLimitStore`."""

    __slots__ = ("_server",)

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def hit(self, route: str, bucket: str, limit: int, window: timedelta) -> RateVerdict:
        key = self._server.keys.key("rl", f"{route}:{bucket}", bucket[:4])
        reply = await self._server.run(_HIT, [key], [milliseconds(window)])
        _, count, remaining = shaped(reply, _COUNTED)
        return RateVerdict(count <= limit, duration(remaining))

"""Requests of one client on one route."""

from datetime import timedelta

from bymax_auth.ports.attempts import RateVerdict
from bymax_auth.stores.durations import duration, milliseconds
from bymax_auth.stores.embedded.database import Database
from bymax_auth.stores.embedded.displacement import REQUESTS
from bymax_auth.stores.embedded.fixed_window import increment

__all__ = ["EmbeddedRateLimitStore"]


class EmbeddedRateLimitStore:
    """Implements `RateLimitStore`."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hit(self, route: str, bucket: str, limit: int, window: timedelta) -> RateVerdict:
        key = f"{REQUESTS.prefix}{route}:{bucket}"
        count, remaining = await self._database.displace(REQUESTS, key, increment, key, milliseconds(window))
        return RateVerdict(count <= limit, duration(remaining))

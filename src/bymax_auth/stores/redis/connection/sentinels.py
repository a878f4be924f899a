"""
Who is the master, asked of one Sentinel after another.

The driver's own way keeps a connection to each Sentinel open for ever, and loses Sentinels from its list
when two requests ask at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel
from redis.exceptions import RedisError

__all__ = ["Sentinels"]


class Sentinels(Sentinel):
    """The Sentinels at these places; whoever answered last is asked first."""

    def __init__(self, places: Sequence[tuple[str, int]], settings: Mapping[str, Any]) -> None:
        ancestor: Any = super()
        ancestor.__init__([], sentinel_kwargs={})
        self._places = list(places)
        self._settings = settings

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        """
        Return the address of the master of that name.

        Raises:
            MasterNotFoundError: No Sentinel answered, or none that did knows one that is alive.
        """
        for place in tuple(self._places):
            state = await self._asked(place, service_name)
            if state is not None and state["is_master"] and not (state["is_sdown"] or state["is_odown"]):
                self._places.remove(place)
                self._places.insert(0, place)
                return str(state["ip"]), int(state["port"])
        raise MasterNotFoundError

    async def _asked(self, place: tuple[str, int], name: str) -> dict[str, Any] | None:
        """Return what one Sentinel knows, over a connection that ends with the question."""
        sentinel: Any = Redis(host=place[0], port=place[1], **self._settings)
        try:
            async with sentinel:
                masters: dict[str, dict[str, Any]] = await sentinel.sentinel_masters()
        except (RedisError, OSError, TimeoutError):
            return None
        return masters.get(name)

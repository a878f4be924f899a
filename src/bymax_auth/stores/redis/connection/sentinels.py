"""
The current master, looked up at one Sentinel after another.

The driver's own lookup keeps a connection to each Sentinel open indefinitely, and loses Sentinels from its
list when two requests look up at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel
from redis.exceptions import RedisError

__all__ = ["Sentinels"]


class Sentinels(Sentinel):
    """The Sentinels at these addresses; the one that answered last is asked first."""

    def __init__(self, addresses: Sequence[tuple[str, int]], settings: Mapping[str, Any]) -> None:
        parent: Any = super()
        parent.__init__([], sentinel_kwargs={})
        self._addresses = list(addresses)
        self._settings = settings

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        """
        Return the address of the master of that name.

        Raises:
            MasterNotFoundError: No Sentinel answered, or none knows a master that is up.
        """
        for address in tuple(self._addresses):
            state = await self._master_state(address, service_name)
            if state is not None and state["is_master"] and not (state["is_sdown"] or state["is_odown"]):
                self._addresses.remove(address)
                self._addresses.insert(0, address)
                return str(state["ip"]), int(state["port"])
        raise MasterNotFoundError

    async def _master_state(self, address: tuple[str, int], name: str) -> dict[str, Any] | None:
        """Return what one Sentinel reports of the master, over a connection opened for this lookup alone."""
        sentinel: Any = Redis(host=address[0], port=address[1], **self._settings)
        try:
            async with sentinel:
                masters: dict[str, dict[str, Any]] = await sentinel.sentinel_masters()
        except (RedisError, OSError, TimeoutError):
            return None
        return masters.get(name)

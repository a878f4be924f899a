"""
The way into a Cluster's client, which itself neither waits for a connection nor shares its start.

    request ──▶ a place, within the time that it may wait ──▶ the Cluster is known ──▶ command
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio.cluster import RedisCluster
from redis.exceptions import MaxConnectionsError

from bymax_auth.stores.redis.connection.connect import Limits
from bymax_auth.stores.redis.connection.driver_errors import driving
from bymax_auth.stores.redis.connection.single_flight import Shared
from bymax_auth.stores.redis.replies import Reply, Word, text

__all__ = ["Turnstile"]


class Turnstile:
    """Lets as many commands through as there are connections to one node, each for a limited time."""

    __slots__ = ("_client", "_known", "_learning", "_limits", "_places")

    def __init__(self, client: RedisCluster, limits: Limits) -> None:
        self._client: Any = client
        self._places = asyncio.Semaphore(limits.connections)
        self._limits = limits
        # Several at once would close each other's connections, or wait for their turn to find nobody there.
        self._learning: Shared[Any] = Shared(self._client.initialize, limits.connect + limits.answer)
        self._known = False

    async def ask(self, command: tuple[Word, ...]) -> Reply:
        """
        Return the reply to a command, its bytes as text.

        Raises:
            RedisError: The Cluster refused the command or did not answer, or no place became free.
            TimeoutError: The Cluster did not answer in time.
        """
        try:
            async with self.place(), asyncio.timeout(self._limits.connect + self._limits.answer):
                if not self._known:
                    await self._learning.result()
                    self._known = True
                with driving():
                    return text(await self._client.execute_command(*command))
        except BaseException:
            # The client may have to ask again which node has which slots.
            self._known = False
            raise

    async def aclose(self) -> None:
        """Look no longer for the nodes.  Idempotent."""
        await self._learning.aclose()

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None, None]:
        """
        Hold a place for one command.

        Raises:
            MaxConnectionsError: None became free in time.
        """
        try:
            async with asyncio.timeout(self._limits.queue):
                await self._places.acquire()
        except TimeoutError:
            raise MaxConnectionsError from None
        try:
            yield
        finally:
            self._places.release()

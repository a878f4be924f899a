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

from bymax_auth.stores.redis.opening import Limits
from bymax_auth.stores.redis.replies import Reply, Word, text

__all__ = ["Turnstile"]


class Turnstile:
    """Lets as many commands through as there are connections to one node."""

    __slots__ = ("_client", "_first", "_known", "_patience", "_places")

    def __init__(self, client: RedisCluster, limits: Limits) -> None:
        self._client: Any = client
        self._places = asyncio.Semaphore(limits.connections)
        self._patience = limits.queue
        self._first = asyncio.Lock()
        self._known = False

    async def ask(self, command: tuple[Word, ...]) -> Reply:
        """
        Return the reply to a command, its bytes as text.

        Raises:
            RedisError: The Cluster refused the command or did not answer, or no place became free.
        """
        async with self.place():
            return text(await self._client.execute_command(*command))

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None, None]:
        """
        Hold a place for one command.

        Raises:
            MaxConnectionsError: None became free in time.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError:
            raise MaxConnectionsError from None
        try:
            if not self._known:
                await self._learn()
            yield
        finally:
            self._places.release()

    async def _learn(self) -> None:
        """Let one command ask which node has which slots; several at once close each other's connections."""
        async with self._first:
            if self._known:
                return
            await self._client.initialize()
            self._known = True

"""
The way to one Redis, which all requests share.

    request ─┐
    request ─┼─▶ one open connection, opened by whoever needs it first
    request ─┘

The driver opens the connection, with its addresses, credentials, TLS and Sentinels.  What it would spend on
each command, a lease from its pool and two timers, is most of what an authenticated request costs.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

import hiredis
from redis.asyncio import Redis

from bymax_auth.stores.redis.connection.connect import Limits
from bymax_auth.stores.redis.connection.driver_errors import driving
from bymax_auth.stores.redis.connection.pipelined_connection import Line
from bymax_auth.stores.redis.connection.single_flight import Shared
from bymax_auth.stores.redis.replies import Reply, Word

__all__ = ["Lane"]

_pack: Final[Callable[[tuple[Word, ...]], bytes]] = cast("Any", hiredis).pack_command

_HOPELESS: Final = 30.0
"""Seconds before an attempt to connect is given up whatever the driver thinks of it."""


class Lane:
    """Asks one Redis over one connection."""

    __slots__ = ("_connection", "_limits", "_line", "_opening", "_pool")

    def __init__(self, client: Redis, limits: Limits) -> None:
        self._pool: Any = client.connection_pool
        self._limits = limits
        self._line: Line | None = None
        self._opening = Shared(self._open, limits.queue + limits.connect)
        self._connection: Any = None

    async def ask(self, command: tuple[Word, ...]) -> Reply:
        """
        Return the reply to a command, its bytes as text.

        Raises:
            RedisError: Redis refused the command, or too many others wait.
            OSError: The connection could not be opened, or ended before the reply.
            TimeoutError: There was no connection, or no reply, in time.
        """
        line = self._line
        if line is None or line.stale():
            line = await self._opening.result()
        reply: Reply = await line.send(_pack(command))
        return reply

    async def aclose(self) -> None:
        """Close the connection; whoever waits for a reply gets none.  Idempotent."""
        await self._opening.aclose()
        await self._leave()

    async def _open(self) -> Line:
        await self._leave()
        # Of the pool's making but not in it: whoever else holds one may say a new password on it by itself.
        self._connection = connection = self._pool.make_connection()
        try:
            with driving():
                async with asyncio.timeout(_HOPELESS):
                    await connection.connect()
                    await _assert_even(connection)
                self._line = line = Line(_transport(connection), self._limits)
        finally:
            if self._line is None:
                await self._leave()
        return line

    async def _leave(self) -> None:
        """Close the connection, and let the driver know."""
        line, self._line = self._line, None
        connection, self._connection = self._connection, None
        if line is not None:
            line.end(ConnectionAbortedError)
        if connection is not None:
            await connection.disconnect(nowait=True)


async def _assert_even(connection: Any) -> None:
    """
    Pass when the driver has left nothing half read, whose rest would be taken for a reply.

    Raises:
        ConnectionAbortedError: It has.
    """
    has_more = getattr(connection, "can_read", None) or connection.can_read_destructive
    if await has_more():
        raise ConnectionAbortedError


def _transport(connection: Any) -> asyncio.Transport:
    """Return what the driver's connection writes to, for which it has no public name."""
    transport: asyncio.Transport = connection._writer.transport  # noqa: SLF001
    return transport

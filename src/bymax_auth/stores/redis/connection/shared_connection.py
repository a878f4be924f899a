"""
One connection to one Redis, shared by all requests of a process.

    request ─┐
    request ─┼─▶ one open connection, opened by the first request that needs it
    request ─┘

The driver opens the connection, with its addresses, credentials, TLS and Sentinels.  Commands bypass it:
leasing a connection from its pool and arming two timers for each command is most of the cost of an
authenticated request.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import hiredis
from redis.asyncio import Redis
from redis.exceptions import TimeoutError as DriverTimeoutError

from bymax_auth.stores.exceeded_bounds import ExceededBounds
from bymax_auth.stores.redis.connection.connect import Limits, time_bound
from bymax_auth.stores.redis.connection.driver_errors import map_driver_errors
from bymax_auth.stores.redis.connection.pipelined_connection import PipelinedConnection
from bymax_auth.stores.redis.connection.single_flight import SingleFlight
from bymax_auth.stores.redis.replies import Argument, Reply

__all__ = ["SharedConnection"]

_pack: Final[Callable[[tuple[Argument, ...]], bytes]] = cast("Any", hiredis).pack_command

_CONNECT_TIMEOUT_SECONDS: Final = 30.0
"""Upper bound of one attempt to connect, also for a host's client that has no timeout of its own."""


class SharedConnection:
    """Sends commands to one Redis over one connection, which it opens again when it was lost."""

    __slots__ = ("_bounds", "_connecting", "_driver_connection", "_limits", "_pipelined", "_pool")

    def __init__(self, client: Redis, limits: Limits) -> None:
        self._pool: Any = client.connection_pool
        self._limits = limits
        self._bounds = ExceededBounds()
        self._pipelined: PipelinedConnection | None = None
        self._connecting = SingleFlight(self._open, limits.queue + limits.connect)
        self._driver_connection: Any = None

    async def execute(self, command: tuple[Argument, ...]) -> Reply:
        """
        Return the reply to a command, its bytes decoded as text.

        Raises:
            RedisError: Redis refused the command, or too many commands are pending.
            OSError: The connection could not be opened, or was lost before the reply.
            TimeoutError: There was no connection, or no reply, in time.
        """
        pipelined = self._pipelined
        if pipelined is None or pipelined.needs_replacement():
            pipelined = await self._open_once()
        reply: Reply = await pipelined.send(_pack(command))
        return reply

    async def values(self, keys: Sequence[str]) -> list[str | None]:
        """
        Return the values of keys.

        Raises:
            RedisError, OSError, TimeoutError: As `execute`.
        """
        return cast("list[str | None]", await self.execute(("MGET", *keys)))

    async def aclose(self) -> None:
        """Close the connection; pending commands fail.  Idempotent."""
        await self._connecting.aclose()
        await self._close()

    async def _open_once(self) -> PipelinedConnection:
        """Return the connection that all callers wait for."""
        try:
            return await self._connecting.result()
        except DriverTimeoutError:
            self._bounds.warn(time_bound(self._limits, "connect", of_driver=True))
            raise
        except TimeoutError:
            self._bounds.warn(time_bound(self._limits, "queue", "connect"))
            raise

    async def _open(self) -> PipelinedConnection:
        await self._close()
        # Not kept in the pool that makes it: on pooled connections the driver itself sends renewed passwords.
        self._driver_connection = connection = self._pool.make_connection()
        try:
            with map_driver_errors():
                async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
                    await connection.connect()
                    await _assert_nothing_buffered(connection)
                self._pipelined = pipelined = PipelinedConnection(
                    _transport(connection), self._limits, self._bounds
                )
        finally:
            if self._pipelined is None:
                await self._close()
        return pipelined

    async def _close(self) -> None:
        """Close the connection, and tell the driver."""
        pipelined, self._pipelined = self._pipelined, None
        connection, self._driver_connection = self._driver_connection, None
        if pipelined is not None:
            pipelined.abort(ConnectionAbortedError)
        if connection is not None:
            await connection.disconnect(nowait=True)


async def _assert_nothing_buffered(connection: Any) -> None:
    """
    Pass when the driver holds no unread data: the rest of a half-read message would be taken for a reply.

    Raises:
        ConnectionAbortedError: It holds some.
    """
    has_more = getattr(connection, "can_read", None) or connection.can_read_destructive
    if await has_more():
        raise ConnectionAbortedError


def _transport(connection: Any) -> asyncio.Transport:
    """Return the transport of the driver's connection, for which it has no public name."""
    transport: asyncio.Transport = connection._writer.transport  # noqa: SLF001
    return transport

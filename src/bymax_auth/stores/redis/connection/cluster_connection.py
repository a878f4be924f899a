"""
Access to a Cluster through redis-py's client, which has no queue for its connections.

    request ──▶ a connection slot, within `Limits.queue` ──▶ node map loaded ──▶ command
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from redis.asyncio.cluster import ClusterPipeline, RedisCluster
from redis.exceptions import MaxConnectionsError
from redis.exceptions import TimeoutError as DriverTimeoutError

from bymax_auth.stores.exceeded_bounds import ExceededBounds
from bymax_auth.stores.redis.connection.connect import Limits, time_bound
from bymax_auth.stores.redis.connection.driver_errors import map_driver_errors
from bymax_auth.stores.redis.connection.single_flight import SingleFlight
from bymax_auth.stores.redis.replies import Argument, Reply, decode_reply

__all__ = ["ClusterConnection"]


class ClusterConnection:
    """Runs at most as many commands at once as there are connections to one node, each within a timeout."""

    __slots__ = ("_bounds", "_client", "_initialization", "_initialized", "_limits", "_slots")

    def __init__(self, client: RedisCluster, limits: Limits) -> None:
        self._client: Any = client
        self._slots = asyncio.Semaphore(limits.connections)
        self._limits = limits
        self._bounds = ExceededBounds()
        # Concurrent initializations of the client close each other's connections, or run one after another.
        self._initialization: SingleFlight[Any] = SingleFlight(
            self._client.initialize, limits.connect + limits.answer
        )
        self._initialized = False

    async def execute(self, command: tuple[Argument, ...]) -> Reply:
        """
        Return the reply to a command, its bytes decoded as text.

        Raises:
            RedisError: The Cluster refused the command or did not answer, or no connection slot became free.
            TimeoutError: The Cluster did not answer in time.
        """
        return await self._run(lambda: self._client.execute_command(*command))

    async def values(self, keys: Sequence[str]) -> list[str | None]:
        """
        Return the values of keys in any slots; those of one slot are read together.

        Raises:
            RedisError, TimeoutError: As `execute`.
        """
        if getattr(self._client, "cluster_error_retry_attempts", None) != 0:
            reply: Any = await self._run(lambda: self._client.mget_nonatomic(keys))
            return cast("list[str | None]", reply)
        pipeline_of: Any = ClusterPipeline
        pipeline = pipeline_of(_SentOnce(self._client))
        for key in keys:
            pipeline.execute_command("MGET", key)
        replies: Any = await self._run(pipeline.execute)
        return [value for (value,) in replies]

    async def _run(self, send: Callable[[], Awaitable[object]]) -> Reply:
        try:
            async with self.slot(), asyncio.timeout(self._limits.connect + self._limits.answer):
                if not self._initialized:
                    await self._initialization.result()
                    self._initialized = True
                with map_driver_errors():
                    return decode_reply(await send())
        except BaseException as error:
            if _is_timeout(error):
                of_driver = not isinstance(error, TimeoutError)
                self._bounds.warn(time_bound(self._limits, "connect", "answer", of_driver=of_driver))
            # The client may have to load again which node serves which keys.
            self._initialized = False
            raise

    async def aclose(self) -> None:
        """Cancel a running initialization.  Idempotent."""
        await self._initialization.aclose()

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None, None]:
        """
        Hold a connection slot for one command.

        Raises:
            MaxConnectionsError: None became free in time.
        """
        try:
            async with asyncio.timeout(self._limits.queue):
                await self._slots.acquire()
        except TimeoutError:
            self._bounds.warn(time_bound(self._limits, "queue"))
            raise MaxConnectionsError from None
        try:
            yield
        finally:
            self._slots.release()


class _SentOnce:
    """A client of release 5 of the driver, whose pipelines are not sent at all when it has no retries."""

    cluster_error_retry_attempts = 1

    def __init__(self, client: RedisCluster) -> None:
        self._client = client

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)


def _is_timeout(error: BaseException | None) -> bool:
    """Say whether a timeout caused the error, which the client wraps when it loads its node map again."""
    while error is not None and not isinstance(error, TimeoutError | DriverTimeoutError):
        error = error.__cause__
    return error is not None

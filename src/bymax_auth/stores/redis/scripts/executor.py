"""
Runs commands and scripts on Redis, with one rule for every failure.

    a reply                          decoded to text
    no connection, no reply          a pure read is retried once; then StoreUnavailable
    a script that is not cached      sent again with its text: it has not run
    a key of another type            StoreCorrupt
    any other error reply            StoreUnavailable
"""

import logging
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import NoScriptError

from bymax_auth.errors import StoreCorrupt, StoreUnavailable
from bymax_auth.stores.redis.connection.cluster_connection import ClusterConnection
from bymax_auth.stores.redis.connection.connect import Client, Limits, Replicas
from bymax_auth.stores.redis.connection.driver_errors import DRIVER_ERRORS, map_driver_errors, store_error
from bymax_auth.stores.redis.connection.shared_connection import SharedConnection
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.replies import Argument, Reply, decode_reply
from bymax_auth.stores.redis.scripts.script import ArgumentsT, KeysT, Script

__all__ = ["ScriptExecutor"]

_logger: Final = logging.getLogger("bymax_auth")

_CORRUPT: Final = "CORRUPT"


class ScriptExecutor:
    """Runs what the stores need on one Redis, or on one Redis Cluster."""

    __slots__ = ("_client", "_closed", "_connection", "_limits", "_replicas", "keys")

    def __init__(
        self,
        client: Client,
        keys: KeyBuilder,
        *,
        replicas: Replicas | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.keys: Final = keys
        self._client = client
        self._closed = False
        self._replicas = replicas or Replicas()
        self._limits = limits or Limits()
        self._connection = self._connect()

    def open(self) -> None:
        """Accept work again after `aclose`, over connections and locks of the event loop that runs now."""
        if self._closed:
            self._connection, self._closed = self._connect(), False

    async def aclose(self) -> None:
        """Refuse every later use, because the driver would reconnect on its own."""
        self._closed = True
        await self._connection.aclose()

    async def read(self, *command: Argument) -> Reply:
        """
        Return the reply to a command that changes nothing.

        Raises:
            StoreUnavailable: Redis did not answer, twice.
            StoreCorrupt: The key holds a value of another type.
        """
        try:
            return await self._send(command)
        except DRIVER_ERRORS:
            return await self.write(*command)

    async def write(self, *command: Argument, durable: bool = False) -> Reply:
        """
        Return the reply to a command, which is sent once; a `durable` one waits for replicas.

        Raises:
            StoreUnavailable: Redis did not answer; the command may or may not have run.
            StoreCorrupt: The key holds a value of another type.
        """
        try:
            return await self._send(command, durable=durable)
        except DRIVER_ERRORS as error:
            raise store_error(error) from None

    async def run(
        self,
        script: Script[..., KeysT, ..., ArgumentsT],
        keys: KeysT,
        arguments: ArgumentsT,
        *,
        durable: bool = False,
    ) -> list[Any]:
        """
        Return the reply of a script, which runs once; a `durable` one waits for replicas.

        Raises:
            StoreUnavailable: Redis did not answer; the script may or may not have run.
            StoreCorrupt: The script found a record that cannot be read, and changed nothing; or its reply has
                an unknown form.
        """
        # An optional key is the last one.
        sent = keys if keys[-1] is not None else keys[:-1]
        command: Any = ("EVALSHA", script.sha, len(sent), *sent, *arguments)
        return await self._run(script, command, durable=durable)

    async def _run(
        self, script: Script[..., Any, ..., Any], command: tuple[Argument, ...], *, durable: bool
    ) -> list[Any]:
        """Send the EVALSHA of a script, and its text when Redis has not cached it."""
        try:
            reply = await self._send(command, durable=durable)
        except NoScriptError:
            reply = await self.write("EVAL", script.source, *command[2:], durable=durable)
        except DRIVER_ERRORS as error:
            raise store_error(error) from None
        if not isinstance(reply, list) or not reply:
            raise StoreCorrupt(f"The reply of the script {script.name} is not a list.")
        if reply[0] == _CORRUPT:
            raise StoreCorrupt(f"The script {script.name} found a record that cannot be read.")
        return reply

    def _connect(self) -> ClusterConnection | SharedConnection:
        if isinstance(self._client, RedisCluster):
            return ClusterConnection(self._client, self._limits)
        return SharedConnection(self._client, self._limits)

    async def _send(self, command: tuple[Argument, ...], *, durable: bool = False) -> Reply:
        if self._closed:
            raise StoreUnavailable("The Redis stores are closed.")
        if durable and self._replicas.count and isinstance(self._client, Redis):
            return await self._send_and_wait(self._client, command)
        return await self._connection.execute(command)

    async def _send_and_wait(self, client: Redis, command: tuple[Argument, ...]) -> Reply:
        """Send WAIT on the connection that wrote, because Redis counts that connection's writes."""
        pipeline: Any = client.pipeline(transaction=False)
        pipeline.execute_command(*command)
        wanted = self._replicas
        pipeline.execute_command("WAIT", wanted.count, wanted.timeout_ms)
        with map_driver_errors():
            reply, reached = await pipeline.execute()
        if reached < wanted.count:
            _logger.warning("A revocation reached %d of %d replicas in time.", reached, wanted.count)
            if wanted.strict:
                raise StoreUnavailable("A revocation reached too few replicas in time.")
        return decode_reply(reply)

"""
Runs commands and scripts on Redis, with one rule for every failure.

    a reply                          decoded to text
    no connection, no reply          a pure read is retried once; then StoreUnavailable
    a script that is not cached      sent again with its text: it has not run
    a key of another type            StoreCorrupt
    any other error reply            StoreUnavailable
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import NoScriptError

from bymax_auth.errors import StoreCorrupt, StoreUnavailable
from bymax_auth.stores.redis.connection.cluster_connection import ClusterConnection
from bymax_auth.stores.redis.connection.connect import Client, Limits, Replicas
from bymax_auth.stores.redis.connection.driver_errors import DRIVER_ERRORS, map_driver_errors, store_error
from bymax_auth.stores.redis.connection.owner import Owner
from bymax_auth.stores.redis.connection.shared_connection import SharedConnection
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.replies import Argument, Reply, decode_reply
from bymax_auth.stores.redis.scripts.script import ArgumentsT, KeysT, Script

__all__ = ["ScriptExecutor"]

_logger: Final = logging.getLogger("bymax_auth")

_CORRUPT: Final = "CORRUPT"

_KEYS_AT_ONCE: Final = 500
"""Keys that one command reads, in a fraction of a millisecond of the server's time."""


class ScriptExecutor:
    """Runs what the stores need on one Redis, or on one Redis Cluster."""

    __slots__ = (
        "_closed",
        "_connection",
        "_inherited",
        "_limits",
        "_owner",
        "_reopen",
        "_replicas",
        "client",
        "keys",
    )

    def __init__(
        self,
        client: Client,
        keys: KeyBuilder,
        *,
        replicas: Replicas | None = None,
        limits: Limits | None = None,
        reopen: Callable[[], Client] | None = None,
    ) -> None:
        """
        Run commands over a client.

        Args:
            client: The client.
            keys: Builds the keys.
            replicas: How many replicas a durable write waits for.
            limits: How long a request may wait.
            reopen: Returns another client to the same Redis; ``None`` when the client is the host's.
        """
        self.keys: Final = keys
        self.client = client
        self._closed = False
        self._replicas = replicas or Replicas()
        self._limits = limits or Limits()
        self._reopen = reopen
        self._owner: Owner | None = None
        self._inherited: list[object] = []
        self._connection = _connection(client, self._limits)

    def open(self) -> None:
        """
        Make this process and this event loop the owner, and accept work again after `aclose`.

        Raises:
            StoreUnavailable: As `take_over`.
        """
        if not self.take_over() and self._closed:
            self._connection = _connection(self.client, self._limits)
        self._closed = False

    def take_over(self) -> bool:
        """
        Make this process and this event loop the owner of the client; say whether it was another's before.

        What a parent process opened is kept referenced: closing it here would end the parent's.

        Raises:
            StoreUnavailable: Another running event loop owns it, or the host's client cannot be used by
                another owner.
        """
        previous = self._owner
        if previous is None:
            self._owner = Owner()
            return False
        if previous.is_current():
            return False
        previous.assert_ended()
        client = self.client if self._reopen is None else self._reopen()
        left = _leave_pool(client) if client is self.client else self.client
        if not previous.is_this_process():
            self._inherited.append((left, self._connection))
        self.client, self._connection = client, _connection(client, self._limits)
        self._owner = Owner()
        return True

    async def aclose(self) -> bool:
        """
        Refuse every later use, because the driver would reconnect on its own.

        Returns:
            Whether the client may be closed too: it is not another process's or another loop's.
        """
        self._closed = True
        if self._owner is not None and not self._owner.is_current():
            return False
        await self._connection.aclose()
        return True

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

    async def read_values(self, keys: Sequence[str]) -> list[str | None]:
        """
        Return the values of keys in any slots, in order; of each slot they are read together.

        Raises:
            StoreUnavailable: Redis did not answer, twice.
        """
        values: list[str | None] = []
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            part = keys[start : start + _KEYS_AT_ONCE]
            try:
                values += await self._values(part)
            except DRIVER_ERRORS:
                try:
                    values += await self._values(part)
                except DRIVER_ERRORS as error:
                    raise store_error(error) from None
        return values

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

    async def _values(self, keys: Sequence[str]) -> list[str | None]:
        self._require_open()
        return await self._connection.values(keys)

    def _require_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("The Redis stores are closed.")
        if self._owner is None or not self._owner.is_current():
            self.take_over()

    def _send(self, command: tuple[Argument, ...], *, durable: bool = False) -> Awaitable[Reply]:
        self._require_open()
        if durable and self._replicas.count and isinstance(self.client, Redis):
            return self._send_and_wait(self.client, command)
        return self._connection.execute(command)

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


def _connection(client: Client, limits: Limits) -> ClusterConnection | SharedConnection:
    if isinstance(client, RedisCluster):
        return ClusterConnection(client, limits)
    return SharedConnection(client, limits)


def _leave_pool(client: Client) -> object:
    """
    Empty the pool of the host's client, and return what was in it.

    Raises:
        StoreUnavailable: The client is a Cluster's, which keeps connections to every node.
    """
    if isinstance(client, RedisCluster):
        raise StoreUnavailable(
            "The Redis client was used before this process was forked, or on another event loop; build the "
            "stores where they are used, or with RedisStores.from_url."
        )
    pool: Any = client.connection_pool
    left: dict[str, Any] = {**pool.__dict__}
    pool.reset()
    return left

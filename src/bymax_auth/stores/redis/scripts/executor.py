"""
The way to Redis: reads, writes and scripts, with one rule for everything that can go wrong.

    a reply                         decoded to text
    no connection, no answer        a pure read is asked once more; then StoreUnavailable
    a script that Redis forgot      sent again with its text: it has not run
    a key of another type           StoreCorrupt
    anything else that is refused   StoreUnavailable
"""

import logging
import re
from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import NoScriptError, ResponseError

from bymax_auth.errors import StoreCorrupt, StoreError, StoreUnavailable
from bymax_auth.stores.redis.connection.cluster_connection import Turnstile
from bymax_auth.stores.redis.connection.connect import Client, Limits, Replicas
from bymax_auth.stores.redis.connection.driver_errors import OUTAGES, driving
from bymax_auth.stores.redis.connection.shared_connection import Lane
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.replies import Reply, Word, text
from bymax_auth.stores.redis.scripts.script import Script

__all__ = ["RedisServer", "failed"]

_logger: Final = logging.getLogger("bymax_auth")

_CORRUPT: Final = "CORRUPT"

_CODE: Final = re.compile(r"[A-Z]+\b")
_OTHER_TYPE: Final = "WRONGTYPE"


class RedisServer:
    """One Redis, or one Redis Cluster, as the stores use it."""

    __slots__ = ("_client", "_closed", "_replicas", "_way", "keys")

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
        limits = limits or Limits()
        self._way = Turnstile(client, limits) if isinstance(client, RedisCluster) else Lane(client, limits)

    async def aclose(self) -> None:
        """Refuse every later use: a driver would connect again without a word."""
        self._closed = True
        await self._way.aclose()

    async def read(self, *command: Word) -> Reply:
        """
        Return the reply to a command that changes nothing.

        Raises:
            StoreUnavailable: Redis did not answer, twice.
            StoreCorrupt: The key holds something else.
        """
        try:
            return await self._send(command)
        except OUTAGES:
            return await self.write(*command)

    async def write(self, *command: Word, durable: bool = False) -> Reply:
        """
        Return the reply to a command, which is sent once; a `durable` one waits for replicas.

        Raises:
            StoreUnavailable: Redis did not answer; the command may or may not have run.
            StoreCorrupt: The key holds something else.
        """
        try:
            return await self._send(command, durable=durable)
        except OUTAGES as error:
            raise failed(error) from None

    async def run(
        self, script: Script, keys: Sequence[str], arguments: Sequence[Word], *, durable: bool = False
    ) -> list[Any]:
        """
        Return the reply of a script, which runs once; a `durable` one waits for replicas.

        Raises:
            StoreUnavailable: Redis did not answer; the script may or may not have run.
            StoreCorrupt: The script met a record that it cannot read, and changed nothing; or it did
                not answer in its own form.
        """
        words = (len(keys), *keys, *arguments)
        try:
            reply = await self._send(("EVALSHA", script.sha, *words), durable=durable)
        except NoScriptError:
            reply = await self.write("EVAL", script.source, *words, durable=durable)
        except OUTAGES as error:
            raise failed(error) from None
        if not isinstance(reply, list) or not reply:
            raise StoreCorrupt(f"The script {script.name} gave no list.")
        if reply[0] == _CORRUPT:
            raise StoreCorrupt(f"The script {script.name} met a record that cannot be read.")
        return reply

    async def _send(self, command: tuple[Word, ...], *, durable: bool = False) -> Reply:
        if self._closed:
            raise StoreUnavailable("The Redis stores are closed.")
        if durable and self._replicas.count and isinstance(self._client, Redis):
            return await self._send_and_wait(self._client, command)
        return await self._way.ask(command)

    async def _send_and_wait(self, client: Redis, command: tuple[Word, ...]) -> Reply:
        """Wait on the connection that wrote: Redis counts what that one has written."""
        pipeline: Any = client.pipeline(transaction=False)
        pipeline.execute_command(*command)
        wanted = self._replicas
        pipeline.execute_command("WAIT", wanted.count, wanted.patience_ms)
        with driving():
            reply, reached = await pipeline.execute()
        if reached < wanted.count:
            _logger.warning("A revocation reached %d of %d replicas in time.", reached, wanted.count)
            if wanted.strict:
                raise StoreUnavailable("A revocation reached too few replicas in time.")
        return text(reply)


def failed(error: BaseException) -> StoreError:
    """
    Return the failure in this library's words.

    A driver's text may repeat keys and records.  Of what Redis says, the first word is a code.
    """
    if isinstance(error, UnicodeDecodeError) or _OTHER_TYPE in str(error):
        return StoreCorrupt("A key of the Redis stores holds something else.")
    code = _CODE.match(str(error)) if isinstance(error, ResponseError) else None
    name = type(error).__name__ if code is None else code.group()
    return StoreUnavailable(f"Redis did not do what it was asked: {name}.")

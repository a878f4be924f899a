"""
One open connection that many callers use at once: commands leave together, replies come back in order.

    callers ──▶ one write ──▶ Redis ──▶ one read ──▶ callers
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import hiredis
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    MasterDownError,
    MaxConnectionsError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)

from bymax_auth.stores.redis.connection.connect import Limits

__all__ = ["Line"]

_IDLE: Final = 30.0
"""Seconds after which a silent connection may have died without a word, as they do behind load balancers."""

_MORE: Final = object()
"""What the parser gives while a reply is not complete."""

_REFUSALS: Final[dict[str, type[RedisError]]] = {
    "NOSCRIPT": NoScriptError,
    "READONLY": ReadOnlyError,
    "LOADING": BusyLoadingError,
    "MASTERDOWN": MasterDownError,
    "NOAUTH": AuthenticationError,
}
_INSIDE_A_SCRIPT: Final = ": -READONLY "
"""Redis before 7.0 starts a script whose writes it refuses, and says so in the midst of its reply."""
_ELSEWHERE: Final = (ReadOnlyError, BusyLoadingError, MasterDownError, AuthenticationError)
"""
Refusals of a server that is no master, or not yet: the next command looks for one that is.

Or of one that does not know who asks: a driver that could not say it leaves its connection open.
"""


class Line(asyncio.Protocol):
    """One open connection, taken over from the driver's own protocol."""

    def __init__(self, transport: asyncio.Transport, limits: Limits) -> None:
        self._transport = transport
        self._former: Any = transport.get_protocol()
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._parser = hiredis.Reader(
            encoding="utf-8", errors="replace", notEnoughData=_MORE, replyError=_refusal
        )
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._outgoing: list[bytes] = []
        self._watch: asyncio.TimerHandle | None = None
        self._heard_at = self._loop.time()
        self._ended = transport.is_closing()
        transport.set_protocol(self)

    def stale(self) -> bool:
        """Tell whether another connection must be opened for the next command."""
        return self._ended or (not self._waiting and self._loop.time() - self._heard_at > _IDLE)

    def send(self, packed: bytes) -> asyncio.Future[Any]:
        """
        Return what will hold the reply.

        Raises:
            ConnectionError: The connection has ended.
            MaxConnectionsError: Too many others wait already.
        """
        if self._ended:
            raise ConnectionResetError
        if len(self._waiting) >= self._limits.waiting:
            raise MaxConnectionsError
        future: asyncio.Future[Any] = self._loop.create_future()
        now = self._loop.time()
        self._waiting.append((future, now))
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(packed)
        if self._watch is None:
            self._watch = self._loop.call_later(self._limits.answer, self._look)
        return future

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            self._parser.feed(data)
            while (reply := self._parser.gets()) is not _MORE:
                self._deliver(reply)
        except hiredis.ProtocolError:
            self.end(ConnectionAbortedError)

    def connection_lost(self, exc: Exception | None) -> None:
        self._former.connection_lost(exc)
        self._release(ConnectionResetError)

    def end(self, failure: Callable[[], Exception]) -> None:
        """Hang up, and let everybody who waits know."""
        if not self._ended:
            self._transport.abort()
        self._release(failure)

    def _release(self, failure: Callable[[], Exception]) -> None:
        self._ended = True
        if self._watch is not None:
            self._watch.cancel()
        while self._waiting:
            future, _ = self._waiting.popleft()
            if not future.done():
                future.set_exception(failure())

    def _flush(self) -> None:
        if not self._ended:
            self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def _deliver(self, reply: Any) -> None:
        if isinstance(reply, hiredis.PushNotification):
            return
        if not self._waiting:
            # Replies are told apart by their order alone, so one too many makes every later one doubtful.
            self.end(ConnectionAbortedError)
            return
        future, _ = self._waiting.popleft()
        if isinstance(reply, RedisError):
            if not future.done():
                future.set_exception(reply)
            if isinstance(reply, _ELSEWHERE):
                self.end(ConnectionAbortedError)
        elif not future.done():
            future.set_result(reply)

    def _look(self) -> None:
        """Give the connection up once its oldest command has waited too long."""
        self._watch = None
        if self._waiting:
            left = self._waiting[0][1] + self._limits.answer - self._loop.time()
            if left > 0:
                self._watch = self._loop.call_later(left, self._look)
            else:
                self.end(TimeoutError)


def _refusal(message: str) -> RedisError:
    if message.startswith("ERR ") and _INSIDE_A_SCRIPT in message:
        return ReadOnlyError(message)
    return _REFUSALS.get(message.partition(" ")[0], ResponseError)(message)

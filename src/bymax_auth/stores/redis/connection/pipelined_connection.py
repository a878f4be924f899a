"""
One open connection that many callers use at once: commands are pipelined, replies arrive in order.

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

from bymax_auth.stores.exceeded_bounds import Bound, ExceededBounds
from bymax_auth.stores.redis.connection.connect import Limits, option_of, time_bound

__all__ = ["PipelinedConnection"]

_IDLE_SECONDS: Final = 30.0
"""Idle time after which a load balancer may have dropped the connection without closing it."""

_INCOMPLETE: Final = object()
"""What the parser returns while a reply is incomplete."""

_ERRORS: Final[dict[str, type[RedisError]]] = {
    "NOSCRIPT": NoScriptError,
    "READONLY": ReadOnlyError,
    "LOADING": BusyLoadingError,
    "MASTERDOWN": MasterDownError,
    "NOAUTH": AuthenticationError,
}
_READONLY_IN_SCRIPT: Final = ": -READONLY "
"""Redis before 7.0 starts a script whose writes it refuses, and puts the code inside its error text."""
_RECONNECT_ON: Final = (ReadOnlyError, BusyLoadingError, MasterDownError, AuthenticationError)
"""
Errors after which the next command must use a new connection.

The server is not the master, or not ready; or the connection is not authenticated: a driver that failed to
authenticate leaves it open.
"""


class PipelinedConnection(asyncio.Protocol):
    """One open connection, taken over from the driver's own protocol."""

    def __init__(self, transport: asyncio.Transport, limits: Limits, bounds: ExceededBounds) -> None:
        self._transport = transport
        self._driver_protocol: Any = transport.get_protocol()
        self._limits = limits
        self._bounds = bounds
        self._loop = asyncio.get_running_loop()
        self._parser = hiredis.Reader(
            encoding="utf-8", errors="replace", notEnoughData=_INCOMPLETE, replyError=_error
        )
        self._pending: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._outgoing: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._received_at = self._loop.time()
        self._closed = transport.is_closing()
        transport.set_protocol(self)

    def needs_replacement(self) -> bool:
        """Say whether the next command needs a new connection: this one is closed, or was idle too long."""
        return self._closed or (not self._pending and self._loop.time() - self._received_at > _IDLE_SECONDS)

    def send(self, packed: bytes) -> asyncio.Future[Any]:
        """
        Return the future of the reply.  A cancelled one keeps its place in the order of replies.

        Raises:
            ConnectionError: The connection is closed.
            MaxConnectionsError: Too many commands are pending.
        """
        if self._closed:
            raise ConnectionResetError
        if len(self._pending) >= self._limits.waiting:
            self._bounds.warn(_waiting_bound(self._limits))
            raise MaxConnectionsError
        future: asyncio.Future[Any] = self._loop.create_future()
        now = self._loop.time()
        self._pending.append((future, now))
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(packed)
        if self._timer is None:
            self._timer = self._loop.call_later(self._limits.answer, self._check_oldest)
        return future

    def data_received(self, data: bytes) -> None:
        self._received_at = self._loop.time()
        try:
            self._parser.feed(data)
            while (reply := self._parser.gets()) is not _INCOMPLETE:
                self._deliver(reply)
        except hiredis.ProtocolError:
            self.abort(ConnectionAbortedError)

    def connection_lost(self, exc: Exception | None) -> None:
        self._driver_protocol.connection_lost(exc)
        self._fail_pending(ConnectionResetError)

    def abort(self, failure: Callable[[], Exception]) -> None:
        """Close the connection at once; every pending command fails with `failure`."""
        if not self._closed:
            self._transport.abort()
        self._fail_pending(failure)

    def _fail_pending(self, failure: Callable[[], Exception]) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        while self._pending:
            future, _ = self._pending.popleft()
            if not future.done():
                future.set_exception(failure())

    def _flush(self) -> None:
        if not self._closed:
            self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def _deliver(self, reply: Any) -> None:
        if isinstance(reply, hiredis.PushNotification):
            return
        if not self._pending:
            # Only their order assigns replies to commands, so after a surplus reply none can be trusted.
            self.abort(ConnectionAbortedError)
            return
        future, _ = self._pending.popleft()
        if isinstance(reply, RedisError):
            if not future.done():
                future.set_exception(reply)
            if isinstance(reply, _RECONNECT_ON):
                self.abort(ConnectionAbortedError)
        elif not future.done():
            future.set_result(reply)

    def _check_oldest(self) -> None:
        """Abort the connection when its oldest command has waited longer than the limit."""
        self._timer = None
        if self._pending:
            left = self._pending[0][1] + self._limits.answer - self._loop.time()
            if left > 0:
                self._timer = self._loop.call_later(left, self._check_oldest)
            else:
                self._bounds.warn(time_bound(self._limits, "answer"))
                self.abort(TimeoutError)


def _waiting_bound(limits: Limits) -> Bound:
    return Bound("waiting", f"{limits.waiting} commands", option_of("waiting"))


def _error(message: str) -> RedisError:
    if message.startswith("ERR ") and _READONLY_IN_SCRIPT in message:
        return ReadOnlyError(message)
    return _ERRORS.get(message.partition(" ")[0], ResponseError)(message)

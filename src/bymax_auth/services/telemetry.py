"""
What turns flows, stores and events into measurements, where a host has given a `Telemetry`.

    engine.login ──▶ ObservedFlow ──▶ Login ──▶ ObservedStore ──▶ store
                          │                          │
                          └──── outcome, time ───────┴──▶ SafeTelemetry ──▶ the host's telemetry

Without one, nothing of this module is used.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar, cast
from weakref import WeakSet

from bymax_auth.errors import AuthError, AuthErrorCode, InternalError
from bymax_auth.ports.attempts import AttemptStore, RateLimitStore
from bymax_auth.ports.events import (
    AuthEvent,
    EventSink,
    LoginLocked,
    ReauthenticationLocked,
    RefreshReuseDetected,
)
from bymax_auth.ports.mfa import MfaStore
from bymax_auth.ports.one_time import OtpStore, ProofStore
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import SessionStore
from bymax_auth.ports.stores import AuthStores
from bymax_auth.ports.telemetry import Ended, Telemetry, WaitingWork
from bymax_auth.types.identity import KeyLayout, Realm

__all__ = [
    "STORE_DURATION_BOUNDS",
    "ObservedStores",
    "SafeTelemetry",
    "TelemetryEventSink",
    "WatchedQueues",
    "observed_flow",
    "outcome_of",
]

_LOGGER: Final = logging.getLogger("bymax_auth")

STORE_DURATION_BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds: most operations of a store take less than the first bounds that metrics of web servers have."""

_CODES: Final = frozenset(map(str, AuthErrorCode))

ArgumentsP = ParamSpec("ArgumentsP")
ResultT = TypeVar("ResultT")
StoreT = TypeVar("StoreT")


def outcome_of(error: BaseException | None) -> str:
    """
    Return the outcome of an operation: one of a closed set of names, whatever was raised.

    ``ok``, the code of a refusal, ``refused`` for a code of the host's own, ``unavailable`` for an outage,
    ``cancelled``, or ``error``.
    """
    match error:
        case None:
            return "ok"
        case AuthError():
            return error.code if error.code in _CODES else "refused"
        case InternalError():
            return "unavailable" if error.code is AuthErrorCode.UNAVAILABLE else "error"
        case asyncio.CancelledError():
            return "cancelled"
        case _:
            return "error"


class SafeTelemetry:
    """Passes measurements to a host's telemetry; its first failure is logged, and none changes anything."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._failed = False

    def flow_began(self, operation: str, realm: Realm) -> Ended:
        """Measure a flow."""
        return self._ended(lambda: self._telemetry.flow_began(operation, realm))

    def store_call_began(self, operation: str) -> Ended:
        """Measure an operation of a store."""
        return self._ended(lambda: self._telemetry.store_call_began(operation))

    def reuse_detected(self, realm: Realm) -> None:
        """Count a replayed refresh token."""
        self._attempt(lambda: self._telemetry.reuse_detected(realm))

    def locked_out(self, operation: str, realm: Realm) -> None:
        """Count a refused attempt."""
        self._attempt(lambda: self._telemetry.locked_out(operation, realm))

    def watch(self, queue: WaitingWork) -> None:
        """Report how much waits in a queue."""
        self._attempt(lambda: self._telemetry.watch(queue))

    def _ended(self, begin: Callable[[], Ended]) -> Ended:
        ended = self._attempt(begin)
        if ended is None:
            return _nothing
        return lambda outcome: self._attempt(partial(ended, outcome))

    def _attempt(self, call: Callable[[], ResultT]) -> ResultT | None:
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - a host's telemetry may raise anything
            if not self._failed:
                self._failed = True
                _LOGGER.error(
                    "Telemetry failed; its further failures are not logged",
                    extra={"event": "telemetry.failed", "exception": type(error).__qualname__},
                )
            return None


class TelemetryEventSink:
    """Implements `EventSink`: counts what events report, and passes each on."""

    __slots__ = ("_sink", "_telemetry")

    def __init__(self, sink: EventSink, telemetry: Telemetry) -> None:
        self._sink = sink
        self._telemetry = telemetry

    def emit(self, event: AuthEvent) -> None:
        """Count `event`, and pass it on."""
        self._sink.emit(event)
        match event:
            case RefreshReuseDetected():
                self._telemetry.reuse_detected(event.realm)
            case LoginLocked():
                self._telemetry.locked_out("login", event.realm)
            case ReauthenticationLocked():
                self._telemetry.locked_out(event.flow, event.realm)
            case _:
                pass


class ObservedStores:
    """Implements `AuthStores`: the given stores, with every operation measured."""

    def __init__(self, stores: AuthStores, telemetry: Telemetry) -> None:
        self._stores = stores
        self.sessions: SessionStore = _observed("sessions", stores.sessions, telemetry)
        self.revocation: RevocationStore = _observed("revocation", stores.revocation, telemetry)
        self.attempts: AttemptStore = _observed("attempts", stores.attempts, telemetry)
        self.rate_limits: RateLimitStore = _observed("rate_limits", stores.rate_limits, telemetry)
        self.otps: OtpStore = _observed("otps", stores.otps, telemetry)
        proofs = stores.proofs
        self.proofs: ProofStore | None = None if proofs is None else _observed("proofs", proofs, telemetry)
        mfa = stores.mfa
        self.mfa: MfaStore | None = None if mfa is None else _observed("mfa", mfa, telemetry)

    @property
    def layout(self) -> KeyLayout:
        """The layout of keys."""
        return self._stores.layout

    @property
    def volatile(self) -> bool:
        """Whether the data ends with the process."""
        return self._stores.volatile

    @property
    def allow_in_production(self) -> bool:
        """Whether volatile stores are accepted in production."""
        return self._stores.allow_in_production

    @property
    def longest_access_ttl(self) -> timedelta | None:
        """The longest lifetime of an access token whose revocation is kept."""
        return self._stores.longest_access_ttl

    async def start(self) -> None:
        """Open the stores."""
        await self._stores.start()

    async def aclose(self) -> None:
        """Close the stores."""
        await self._stores.aclose()


class WatchedQueues:
    """Queues whose waiting work is reported as one number, for as long as each exists."""

    def __init__(self) -> None:
        self._queues: WeakSet[WaitingWork] = WeakSet()

    def add(self, queue: WaitingWork) -> None:
        """Add a queue."""
        self._queues.add(queue)

    @property
    def waiting(self) -> int:
        """How much work waits in all of them."""
        return sum(queue.waiting for queue in tuple(self._queues))


def observed_flow(
    flow: Callable[ArgumentsP, Awaitable[ResultT]], operation: str, realm: Realm, telemetry: Telemetry
) -> Callable[ArgumentsP, Awaitable[ResultT]]:
    """Return a flow that does the same, and is measured."""
    return _measured(flow, lambda: telemetry.flow_began(operation, realm))


class _ObservedStore:
    """A store with every operation measured; what is no operation is the store's own."""

    def __init__(self, name: str, store: object, telemetry: Telemetry) -> None:
        self._name = name
        self._store = store
        self._telemetry = telemetry

    def __getattr__(self, name: str) -> Any:
        found: Any = getattr(self._store, name)
        if not inspect.iscoroutinefunction(found):
            return found
        operation = f"{self._name}.{name}"
        measured = _measured(found, lambda: self._telemetry.store_call_began(operation))
        # The next look-up finds it here.
        setattr(self, name, measured)
        return measured


def _observed(name: str, store: StoreT, telemetry: Telemetry) -> StoreT:
    return cast(StoreT, _ObservedStore(name, store, telemetry))


def _measured(
    operation: Callable[ArgumentsP, Awaitable[ResultT]], begin: Callable[[], Ended]
) -> Callable[ArgumentsP, Awaitable[ResultT]]:
    async def measured(*arguments: ArgumentsP.args, **named: ArgumentsP.kwargs) -> ResultT:
        ended = begin()
        try:
            result = await operation(*arguments, **named)
        except BaseException as error:
            ended(outcome_of(error))
            raise
        ended("ok")
        return result

    return measured


def _nothing(_outcome: str) -> None:
    return None

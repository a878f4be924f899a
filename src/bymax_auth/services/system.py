"""The defaults of an engine: the system clock, and events written as log records."""

import asyncio
import logging
import time
from dataclasses import fields
from datetime import UTC, datetime
from typing import Final, cast

from bymax_auth.ports.events import AuthEvent, EventSink
from bymax_auth.services.privacy import log_safe

__all__ = ["LoggingEventSink", "SafeEventSink", "SystemClock"]

_LOGGER: Final = logging.getLogger("bymax_auth")


class SystemClock:
    """Implements `Clock` with the system's clocks."""

    def now(self) -> datetime:
        """Return the current instant, aware and in UTC."""
        return datetime.now(UTC)

    def unix_seconds(self) -> int:
        """Return `now` in whole seconds since 1970, at a fifth of its cost; a subclass replaces both."""
        return int(time.time())

    def monotonic(self) -> float:
        """Return seconds on a counter that never steps back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return once `monotonic` has advanced by `seconds`."""
        until = self.monotonic() + seconds
        # A timer may fire up to one tick of the loop's clock early, which a minimum duration does not allow.
        while (remaining := until - self.monotonic()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(remaining)


class LoggingEventSink:
    """
    Writes each event as a record of the logger ``bymax_auth``.

    The record's `event` is the event's name and its other fields the event's own, each made
    safe to log.
    """

    def emit(self, event: AuthEvent) -> None:
        """Write `event`, at its own level."""
        if not _LOGGER.isEnabledFor(event.level):
            return
        extra: dict[str, object] = {"event": event.name}
        for part in fields(event):
            extra[part.name] = _loggable(getattr(event, part.name))
        _LOGGER.log(event.level, event.message, extra=extra)


class SafeEventSink:
    """Passes events to a host's sink; its failure is logged by class name and changes nothing."""

    __slots__ = ("_sink",)

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink

    def emit(self, event: AuthEvent) -> None:
        """Pass `event` to the sink."""
        try:
            self._sink.emit(event)
        except Exception as error:  # noqa: BLE001 - a host's sink may raise anything
            _LOGGER.error(
                "The event sink failed",
                extra={
                    "event": "event_sink.failed",
                    "origin": event.name,
                    "exception": type(error).__qualname__,
                },
            )


def _loggable(value: object) -> object:
    match value:
        case str():
            return log_safe(str(value))
        case None | bool() | int():
            return value
        case tuple():
            return tuple(_loggable(part) for part in cast(tuple[object, ...], value))
        case _:
            return log_safe(type(value).__qualname__)

"""
How a failure is reported: the event sink gets class names, the host's callback gets the exception.

The text of an exception from host code may hold an address or a connection string, so no event carries it.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeVar

from bymax_auth.errors import InternalError
from bymax_auth.ports.events import AuthEvent, EventSink, InternalFailure
from bymax_auth.services.diagnostics import causes_of

__all__ = ["FailureReporter", "InternalErrorCallback", "class_name", "stack_of"]

InternalErrorCallback = Callable[[str, BaseException], object]
"""The host's own error reporting, called with the name of the event or origin and the exception."""

FailureT = TypeVar("FailureT", bound=InternalError)


def class_name(error: BaseException) -> str:
    """Return the name of the exception's class, which is safe to log."""
    return type(error).__qualname__


@dataclass(frozen=True, slots=True)
class FailureReporter:
    """Reports failures to the event sink, and once to the host.  Never raises."""

    events: EventSink
    on_internal_error: InternalErrorCallback | None = None

    def report(self, origin: str, error: BaseException) -> None:
        """
        Report a failure that is answered with ``auth.internal`` or ``auth.unavailable``.

        The event names the exceptions that led to it, and says where it was raised.
        """
        stack = stack_of(error)
        if isinstance(error, InternalError):
            if error.reported:
                return
            error.reported = True
            stack = (*error.raised_at, *stack)
        self._emit(_failure(origin, error, stack), origin, error)

    def stand_in(self, origin: str, error: BaseException, failure: FailureT) -> FailureT:
        """
        Report host code's exception and return `failure`, to be raised ``from None`` in its place.

        Wherever `failure` is caught it is not reported again.
        """
        failure.reported = True
        self._emit(_failure(origin, error), origin, error)
        return failure

    def note(self, event: AuthEvent, error: BaseException) -> None:
        """
        Report a failure that changes no response, as `event`.

        A failure that was reported before, such as a repository's, is only emitted as this event.
        """
        if isinstance(error, InternalError):
            if error.reported:
                self.events.emit(event)
                return
            error.reported = True
        self._emit(event, event.name, error)

    def _emit(self, event: AuthEvent, name: str, error: BaseException) -> None:
        self.events.emit(event)
        if self.on_internal_error is None:
            return
        try:
            self.on_internal_error(name, error)
        except Exception as broken:  # noqa: BLE001 - the host's reporting must not change a response
            self.events.emit(_failure("on_internal_error", broken))


def _failure(origin: str, error: BaseException, stack: tuple[str, ...] = ()) -> InternalFailure:
    return InternalFailure(origin=origin, exception=class_name(error), causes=causes_of(error), stack=stack)


def stack_of(error: BaseException) -> tuple[str, ...]:
    """Return files, lines and functions, innermost first; never the exception's text or any value."""
    # Not `extract_tb`, which also reads every line of source from the disk, on the event loop.
    frames = ((frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__))
    places = [f"{PurePath(code.co_filename).name}:{line} {code.co_name}" for code, line in frames]
    return tuple(reversed(places))

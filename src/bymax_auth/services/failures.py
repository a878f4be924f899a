"""
How a failure is reported: by class name to the event sink, as itself to the host alone.

The text of an exception that came out of host code may hold anything, an address or a
connection string, so no event carries it.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeVar

from bymax_auth.errors import InternalError
from bymax_auth.ports.events import AuthEvent, EventSink, InternalFailure
from bymax_auth.services.diagnostics import causes_of

__all__ = ["FailureReporter", "InternalErrorCallback", "class_name"]

InternalErrorCallback = Callable[[str, BaseException], object]
"""The host's own error reporting: (name of the event or origin, the exception itself)."""

FailureT = TypeVar("FailureT", bound=InternalError)


def class_name(error: BaseException) -> str:
    """Return the only thing about an exception that may be logged."""
    return type(error).__qualname__


@dataclass(frozen=True, slots=True)
class FailureReporter:
    """Tells the event sink and the host of failures.  Never raises, and tells the host of each once."""

    events: EventSink
    on_internal_error: InternalErrorCallback | None = None

    def report(self, origin: str, error: BaseException) -> None:
        """
        Report a failure that is answered with ``auth.internal``.

        An exception that is no `InternalError` came through no port: it is a fault of the
        library, and its event also says where it was raised.
        """
        if isinstance(error, InternalError):
            if error.reported:
                return
            error.reported = True
            stack: tuple[str, ...] = ()
        else:
            stack = _stack_of(error)
        self._tell(_failure(origin, error, stack), origin, error)

    def stand_in(self, origin: str, error: BaseException, failure: FailureT) -> FailureT:
        """
        Report host code's exception and return `failure`, to be raised ``from None`` in its place.

        Wherever `failure` is caught it is not reported again.
        """
        failure.reported = True
        self._tell(_failure(origin, error), origin, error)
        return failure

    def note(self, event: AuthEvent, error: BaseException) -> None:
        """
        Report a failure that changes no answer, as `event`.

        A failure that the host has been told of, such as a repository's, is an event and nothing more.
        """
        if isinstance(error, InternalError):
            if error.reported:
                self.events.emit(event)
                return
            error.reported = True
        self._tell(event, event.name, error)

    def _tell(self, event: AuthEvent, name: str, error: BaseException) -> None:
        self.events.emit(event)
        if self.on_internal_error is None:
            return
        try:
            self.on_internal_error(name, error)
        except Exception as broken:  # noqa: BLE001 - the host's reporting must not change an answer
            self.events.emit(_failure("on_internal_error", broken))


def _failure(origin: str, error: BaseException, stack: tuple[str, ...] = ()) -> InternalFailure:
    return InternalFailure(origin=origin, exception=class_name(error), causes=causes_of(error), stack=stack)


def _stack_of(error: BaseException) -> tuple[str, ...]:
    """Files, lines and functions, innermost first; never the exception's text or any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return tuple(f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))

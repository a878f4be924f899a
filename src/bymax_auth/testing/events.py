"""An event sink that records every event."""

from typing import TypeVar

from bymax_auth.ports.events import AuthEvent

__all__ = ["RecordingEvents"]

EventT = TypeVar("EventT", bound=AuthEvent)


class RecordingEvents:
    """Records every event in `events`, oldest first."""

    def __init__(self) -> None:
        self.events: list[AuthEvent] = []

    def emit(self, event: AuthEvent) -> None:
        self.events.append(event)

    @property
    def names(self) -> list[str]:
        """The names of the events, oldest first."""
        return [event.name for event in self.events]

    def of(self, kind: type[EventT]) -> list[EventT]:
        """Return every event of one class, oldest first."""
        return [event for event in self.events if isinstance(event, kind)]

    def last(self, kind: type[EventT]) -> EventT:
        """
        Return the newest event of one class.

        Raises:
            LookupError: There is none; the message lists the names that were emitted.
        """
        found = self.of(kind)
        if not found:
            raise LookupError(f"No {kind.__name__} among {self.names}.")
        return found[-1]

    def clear(self) -> None:
        """Remove every recorded event."""
        self.events.clear()

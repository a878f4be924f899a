"""The mailbox of the development server, which captures mail instead of sending it."""

from collections import deque

from pydantic import Field

from bymax_auth.ports.clock import Clock
from bymax_auth.providers.mail import OutgoingEmail
from bymax_auth.types.wire import Timestamp, WireModel

__all__ = ["CapturedMail", "Mailbox"]


class CapturedMail(WireModel):
    """One mail, with the time of its capture."""

    to: str
    kind: str
    subject: str
    text: str = Field(repr=False)
    created_at: Timestamp


class Mailbox:
    """An `AuthEmailSink` that keeps the latest mails in memory."""

    def __init__(self, clock: Clock, *, capacity: int = 200) -> None:
        self._clock = clock
        self._mails: deque[CapturedMail] = deque(maxlen=capacity)

    async def send(self, message: OutgoingEmail) -> None:
        """Implements `AuthEmailSink`."""
        captured = CapturedMail(
            to=message.to,
            kind=message.kind,
            subject=message.subject,
            text=message.text,
            created_at=self._clock.now(),
        )
        self._mails.appendleft(captured)

    def newest_first(self) -> list[CapturedMail]:
        """Return the captured mails, newest first."""
        return list(self._mails)

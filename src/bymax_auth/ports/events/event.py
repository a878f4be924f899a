"""The form of an event, and of a sink that receives events."""

import logging
from dataclasses import dataclass
from typing import ClassVar, Protocol

from bymax_auth.types.identity import Realm

__all__ = ["AccountEvent", "AddressEvent", "AuthEvent", "EventSink", "FailureEvent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthEvent:
    """Something that happened; `name` is stable, fields are safe to log."""

    event: ClassVar[str]
    platform_event: ClassVar[str | None] = None
    level: ClassVar[int]
    message: ClassVar[str]

    realm: Realm = Realm.DASHBOARD

    @property
    def name(self) -> str:
        """The name of the record; sign-ins of the platform have their own."""
        if self.realm is Realm.PLATFORM and self.platform_event is not None:
            return self.platform_event
        return self.event


class EventSink(Protocol):
    """Receives events.  Synchronous, and never raises."""

    def emit(self, event: AuthEvent) -> None:
        """Record `event`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent(AuthEvent):
    """An event of one account."""

    level: ClassVar[int] = logging.INFO

    user_id: str
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressEvent(AuthEvent):
    """An event of one address, which may belong to no account."""

    level: ClassVar[int] = logging.WARNING

    masked_email: str
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureEvent(AuthEvent):
    """A failure: `origin` names what failed, `exception` the class of what it raised."""

    level: ClassVar[int] = logging.ERROR

    origin: str
    exception: str

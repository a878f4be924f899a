"""
Port: measurements of what the engine does.

An implementation counts and times; it is called only where a host has given one.  Nothing that it receives
names a person, a tenant, an address or a token: operations are names of this library, and outcomes are codes.
"""

from collections.abc import Callable
from typing import Protocol

from bymax_auth.types.identity import Realm

__all__ = ["Ended", "Telemetry", "WaitingWork"]

Ended = Callable[[str], None]
"""Called once with the outcome of what began: ``ok``, a refusal's code, ``unavailable``, and so on."""


class WaitingWork(Protocol):
    """A queue."""

    @property
    def waiting(self) -> int:
        """How much work waits."""
        ...


class Telemetry(Protocol):
    """Receives measurements, on the event loop.  Synchronous, and never blocks."""

    def flow_began(self, operation: str, realm: Realm) -> Ended:
        """
        Measure a flow from now on.

        Args:
            operation: The flow, such as ``login`` or ``refresh``.
            realm: Whose flow it is.
        """
        ...

    def store_call_began(self, operation: str) -> Ended:
        """
        Measure one operation of a store from now on.

        Args:
            operation: The store and its method, such as ``sessions.rotate``.
        """
        ...

    def reuse_detected(self, realm: Realm) -> None:
        """Count a replayed refresh token."""
        ...

    def locked_out(self, operation: str, realm: Realm) -> None:
        """
        Count an attempt that was refused because its address or account is locked.

        Args:
            operation: The flow that refused it.
            realm: Whose flow it is.
        """
        ...

    def watch(self, queue: WaitingWork) -> None:
        """Report how many password derivations wait in `queue`, for as long as the queue exists."""
        ...

"""Port: check of new passwords against known ones."""

from enum import StrEnum
from typing import Protocol

__all__ = ["BreachCheckUnavailable", "BreachServiceFault", "PasswordBreachChecker"]


class BreachServiceFault(StrEnum):
    """Why a checker's service gave no usable answer."""

    CONNECT = "connect"
    """No connection could be opened."""
    STATUS = "status"
    """The status of the answer is not the expected one."""
    TIMEOUT = "timeout"
    """The answer took too long."""
    TRANSPORT = "transport"
    """The connection broke, or the answer is too large."""
    UNREADABLE = "unreadable"
    """The answer is something else than was asked for."""


class BreachCheckUnavailable(Exception):
    """
    A checker's service gave no usable answer.

    The password counts as not breached: an outage of another service must not stop registrations.
    """

    def __init__(self, fault: BreachServiceFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class PasswordBreachChecker(Protocol):
    """Checks new passwords.  Never transmits one; whatever it raises counts as "not breached"."""

    async def is_breached(self, password: str) -> bool:
        """
        Say whether the password, in its normalised form, is too well known to be accepted.

        Raises:
            BreachCheckUnavailable: The service that knows gave no usable answer.
        """
        ...

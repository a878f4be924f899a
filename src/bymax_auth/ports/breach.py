"""Port: check of new passwords against known ones."""

from typing import Protocol

__all__ = ["PasswordBreachChecker"]


class PasswordBreachChecker(Protocol):
    """Checks new passwords.  Never transmits one; whatever it raises counts as "not breached"."""

    async def is_breached(self, password: str) -> bool:
        """Say whether the password is too well known to be accepted."""
        ...

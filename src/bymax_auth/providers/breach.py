"""Checks of new passwords: against the built-in list, against several sources, or none."""

from bymax_auth.ports.breach import PasswordBreachChecker
from bymax_auth.services.common_passwords import CommonPasswordChecker

__all__ = ["AllowAllBreachChecker", "CombinedBreachChecker", "CommonPasswordChecker"]


class AllowAllBreachChecker:
    """Implements `PasswordBreachChecker` for a host that checks passwords elsewhere: accepts all."""

    async def is_breached(self, password: str) -> bool:
        return False


class CombinedBreachChecker:
    """
    Implements `PasswordBreachChecker`: a password is breached when one of several checkers says so.

    They are asked in turn, and none after the first that says yes.  Checkers that need no network come
    first, so that they still decide while another's service is down.
    """

    def __init__(self, *checkers: PasswordBreachChecker) -> None:
        self._checkers = checkers

    async def is_breached(self, password: str) -> bool:
        for checker in self._checkers:
            if await checker.is_breached(password):
                return True
        return False

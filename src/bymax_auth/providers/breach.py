"""Checks of new passwords: against the built-in list, or none."""

from bymax_auth.services.common_passwords import CommonPasswordChecker

__all__ = ["AllowAllBreachChecker", "CommonPasswordChecker"]


class AllowAllBreachChecker:
    """Implements `PasswordBreachChecker` for a host that checks passwords elsewhere: accepts all."""

    async def is_breached(self, password: str) -> bool:
        return False

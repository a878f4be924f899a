"""Judges of new passwords: the built-in list, and the one that accepts everything."""

from bymax_auth.services.common_passwords import CommonPasswordChecker

__all__ = ["AllowAllBreachChecker", "CommonPasswordChecker"]


class AllowAllBreachChecker:
    """Implements `PasswordBreachChecker`: for a host that screens passwords somewhere else."""

    async def is_breached(self, password: str) -> bool:
        return False

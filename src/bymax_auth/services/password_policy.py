"""Which new passwords are acceptable.  Existing ones are not checked: an old short one still signs in."""

from dataclasses import dataclass

from bymax_auth.errors import FieldError, PasswordCompromised, ValidationFailed
from bymax_auth.ports.breach import BreachCheckUnavailable, PasswordBreachChecker
from bymax_auth.ports.events import BreachCheckFailed, BreachServiceUnavailable
from bymax_auth.services.failures import FailureReporter, class_name
from bymax_auth.services.password_text import require_password

__all__ = ["PasswordPolicy"]


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """Checks a new password: first its length, then whether it is a known one."""

    min_length: int
    breach_checker: PasswordBreachChecker
    failures: FailureReporter

    async def assert_acceptable(self, password: str, field: str) -> None:
        """
        Raise unless a new password is acceptable; `field` is its wire name, ``password`` or ``newPassword``.

        Raises:
            ValidationFailed: It is too short or too long.  Characters are code points of the normalised text.
            PasswordCompromised: It is known or trivial.
        """
        normalized = require_password(password, field, 0)
        if len(normalized) < self.min_length:
            message = f"{field} must be at least {self.min_length} characters"
            raise ValidationFailed(fields=(FieldError(field, message),))
        if await self._is_breached(normalized):
            raise PasswordCompromised

    async def _is_breached(self, password: str) -> bool:
        """Accept the password when the checker fails: its outage must not stop registrations."""
        try:
            return await self.breach_checker.is_breached(password)
        except BreachCheckUnavailable as error:
            unavailable = BreachServiceUnavailable(fault=error.fault.value)
            self.failures.note(unavailable, error)
            return False
        except Exception as error:  # noqa: BLE001 - a host's checker may raise anything
            event = BreachCheckFailed(origin="breach_check", exception=class_name(error))
            self.failures.note(event, error)
            return False

"""
Mail that an answer does not wait for.

Waiting would make a request for an account that exists as slow as the mail server, and one for
an account that does not exist fast: the difference names who has an account.
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bymax_auth.ports.email import EmailProvider
from bymax_auth.services.notifier import Notifier
from bymax_auth.types.session import SessionInfo

__all__ = ["Mailer"]


@dataclass(frozen=True, slots=True)
class Mailer:
    """Sends behind the answer's back, each mail within `timeout`; a failure is an event and nothing more."""

    email: EmailProvider
    notifier: Notifier
    timeout: timedelta

    def verification_otp(self, tenant_id: str, email: str, otp: str) -> None:
        """Send the code that proves the address."""
        self._post("email_verification_otp", self.email.send_email_verification_otp(tenant_id, email, otp))

    def reset_otp(self, tenant_id: str, email: str, otp: str) -> None:
        """Send the code of a password reset."""
        self._post("password_reset_otp", self.email.send_password_reset_otp(tenant_id, email, otp))

    def reset_token(
        self, tenant_id: str, email: str, token: str, on_failure: Callable[[], Awaitable[object]]
    ) -> None:
        """Send the link of a password reset; when it cannot be sent, `on_failure` takes the token back."""
        self._post("password_reset_token", self._reset_token(tenant_id, email, token, on_failure))

    def password_changed(self, tenant_id: str, email: str) -> None:
        """Tell the owner that the password was changed."""
        self._post("password_changed", self.email.send_password_changed(tenant_id, email))

    def new_session(self, tenant_id: str, email: str, session: SessionInfo) -> None:
        """Tell the owner of a new session."""
        self._post("new_session_alert", self.email.send_new_session_alert(tenant_id, email, session))

    def _post(self, kind: str, mail: Coroutine[Any, Any, None]) -> None:
        self.notifier.spawn(f"email.{kind}", mail, self.timeout)

    async def _reset_token(
        self, tenant_id: str, email: str, token: str, on_failure: Callable[[], Awaitable[object]]
    ) -> None:
        try:
            await self.email.send_password_reset_token(tenant_id, email, token)
        except BaseException:  # a timeout arrives as a cancellation, and leaves the token unsent too
            await on_failure()
            raise

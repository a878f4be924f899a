"""
Mail that is sent in the background.

A response that waited for its mail would be slower for an address with an account than for one
without: the difference would reveal who has an account.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bymax_auth.ports.email import EmailProvider
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.types.session import SessionInfo

__all__ = ["Mailer"]


@dataclass(frozen=True, slots=True)
class Mailer:
    """Sends in background tasks, each mail within `timeout`; a failure is an event and nothing more."""

    email: EmailProvider
    background: BackgroundTasks
    timeout: timedelta

    def verification_otp(self, tenant_id: str, email: str, otp: str) -> None:
        """Send the code that proves the address."""
        self._post(
            "email_verification_otp", lambda: self.email.send_email_verification_otp(tenant_id, email, otp)
        )

    def reset_otp(self, tenant_id: str, email: str, otp: str) -> None:
        """Send the code of a password reset."""
        self._post("password_reset_otp", lambda: self.email.send_password_reset_otp(tenant_id, email, otp))

    def reset_token(
        self, tenant_id: str, email: str, token: str, on_failure: Callable[[], Awaitable[object]]
    ) -> None:
        """Send the link of a password reset; when it cannot be sent, `on_failure` revokes the token."""

        async def send() -> None:
            try:
                await self.email.send_password_reset_token(tenant_id, email, token)
            except BaseException:  # a timeout arrives as a cancellation, and the mail is not sent either
                await on_failure()
                raise

        self._post("password_reset_token", send)

    def password_changed(self, tenant_id: str, email: str) -> None:
        """Notify the owner that the password was changed."""
        self._post("password_changed", lambda: self.email.send_password_changed(tenant_id, email))

    def new_session(self, tenant_id: str, email: str, session: SessionInfo) -> None:
        """Notify the owner of a new session."""
        self._post("new_session_alert", lambda: self.email.send_new_session_alert(tenant_id, email, session))

    def _post(self, kind: str, send: Callable[[], Awaitable[object]]) -> None:
        self.background.spawn(f"email.{kind}", _called(send), self.timeout)


async def _called(send: Callable[[], Awaitable[object]]) -> None:
    """Call the provider inside the background task: one that raises when called changes no answer."""
    await send()

"""
Mail that an answer does not wait for.

Waiting would make a request for an account that exists as slow as the mail server, and one for
an account that does not exist fast: the difference names who has an account.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bymax_auth.ports.email import EmailProvider
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.types.session import SessionInfo

__all__ = ["Mailer"]


@dataclass(frozen=True, slots=True)
class Mailer:
    """Sends behind the answer's back, each mail within `timeout`; a failure is an event and nothing more."""

    email: EmailProvider
    background: BackgroundTasks
    timeout: timedelta

    def verification_otp(self, tenant_id: str, email: str, otp: str) -> None:
        """Send the code that proves the address."""
        send = partial(self.email.send_email_verification_otp, tenant_id, email, otp)
        self._post("email_verification_otp", send)

    def reset_otp(self, tenant_id: str, email: str, otp: str) -> None:
        """Send the code of a password reset."""
        self._post("password_reset_otp", partial(self.email.send_password_reset_otp, tenant_id, email, otp))

    def reset_token(
        self, tenant_id: str, email: str, token: str, on_failure: Callable[[], Awaitable[object]]
    ) -> None:
        """Send the link of a password reset; when it cannot be sent, `on_failure` takes the token back."""
        send = partial(self.email.send_password_reset_token, tenant_id, email, token)
        self._post("password_reset_token", partial(_or_else, send, on_failure))

    def password_changed(self, tenant_id: str, email: str) -> None:
        """Tell the owner that the password was changed."""
        self._post("password_changed", partial(self.email.send_password_changed, tenant_id, email))

    def new_session(self, tenant_id: str, email: str, session: SessionInfo) -> None:
        """Tell the owner of a new session."""
        self._post("new_session_alert", partial(self.email.send_new_session_alert, tenant_id, email, session))

    def _post(self, kind: str, send: Callable[[], Awaitable[object]]) -> None:
        self.background.spawn(f"email.{kind}", _run(send), self.timeout)


async def _run(send: Callable[[], Awaitable[object]]) -> None:
    """Calling the provider is part of the detached work: a provider may already raise then."""
    await send()


async def _or_else(send: Callable[[], Awaitable[object]], undo: Callable[[], Awaitable[object]]) -> None:
    try:
        await send()
    except BaseException:  # a timeout arrives as a cancellation, and leaves the mail unsent too
        await undo()
        raise

"""
Mail, which is sent in the background unless the response depends on it.

A response that waited for its mail would be slower for an address with an account than for one
without: the difference would reveal who has an account.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta

from bymax_auth.ports.email import PLATFORM_EMAIL_TENANT, EmailProvider
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.languages import Locales
from bymax_auth.types.account import Account, AuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo

__all__ = ["Mailer", "Recipient"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives a mail: an account, at an address, in the language of the request that caused the mail."""

    user: Account
    email: str = field(repr=False)
    context: RequestContext = field(repr=False)

    @property
    def tenant_id(self) -> str:
        """The account's tenant; administrators have the one that is reserved for them."""
        return self.user.tenant_id if isinstance(self.user, AuthUser) else PLATFORM_EMAIL_TENANT


_Send = Callable[[EmailProvider, str | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Mailer:
    """
    Sends each mail within `timeout`.

    In a background task a failure is an event and nothing more; a coroutine raises it.
    """

    email: EmailProvider
    background: BackgroundTasks
    timeout: timedelta
    locales: Locales

    def verification_otp(self, to: Recipient, otp: str) -> None:
        """Send the code that proves the address."""

        async def send(provider: EmailProvider, locale: str | None) -> None:
            await provider.send_email_verification_otp(to.tenant_id, to.email, otp, locale=locale)

        self._post("email_verification_otp", to, send)

    def reset_otp(self, to: Recipient, otp: str) -> None:
        """Send the code of a password reset."""

        async def send(provider: EmailProvider, locale: str | None) -> None:
            await provider.send_password_reset_otp(to.tenant_id, to.email, otp, locale=locale)

        self._post("password_reset_otp", to, send)

    def reset_token(self, to: Recipient, token: str, on_failure: Callable[[], Awaitable[object]]) -> None:
        """Send the link of a password reset; when it cannot be sent, `on_failure` revokes the token."""

        async def send(provider: EmailProvider, locale: str | None) -> None:
            await provider.send_password_reset_token(to.tenant_id, to.email, token, locale=locale)

        async def send_or_revoke() -> None:
            try:
                await self._send(to, send)
            except BaseException:  # a timeout arrives as a cancellation, and the mail is not sent either
                await on_failure()
                raise

        self._spawn("password_reset_token", send_or_revoke())

    def password_changed(self, to: Recipient) -> None:
        """Notify the owner that the password was changed."""

        async def send(provider: EmailProvider, locale: str | None) -> None:
            await provider.send_password_changed(to.tenant_id, to.email, locale=locale)

        self._post("password_changed", to, send)

    def mfa_enabled(self, to: Recipient) -> None:
        """Notify the owner that a second factor was added."""

        async def send(provider: EmailProvider, locale: str | None) -> None:
            await provider.send_mfa_enabled(to.tenant_id, to.email, locale=locale)

        self._post("mfa_enabled", to, send)

    def mfa_disabled(self, to: Recipient) -> None:
        """Notify the owner that the second factor was removed."""

        async def send(provider: EmailProvider, locale: str | None) -> None:
            await provider.send_mfa_disabled(to.tenant_id, to.email, locale=locale)

        self._post("mfa_disabled", to, send)

    async def email_change_verification(self, to: Recipient, token: str) -> None:
        """
        Send the link that proves a new address, and return once it is accepted.

        Whatever the provider raises is raised, `TimeoutError` when it took too long.
        """

        async def send(provider: EmailProvider, locale: str | None) -> None:
            await provider.send_email_change_verification(to.tenant_id, to.email, token, locale=locale)

        async with asyncio.timeout(self.timeout.total_seconds()):
            await self._send(to, send)

    def email_changed(self, to: Recipient, new_email: str) -> None:
        """Notify the old address that the account has a new one."""

        async def send(provider: EmailProvider, locale: str | None) -> None:
            await provider.send_email_changed_notification(to.tenant_id, to.email, new_email, locale=locale)

        self._post("email_changed", to, send)

    def new_session(self, to: Recipient, session: SessionInfo) -> None:
        """Notify the owner of a new session."""

        async def send(provider: EmailProvider, locale: str | None) -> None:
            await provider.send_new_session_alert(to.tenant_id, to.email, session, locale=locale)

        self._post("new_session_alert", to, send)

    def invitation(self, inviter: AuthUser, email: str, invite: InviteData, context: RequestContext) -> None:
        """Send an invitation, in the language of its inviter: that of the invitee is not known."""

        async def send() -> None:
            locale = await self.locales.of(context, inviter)
            await self.email.for_person(None).send_invitation(inviter.tenant_id, email, invite, locale=locale)

        self._spawn("invitation", send())

    def _post(self, kind: str, to: Recipient, send: _Send) -> None:
        self._spawn(kind, self._send(to, send))

    def _spawn(self, kind: str, mail: Coroutine[object, object, None]) -> None:
        self.background.spawn(f"email.{kind}", mail, self.timeout)

    async def _send(self, to: Recipient, send: _Send) -> None:
        """Choose the language and call the provider; both happen in the background task."""
        locale = await self.locales.of(to.context, to.user)
        await send(self.email.for_person(to.user.name), locale)

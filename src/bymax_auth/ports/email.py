"""
Port: mail.

A provider receives structured data and chooses the wording and the transport.  It must not log a code,
a token or a body, and must escape every value that it puts into HTML.
"""

from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo

__all__ = ["PLATFORM_EMAIL_TENANT", "EmailProvider"]

PLATFORM_EMAIL_TENANT = "platform"
"""The tenant that mail to platform administrators names."""


class EmailProvider:
    """
    Base of every provider.  Each method returns once the mail is accepted and raises otherwise.

    A subclass overrides the methods of the features that the configuration turns on; the engine refuses to
    start without one of them, and names it.  The three notices with an empty body here are optional.

    `locale` is a BCP 47 tag, ``None`` for the provider's own choice.
    """

    @property
    def languages(self) -> tuple[str, ...]:
        """
        The BCP 47 tags of the languages that the provider writes, its default first.

        A request's ``Accept-Language`` chooses among them; with none of them, it is not read.
        """
        return ()

    def for_person(self, name: str | None) -> "EmailProvider":
        """
        Return the provider of mails to a person of this name, ``None`` where it is not known.

        The name is what somebody typed when the account was made: a provider must not trust it.
        """
        return self

    async def send_password_reset_token(
        self, tenant_id: str, email: str, token: str, *, locale: str | None = None
    ) -> None:
        """Send the link of a password reset."""
        raise NotImplementedError

    async def send_password_reset_otp(
        self, tenant_id: str, email: str, otp: str, *, locale: str | None = None
    ) -> None:
        """Send the code of a password reset."""
        raise NotImplementedError

    async def send_email_verification_otp(
        self, tenant_id: str, email: str, otp: str, *, locale: str | None = None
    ) -> None:
        """Send the code that proves the address."""
        raise NotImplementedError

    async def send_password_changed(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        """Notify the owner that the password was changed."""

    async def send_email_change_verification(
        self, tenant_id: str, new_email: str, token: str, *, locale: str | None = None
    ) -> None:
        """Send the link that proves the new address, to that address."""
        raise NotImplementedError

    async def send_email_changed_notification(
        self, tenant_id: str, old_email: str, new_email: str, *, locale: str | None = None
    ) -> None:
        """Notify the old address that the account now uses the new one."""

    async def send_mfa_enabled(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        """Notify the owner that a second factor was added."""
        raise NotImplementedError

    async def send_mfa_disabled(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        """Notify the owner that the second factor was removed."""
        raise NotImplementedError

    async def send_new_session_alert(
        self, tenant_id: str, email: str, session: SessionInfo, *, locale: str | None = None
    ) -> None:
        """Notify the owner of a new session."""

    async def send_invitation(
        self, tenant_id: str, email: str, invite: InviteData, *, locale: str | None = None
    ) -> None:
        """Send an invitation."""
        raise NotImplementedError

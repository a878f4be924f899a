"""A mail provider that records every mail, so that tests can read codes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bymax_auth.ports.clock import Clock
from bymax_auth.ports.email import EmailProvider
from bymax_auth.providers.catalogue import DefaultAuthEmailCatalogue
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo

__all__ = ["RecordingMailer", "SentMail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """
    One recorded mail.

    `kind` is the name of the message, such as ``password_reset_otp``.  `secret` is the code or
    token in it, ``None`` for a notice.
    """

    kind: str
    tenant_id: str
    to: str = field(repr=False)
    secret: str | None = field(repr=False)
    created_at: datetime
    locale: str | None = None
    session: SessionInfo | None = None
    new_email: str | None = field(default=None, repr=False)

    @property
    def code(self) -> str:
        """
        The code or token in the mail.

        Raises:
            LookupError: The mail is a notice, which has none.
        """
        if self.secret is None:
            raise LookupError(f"A {self.kind} mail has neither code nor token.")
        return self.secret


class RecordingMailer(EmailProvider):
    """
    Records every mail in `sent`, oldest first.

    While `failure` is set, each send raises it and records nothing.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self.sent: list[SentMail] = []
        self.failure: Exception | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """Those of the default catalogue."""
        return DefaultAuthEmailCatalogue().languages

    def last(self, kind: str | None = None, *, to: str | None = None) -> SentMail:
        """
        Return the newest mail of that kind to that address.

        Raises:
            LookupError: There is none; the message lists the kinds that were sent.
        """
        for mail in reversed(self.sent):
            if kind in {None, mail.kind} and (to is None or mail.to.lower() == to.lower()):
                return mail
        raise LookupError(f"No {kind or 'matching'} mail among {[mail.kind for mail in self.sent]}.")

    def of(self, kind: str) -> list[SentMail]:
        """Return every mail of one kind, oldest first."""
        return [mail for mail in self.sent if mail.kind == kind]

    def clear(self) -> None:
        """Remove every recorded mail."""
        self.sent.clear()

    async def send_password_reset_token(
        self, tenant_id: str, email: str, token: str, *, locale: str | None = None
    ) -> None:
        self._keep("password_reset_token", tenant_id, email, token, locale)

    async def send_password_reset_otp(
        self, tenant_id: str, email: str, otp: str, *, locale: str | None = None
    ) -> None:
        self._keep("password_reset_otp", tenant_id, email, otp, locale)

    async def send_email_verification_otp(
        self, tenant_id: str, email: str, otp: str, *, locale: str | None = None
    ) -> None:
        self._keep("email_verification_otp", tenant_id, email, otp, locale)

    async def send_password_changed(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        self._keep("password_changed", tenant_id, email, None, locale)

    async def send_email_change_verification(
        self, tenant_id: str, new_email: str, token: str, *, locale: str | None = None
    ) -> None:
        self._keep("email_change_verification", tenant_id, new_email, token, locale)

    async def send_email_changed_notification(
        self, tenant_id: str, old_email: str, new_email: str, *, locale: str | None = None
    ) -> None:
        self._add(
            SentMail(
                kind="email_changed",
                tenant_id=tenant_id,
                to=old_email,
                secret=None,
                created_at=self._now(),
                locale=locale,
                new_email=new_email,
            )
        )

    async def send_mfa_enabled(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        self._keep("mfa_enabled", tenant_id, email, None, locale)

    async def send_mfa_disabled(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        self._keep("mfa_disabled", tenant_id, email, None, locale)

    async def send_new_session_alert(
        self, tenant_id: str, email: str, session: SessionInfo, *, locale: str | None = None
    ) -> None:
        self._add(
            SentMail(
                kind="new_session_alert",
                tenant_id=tenant_id,
                to=email,
                secret=None,
                created_at=self._now(),
                locale=locale,
                session=session,
            )
        )

    async def send_invitation(
        self, tenant_id: str, email: str, invite: InviteData, *, locale: str | None = None
    ) -> None:
        self._keep("invitation", tenant_id, email, invite.invite_token, locale)

    def _keep(self, kind: str, tenant_id: str, to: str, secret: str | None, locale: str | None) -> None:
        self._add(
            SentMail(
                kind=kind, tenant_id=tenant_id, to=to, secret=secret, created_at=self._now(), locale=locale
            )
        )

    def _add(self, mail: SentMail) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent.append(mail)

    def _now(self) -> datetime:
        return datetime.now(UTC) if self._clock is None else self._clock.now()

"""The provider of a host that has configured no mail: it sends nothing, and logs that."""

# ruff: noqa: D102  # the port documents the methods

import logging

from bymax_auth.ports.email import EmailProvider
from bymax_auth.services.privacy import log_safe, mask_email
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo

__all__ = ["NoOpEmailProvider"]

_log = logging.getLogger("bymax_auth")


class NoOpEmailProvider(EmailProvider):
    """Sends nothing; logs at DEBUG which mail was requested, without its code or token."""

    async def send_password_reset_token(
        self, tenant_id: str, email: str, token: str, *, locale: str | None = None
    ) -> None:
        _note("password_reset_token", tenant_id, email)

    async def send_password_reset_otp(
        self, tenant_id: str, email: str, otp: str, *, locale: str | None = None
    ) -> None:
        _note("password_reset_otp", tenant_id, email)

    async def send_email_verification_otp(
        self, tenant_id: str, email: str, otp: str, *, locale: str | None = None
    ) -> None:
        _note("email_verification_otp", tenant_id, email)

    async def send_password_changed(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        _note("password_changed", tenant_id, email)

    async def send_email_change_verification(
        self, tenant_id: str, new_email: str, token: str, *, locale: str | None = None
    ) -> None:
        _note("email_change_verification", tenant_id, new_email)

    async def send_email_changed_notification(
        self, tenant_id: str, old_email: str, new_email: str, *, locale: str | None = None
    ) -> None:
        _note("email_changed", tenant_id, old_email)

    async def send_mfa_enabled(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        _note("mfa_enabled", tenant_id, email)

    async def send_mfa_disabled(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        _note("mfa_disabled", tenant_id, email)

    async def send_new_session_alert(
        self, tenant_id: str, email: str, session: SessionInfo, *, locale: str | None = None
    ) -> None:
        _note("new_session_alert", tenant_id, email)

    async def send_invitation(
        self, tenant_id: str, email: str, invite: InviteData, *, locale: str | None = None
    ) -> None:
        _note("invitation", tenant_id, email)


def _note(kind: str, tenant_id: str, email: str) -> None:
    _log.debug(
        "No mail provider is configured; nothing was sent",
        extra={
            "event": "email.not_sent",
            "kind": kind,
            "tenant_id": log_safe(tenant_id),
            "masked_email": mask_email(email),
        },
    )

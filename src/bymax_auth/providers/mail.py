"""
The default mail provider: a catalogue renders the text, a sink sends it.

    provider.send_…  →  catalogue renders  →  escape, sanitise  →  sink.send
                                                    │ fails
                                                    └→ one log record, then swallow or rethrow
"""

import copy
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, Self

from bymax_auth.ports.email import EmailProvider
from bymax_auth.providers.catalogue import (
    AuthEmailCatalogue,
    AuthEmailMessage,
    DefaultAuthEmailCatalogue,
    MultilingualCatalogue,
    RecipientCatalogue,
)
from bymax_auth.services.privacy import log_safe, mask_email
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo

__all__ = [
    "CREDENTIAL_KINDS",
    "EMAIL_KINDS",
    "AuthEmailSink",
    "DefaultAuthEmailProvider",
    "DeliveryErrorPolicy",
    "OutgoingEmail",
]

CREDENTIAL_KINDS: Final = frozenset(
    {
        "email_change_verification",
        "email_verification_otp",
        "invitation",
        "password_reset_otp",
        "password_reset_token",
    }
)
"""Kinds of mail with a credential: whoever reads one can act as the account."""

EMAIL_KINDS: Final = CREDENTIAL_KINDS | {
    "email_changed",
    "mfa_disabled",
    "mfa_enabled",
    "new_session_alert",
    "password_changed",
}
"""Every kind of mail."""

DeliveryErrorPolicy = Literal["swallow", "rethrow"]
"""What happens after a failed delivery is logged: ignore the error, or raise it again."""

_POLICIES: Final = frozenset({"swallow", "rethrow"})
_LINE_BREAKS: Final = re.compile(r"[\r\n]+")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})

_log = logging.getLogger("bymax_auth")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEmail:
    """
    A rendered mail.

    A sink must not log or show the content of a mail with `contains_credential`: its reader can
    act as the account.
    """

    tenant_id: str
    to: str
    subject: str
    html: str
    text: str
    kind: str
    contains_credential: bool

    def __repr__(self) -> str:
        # The subject is redacted too: a catalogue may put the code there.
        return (
            f"OutgoingEmail(tenant_id={log_safe(self.tenant_id)!r}, to={mask_email(self.to)!r}, "
            f"kind={self.kind!r}, contains_credential={self.contains_credential!r}, "
            "subject=[REDACTED], html=[REDACTED], text=[REDACTED])"
        )


class AuthEmailSink(Protocol):
    """Sends mail."""

    async def send(self, message: OutgoingEmail) -> None:
        """Return when the mail is accepted for delivery, raise otherwise."""
        ...


class DefaultAuthEmailProvider(EmailProvider):
    """
    Implements `EmailProvider` over a sink.

    Args:
        sink: Sends the mail.
        catalogue: Renders subject and text.
        on_delivery_error: What a failed delivery does, for every kind of mail or by kind; the
            default is ``"swallow"``.  ``"rethrow"`` is useful only for mails with a credential.

    Raises:
        ValueError: A kind or a policy is unknown.
    """

    def __init__(
        self,
        sink: AuthEmailSink,
        *,
        catalogue: AuthEmailCatalogue | None = None,
        on_delivery_error: DeliveryErrorPolicy | Mapping[str, DeliveryErrorPolicy] = "swallow",
    ) -> None:
        self._sink = sink
        self._catalogue: AuthEmailCatalogue = DefaultAuthEmailCatalogue() if catalogue is None else catalogue
        self._rethrown = _rethrown(on_delivery_error)
        self._name: str | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The catalogue's languages, none for a catalogue that does not say."""
        catalogue = self._catalogue
        return tuple(catalogue.languages) if isinstance(catalogue, MultilingualCatalogue) else ()

    def for_person(self, name: str | None) -> Self:
        """Return the provider of mails to a person of this name; the catalogue decides how it is used."""
        provider = copy.copy(self)
        provider._name = name  # noqa: SLF001 - a copy of this object
        return provider

    async def send_password_reset_token(
        self, tenant_id: str, email: str, token: str, *, locale: str | None = None
    ) -> None:
        render = self._words_for(tenant_id, email).password_reset_token
        await self._deliver("password_reset_token", tenant_id, email, lambda: render(token, locale=locale))

    async def send_password_reset_otp(
        self, tenant_id: str, email: str, otp: str, *, locale: str | None = None
    ) -> None:
        render = self._words_for(tenant_id, email).password_reset_otp
        await self._deliver("password_reset_otp", tenant_id, email, lambda: render(otp, locale=locale))

    async def send_email_verification_otp(
        self, tenant_id: str, email: str, otp: str, *, locale: str | None = None
    ) -> None:
        render = self._words_for(tenant_id, email).email_verification_otp
        await self._deliver("email_verification_otp", tenant_id, email, lambda: render(otp, locale=locale))

    async def send_password_changed(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        render = self._words_for(tenant_id, email).password_changed
        await self._deliver("password_changed", tenant_id, email, lambda: render(locale=locale))

    async def send_email_change_verification(
        self, tenant_id: str, new_email: str, token: str, *, locale: str | None = None
    ) -> None:
        render = self._words_for(tenant_id, new_email).email_change_verification
        await self._deliver(
            "email_change_verification", tenant_id, new_email, lambda: render(token, locale=locale)
        )

    async def send_email_changed_notification(
        self, tenant_id: str, old_email: str, new_email: str, *, locale: str | None = None
    ) -> None:
        render = self._words_for(tenant_id, old_email).email_changed
        await self._deliver(
            "email_changed", tenant_id, old_email, lambda: render(old_email, new_email, locale=locale)
        )

    async def send_mfa_enabled(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        render = self._words_for(tenant_id, email).mfa_enabled
        await self._deliver("mfa_enabled", tenant_id, email, lambda: render(locale=locale))

    async def send_mfa_disabled(self, tenant_id: str, email: str, *, locale: str | None = None) -> None:
        render = self._words_for(tenant_id, email).mfa_disabled
        await self._deliver("mfa_disabled", tenant_id, email, lambda: render(locale=locale))

    async def send_new_session_alert(
        self, tenant_id: str, email: str, session: SessionInfo, *, locale: str | None = None
    ) -> None:
        render = self._words_for(tenant_id, email).new_session_alert
        await self._deliver("new_session_alert", tenant_id, email, lambda: render(session, locale=locale))

    async def send_invitation(
        self, tenant_id: str, email: str, invite: InviteData, *, locale: str | None = None
    ) -> None:
        render = self._words_for(tenant_id, email).invitation
        await self._deliver("invitation", tenant_id, email, lambda: render(invite, locale=locale))

    def _words_for(self, tenant_id: str, to: str) -> AuthEmailCatalogue:
        catalogue = self._catalogue
        if isinstance(catalogue, RecipientCatalogue):
            return catalogue.for_recipient(tenant_id, to, self._name)
        return catalogue

    async def _deliver(
        self, kind: str, tenant_id: str, to: str, render: Callable[[], AuthEmailMessage]
    ) -> None:
        try:
            await self._sink.send(_outgoing(kind, tenant_id, to, render()))
        except Exception as error:
            _log.error(
                "Mail was not delivered",
                extra={
                    "event": "email.delivery_failed",
                    "kind": kind,
                    "exception": type(error).__qualname__,
                },
            )
            if kind in self._rethrown:
                raise


def _rethrown(policy: DeliveryErrorPolicy | Mapping[str, DeliveryErrorPolicy]) -> frozenset[str]:
    by_kind = dict.fromkeys(EMAIL_KINDS, policy) if isinstance(policy, str) else dict(policy)
    unknown = sorted(set(by_kind) - EMAIL_KINDS) + sorted(set(by_kind.values()) - _POLICIES)
    if unknown:
        raise ValueError(f"on_delivery_error does not know {', '.join(unknown)}.")
    return frozenset(kind for kind, chosen in by_kind.items() if chosen == "rethrow")


def _outgoing(kind: str, tenant_id: str, to: str, message: AuthEmailMessage) -> OutgoingEmail:
    return OutgoingEmail(
        tenant_id=tenant_id,
        to=to,
        # A line break in a subject would allow header injection in a transport that does not check.
        subject=_LINE_BREAKS.sub(" ", message.subject),
        html=_as_html(message.text) if message.html is None else message.html,
        text=message.text,
        kind=kind,
        contains_credential=message.contains_credential or kind in CREDENTIAL_KINDS,
    )


def _as_html(text: str) -> str:
    blocks = text.translate(_ESCAPES).split("\n\n")
    return "\n".join("<p>" + block.replace("\n", "<br>") + "</p>" for block in blocks)

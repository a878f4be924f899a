"""
The texts of the ten mails.

A catalogue is pure: it returns subject and text for given data.  The provider derives the HTML from
the text; a renderer that returns its own HTML is responsible for escaping.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, Self, runtime_checkable
from urllib.parse import quote, urlsplit

from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo
from bymax_auth.types.wire import as_utc

__all__ = ["AuthEmailCatalogue", "AuthEmailMessage", "DefaultAuthEmailCatalogue", "RecipientCatalogue"]

_IGNORE = "If you did not ask for this, you can ignore this mail: nothing has changed."
_NEVER_SHARE = "Do not share it with anyone; we never ask for it."


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthEmailMessage:
    """
    The rendered content of one mail.

    Without `html`, it is derived from the text.  `contains_credential` can mark a further message as
    one with a credential; it cannot unmark a kind that always has one.
    """

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    contains_credential: bool = False


class AuthEmailCatalogue(Protocol):
    """Ten pure renderers.  `locale` is a BCP 47 tag, or ``None`` for the catalogue's default."""

    def password_reset_token(self, token: str, *, locale: str | None) -> AuthEmailMessage: ...
    def password_reset_otp(self, otp: str, *, locale: str | None) -> AuthEmailMessage: ...
    def email_verification_otp(self, otp: str, *, locale: str | None) -> AuthEmailMessage: ...
    def password_changed(self, *, locale: str | None) -> AuthEmailMessage: ...
    def email_change_verification(self, token: str, *, locale: str | None) -> AuthEmailMessage: ...
    def email_changed(self, old: str, new: str, *, locale: str | None) -> AuthEmailMessage: ...
    def mfa_enabled(self, *, locale: str | None) -> AuthEmailMessage: ...
    def mfa_disabled(self, *, locale: str | None) -> AuthEmailMessage: ...
    def new_session_alert(self, session: SessionInfo, *, locale: str | None) -> AuthEmailMessage: ...
    def invitation(self, invite: InviteData, *, locale: str | None) -> AuthEmailMessage: ...


@runtime_checkable
class RecipientCatalogue(Protocol):
    """A catalogue whose mails differ by recipient."""

    def for_recipient(self, tenant_id: str, email: str) -> AuthEmailCatalogue:
        """Return the catalogue for mails to this address."""
        ...


_LINKS: Final = ("password_reset_link", "email_change_link", "invitation_link")
_PLACEHOLDERS: Final = frozenset({"{token}", "{tenant}", "{email}"})
_BRACES: Final = re.compile(r"\{[^{}]*\}?|\}")


def _fault_of(link: str) -> str | None:
    """Return what is wrong with a link, without its text, which may hold a key."""
    if not link.isprintable() or any(character.isspace() for character in link):
        return "contains white space or a control character"
    try:
        parts = urlsplit(link)
    except ValueError:
        return "is not a URL"
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        return "is not an http or https URL"
    found = _BRACES.findall(link)
    if set(found) - _PLACEHOLDERS:
        return "has a placeholder other than {token}, {tenant} and {email}"
    if "{token}" not in found:
        return "has no {token}: its mails would be useless"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultAuthEmailCatalogue:
    """
    Short English texts.

    `product` is the prefix of subjects.  A link is a URL in which ``{token}`` is replaced by the token, and
    ``{tenant}`` and ``{email}`` by those of the recipient, percent-encoded, which the route that takes the
    token also asks for.  Without a link the mail contains the token itself.

    Raises:
        ValueError: A link is no http or https URL, has no ``{token}`` or has an unknown placeholder.
    """

    product: str | None = None
    password_reset_link: str | None = None
    email_change_link: str | None = None
    invitation_link: str | None = None

    def __post_init__(self) -> None:
        for option in _LINKS:
            link: str | None = getattr(self, option)
            if link is not None and (fault := _fault_of(link)):
                raise ValueError(f"{option} {fault}.")

    def for_recipient(self, tenant_id: str, email: str) -> Self:
        """Return the catalogue with the recipient in its links; implements `RecipientCatalogue`."""
        links = {option: getattr(self, option) for option in _LINKS}
        if not any(link and ("{tenant}" in link or "{email}" in link) for link in links.values()):
            return self
        tenant, address = quote(tenant_id, safe=""), quote(email, safe="")
        bound = {
            option: link and link.replace("{tenant}", tenant).replace("{email}", address)
            for option, link in links.items()
        }
        return replace(self, **bound)

    def password_reset_token(self, token: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the mail with the link or token of a password reset."""
        return self._message(
            "Reset your password",
            "Hello,",
            "somebody asked to reset your password. "
            + _use(self.password_reset_link, "choose a new one", token),
            f"It works once and only for a short while. {_NEVER_SHARE}",
            _IGNORE,
        )

    def password_reset_otp(self, otp: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the mail with the code of a password reset."""
        return self._message(
            "Your password reset code",
            "Hello,",
            "somebody asked to reset your password. To choose a new one, enter this code:",
            otp,
            f"It works once and only for a short while. {_NEVER_SHARE}",
            _IGNORE,
        )

    def email_verification_otp(self, otp: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the mail with the code that verifies the address."""
        return self._message(
            "Confirm your email address",
            "Welcome!",
            "To confirm that this address is yours, enter this code:",
            otp,
            f"It works once and only for a short while. {_NEVER_SHARE}",
            _IGNORE,
        )

    def password_changed(self, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice that the password was changed."""
        return self._message(
            "Your password was changed",
            "Hello,",
            "the password of your account was changed. If that was you, there is nothing to do.",
            "If it was not you, reset your password now and contact our support.",
        )

    def email_change_verification(self, token: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the mail with the link or token that verifies a new address."""
        return self._message(
            "Confirm your new email address",
            "Hello,",
            "somebody asked to use this address for an account. "
            + _use(self.email_change_link, "confirm that it is yours", token),
            f"It works once and only for a short while. {_NEVER_SHARE}",
            _IGNORE,
        )

    def email_changed(self, old: str, new: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice, to the old address, that the account has a new one."""
        return self._message(
            "Your email address was changed",
            "Hello,",
            f"your account now uses {_inline(new)} instead of {_inline(old)}. If that was you, there is "
            "nothing to do.",
            "If it was not you, contact our support at once: whoever changed it can sign in as you.",
        )

    def mfa_enabled(self, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice that the second factor is enabled."""
        return self._message(
            "Two-step verification is on",
            "Hello,",
            "signing in to your account now takes a code from your authenticator app. Keep your recovery "
            "codes in a safe place.",
            "If it was not you, reset your password now and contact our support.",
        )

    def mfa_disabled(self, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice that the second factor is disabled."""
        return self._message(
            "Two-step verification is off",
            "Hello,",
            "signing in to your account no longer takes a code from your authenticator app.",
            "If it was not you, reset your password, turn it on again and contact our support.",
        )

    def new_session_alert(self, session: SessionInfo, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice of a new session."""
        return self._message(
            "New sign-in to your account",
            "Hello,",
            "there was a new sign-in to your account:",
            f"Device: {_inline(session.device)}\nIP address: {_inline(session.ip) or 'unknown'}",
            "If that was you, there is nothing to do. If it was not you, change your password and end your "
            "other sessions.",
        )

    def invitation(self, invite: InviteData, *, locale: str | None) -> AuthEmailMessage:
        """Return the invitation, with its time of expiry."""
        inviter, tenant = _inline(invite.inviter_name), _inline(invite.tenant_name)
        return self._message(
            f"{inviter} invites you to {tenant}",
            "Hello,",
            f"{inviter} invites you to join {tenant}. "
            + _use(self.invitation_link, "accept", invite.invite_token),
            f"It works once, until {as_utc(invite.expires_at):%Y-%m-%dT%H:%M:%SZ}. {_NEVER_SHARE}",
            "If you did not expect this, you can ignore this mail.",
        )

    def _message(self, subject: str, *blocks: str) -> AuthEmailMessage:
        prefix = "" if self.product is None else f"{_inline(self.product)}: "
        return AuthEmailMessage(subject=prefix + subject, text="\n\n".join(blocks))


def _use(link: str | None, what: str, token: str) -> str:
    if link is None:
        return f"To {what}, use this token:\n{token}"
    return f"To {what}, open this link:\n{link.replace('{token}', token)}"


def _inline(text: str) -> str:
    # A name with line breaks could inject a paragraph, which would seem to be the product's text.
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

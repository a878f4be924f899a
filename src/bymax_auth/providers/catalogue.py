"""
The mails of the default provider.

A catalogue is pure: it returns subject and text for given data.  The provider derives the HTML from
the text; a renderer that returns its own HTML is responsible for escaping.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Protocol, Self, runtime_checkable
from urllib.parse import quote, urlsplit

from bymax_auth.providers.wording import WORDINGS, MailText, Wording
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo
from bymax_auth.types.wire import as_utc

__all__ = [
    "AuthEmailCatalogue",
    "AuthEmailMessage",
    "DefaultAuthEmailCatalogue",
    "MultilingualCatalogue",
    "RecipientCatalogue",
]


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

    def for_recipient(self, tenant_id: str, email: str, name: str | None) -> AuthEmailCatalogue:
        """
        Return the catalogue for mails to this address.

        `name` is what the person, or whoever used the address, typed as a name: it must not be trusted.
        """
        ...


@runtime_checkable
class MultilingualCatalogue(Protocol):
    """A catalogue that a request's ``Accept-Language`` may choose a language of."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The BCP 47 tags of its languages, its default first."""
        ...


_LINKS: Final = ("password_reset_link", "email_verification_link", "email_change_link", "invitation_link")
_PLACEHOLDERS: Final = frozenset({"{token}", "{tenant}", "{email}"})
_BRACES: Final = re.compile(r"\{[^{}]*\}?|\}")

_NAME_MAXIMUM: Final = 60
_seems_an_address: Final = re.compile(r"[/:@<>\\]|\w[.\u3002\uff0e\uff61]\w{2}").search
"""Finds what a mail program makes a link of, such as ``evil.example``, and markup; not ``J.R. Tolkien``."""

_NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})


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
    Short texts in English, Portuguese and Spanish.

    `product` is the prefix of subjects.  `default_locale` is the language of a mail that names none, or one
    that is not here.  A link is a URL in which ``{token}`` is replaced by the token or code, and
    ``{tenant}`` and ``{email}`` by those of the recipient, percent-encoded, which the route that takes the
    token also asks for.  Without a link the mail contains the token itself.

    A mail greets a person by `name`, but not by one that could be a link: whoever registers a stranger's
    address could otherwise write to the stranger.

    Raises:
        ValueError: A link is no http or https URL, has no ``{token}`` or has an unknown placeholder, or
            there is no text in the default language.
    """

    product: str | None = None
    default_locale: str = "en"
    password_reset_link: str | None = None
    email_verification_link: str | None = None
    email_change_link: str | None = None
    invitation_link: str | None = None
    name: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.default_locale not in WORDINGS:
            raise ValueError(f"default_locale is not one of {', '.join(WORDINGS)}.")
        for option in _LINKS:
            link: str | None = getattr(self, option)
            if link is not None and (fault := _fault_of(link)):
                raise ValueError(f"{option} {fault}.")

    @property
    def languages(self) -> tuple[str, ...]:
        """Implements `MultilingualCatalogue`."""
        return tuple(dict.fromkeys((self.default_locale, *WORDINGS)))

    def for_recipient(self, tenant_id: str, email: str, name: str | None = None) -> Self:
        """Return the catalogue of mails to this recipient; implements `RecipientCatalogue`."""
        links = {option: getattr(self, option) for option in _LINKS}
        if not any(link and ("{tenant}" in link or "{email}" in link) for link in links.values()):
            return self if name == self.name else replace(self, name=name)
        tenant, address = quote(tenant_id, safe=""), quote(email, safe="")
        bound = {
            option: link and link.replace("{tenant}", tenant).replace("{email}", address)
            for option, link in links.items()
        }
        return replace(self, **bound, name=name)

    def password_reset_token(self, token: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the mail with the link or token of a password reset."""
        words = self._words(locale)
        action = _use(words, self.password_reset_link, words.choose_password, token)
        return self._message(words, words.password_reset, {"action": action})

    def password_reset_otp(self, otp: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the mail with the code of a password reset."""
        words = self._words(locale)
        action = words.enter_code.format(purpose=words.choose_password, token=otp)
        return self._message(words, words.password_reset_otp, {"action": action})

    def email_verification_otp(self, otp: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the mail with the link or code that verifies the address."""
        words = self._words(locale)
        if self.email_verification_link is None:
            action = words.enter_code.format(purpose=words.verify_address, token=otp)
        else:
            action = _use(words, self.email_verification_link, words.verify_address, otp)
        return self._message(words, words.email_verification_otp, {"action": action}, welcomes=True)

    def password_changed(self, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice that the password was changed."""
        words = self._words(locale)
        return self._message(words, words.password_changed)

    def email_change_verification(self, token: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the mail with the link or token that verifies a new address."""
        words = self._words(locale)
        action = _use(words, self.email_change_link, words.verify_new_address, token)
        return self._message(words, words.email_change_verification, {"action": action})

    def email_changed(self, old: str, new: str, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice, to the old address, that the account has a new one."""
        words = self._words(locale)
        return self._message(words, words.email_changed, {"old": _inline(old), "new": _inline(new)})

    def mfa_enabled(self, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice that the second factor is enabled."""
        words = self._words(locale)
        return self._message(words, words.mfa_enabled)

    def mfa_disabled(self, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice that the second factor is disabled."""
        words = self._words(locale)
        return self._message(words, words.mfa_disabled)

    def new_session_alert(self, session: SessionInfo, *, locale: str | None) -> AuthEmailMessage:
        """Return the notice of a new session."""
        words = self._words(locale)
        values = {"device": _inline(session.device), "ip": _inline(session.ip) or words.unknown}
        return self._message(words, words.new_session_alert, values)

    def invitation(self, invite: InviteData, *, locale: str | None) -> AuthEmailMessage:
        """Return the invitation, with its time of expiry."""
        words = self._words(locale)
        values = {
            "inviter": _inline(invite.inviter_name),
            "tenant": _inline(invite.tenant_name),
            "until": f"{as_utc(invite.expires_at):%Y-%m-%dT%H:%M:%SZ}",
            "action": _use(words, self.invitation_link, words.accept, invite.invite_token),
        }
        return self._message(words, words.invitation, values)

    def _words(self, locale: str | None) -> Wording:
        """Return the texts of a language, whatever its region; of the default where it is not here."""
        language = (locale or "").partition("-")[0].lower()
        return WORDINGS.get(language) or WORDINGS[self.default_locale]

    def _message(
        self,
        words: Wording,
        mail: MailText,
        values: Mapping[str, str] = _NO_VALUES,
        *,
        welcomes: bool = False,
    ) -> AuthEmailMessage:
        prefix = "" if self.product is None else f"{_inline(self.product)}: "
        name = _greeted(self.name)
        if name is None:
            greeting = words.welcome if welcomes else words.hello
        else:
            greeting = (words.welcome_name if welcomes else words.hello_name).format(name=name)
        paragraphs = (paragraph.format_map(values) for paragraph in mail.paragraphs)
        subject = prefix + mail.subject.format_map(values)
        return AuthEmailMessage(subject=subject, text="\n\n".join((greeting, *paragraphs)))


def _use(words: Wording, link: str | None, purpose: str, token: str) -> str:
    if link is None:
        return words.use_token.format(purpose=purpose, token=token)
    return words.open_link.format(purpose=purpose, link=link.replace("{token}", token))


def _greeted(name: str | None) -> str | None:
    """Return the name as a greeting may have it."""
    text = _inline(name or "")
    return None if len(text) > _NAME_MAXIMUM or _seems_an_address(text) else text or None


def _inline(text: str) -> str:
    # A name with line breaks could inject a paragraph, which would seem to be the product's text.
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

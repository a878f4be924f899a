"""Mail through an SMTP server (extra ``smtp``)."""

import asyncio
import re
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from enum import StrEnum

from bymax_auth.errors.extras import needs_extra
from bymax_auth.providers.mail import OutgoingEmail
from bymax_auth.types.secret import Secret

with needs_extra("smtp", ("aiosmtplib",)):
    import aiosmtplib

__all__ = ["SmtpEmailSink", "SmtpSecurity", "is_one_address"]


class SmtpSecurity(StrEnum):
    """How the connection to the server is protected."""

    STARTTLS = "starttls"
    IMPLICIT_TLS = "implicit_tls"
    PLAINTEXT = "plaintext"


# Source: RFC 6409 §3.1 (submission, 587), RFC 8314 §3.3 (submissions, 465), RFC 5321 §4.5.4.2 (25).
_PORTS = {SmtpSecurity.STARTTLS: 587, SmtpSecurity.IMPLICIT_TLS: 465, SmtpSecurity.PLAINTEXT: 25}

_HIGHEST_PORT = 65_535

# Characters that end an address or begin another; servers parse such text differently.
_NOT_ONE_ADDRESS = re.compile(r'[\s\x00-\x1f\x7f,;<>()\\"]|@.*@')


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpEmailSink:
    """
    Implements `AuthEmailSink`: one connection and one message per mail, within `timeout`.

    Args:
        host: The server's name, which must match its certificate.
        sender: The address in ``From`` and in the envelope.
        sender_name: The display name in ``From``.
        port: ``None`` for the default port of `security`.
        security: With STARTTLS, there is no fallback to plaintext.
        tls_context: ``None`` for the system's certificate authorities.

    Raises:
        ValueError: The sender is not one mail address, a text would break the header that it is put in, or a
            number is out of range; or a password is set without TLS or without a user name, or a user name
            without one.
    """

    host: str
    sender: str
    sender_name: str = ""
    port: int | None = None
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    username: str | None = None
    password: Secret | None = None
    timeout: timedelta = timedelta(seconds=15)
    tls_context: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not is_one_address(self.sender):
            raise ValueError("The sender is not one mail address.")
        if not self.sender_name.isprintable():
            raise ValueError("The sender's name contains a line break or another control character.")
        if not self.host or not self.host.isprintable() or " " in self.host:
            raise ValueError("The SMTP host is not a host name.")
        if self.port is not None and not 1 <= self.port <= _HIGHEST_PORT:
            raise ValueError("The SMTP port is not a number from 1 to 65535.")
        if self.timeout <= timedelta(0):
            raise ValueError("The timeout of SMTP is not positive.")
        if (self.username is None) != (self.password is None):
            raise ValueError("SMTP authentication takes a user name and a password.")
        if self.password is not None and self.security is SmtpSecurity.PLAINTEXT:
            raise ValueError("An SMTP password needs STARTTLS or implicit TLS.")

    async def send(self, message: OutgoingEmail) -> None:
        """
        Return when the server has accepted the mail; implements `AuthEmailSink`.

        Raises:
            aiosmtplib.SMTPException: The server rejected the mail, or could not be reached.
            TimeoutError: The whole exchange took longer than `timeout`.
            OSError: TLS failed; the server's certificate is not trusted, for example.
            ValueError: `to` is not one mail address.
        """
        async with asyncio.timeout(self.timeout.total_seconds()):
            await aiosmtplib.send(
                self._mime(message),
                sender=self.sender,
                recipients=[message.to],
                hostname=self.host,
                port=_PORTS[self.security] if self.port is None else self.port,
                username=self.username,
                password=None if self.password is None else self.password.reveal(),
                use_tls=self.security is SmtpSecurity.IMPLICIT_TLS,
                start_tls=self.security is SmtpSecurity.STARTTLS,
                tls_context=self.tls_context,
                timeout=self.timeout.total_seconds(),
            )

    def _mime(self, message: OutgoingEmail) -> EmailMessage:
        mime = EmailMessage(policy=SMTP)
        mime["From"] = _address(self.sender, self.sender_name)
        mime["To"] = _address(message.to)
        # `splitlines` covers every character that some parser treats as a line break.
        mime["Subject"] = " ".join(message.subject.splitlines())
        mime["Date"] = localtime()
        mime["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        # Source: RFC 3834 §5: suppresses automatic replies, such as out-of-office messages.
        mime["Auto-Submitted"] = "auto-generated"
        mime.set_content(message.text)
        mime.add_alternative(message.html, subtype="html")
        return mime


def is_one_address(text: str) -> bool:
    """Return whether `text` is one mail address, without a name or a second address."""
    local, at, domain = text.rpartition("@")
    return bool(local and at and domain) and _NOT_ONE_ADDRESS.search(text) is None


def _address(text: str, name: str = "") -> Address:
    if not is_one_address(text):
        raise ValueError("not one mail address")
    # Split here because `addr_spec` rejects non-ASCII letters, which RFC 6531 allows.
    local, _, domain = text.rpartition("@")
    return Address(name, username=local, domain=domain)

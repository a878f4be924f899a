"""A mail server on the loopback interface, in a thread of its own, that keeps what it is sent."""

import email
import email.policy
import logging
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.servers.certificate import certify
from tests.servers.patience import PATIENCE
from tests.servers.ports import free_port

__all__ = ["SMTP_LOGIN", "MailServer", "mail_server"]

SMTP_LOGIN = ("mailer", "the password of the mail account")

# The server's own log quotes everything that its client says, the login included.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class MailServer:
    """A submission server: STARTTLS and a login before any mail; `certificate` is the one to trust."""

    def __init__(self, certificate: Path) -> None:
        self.certificate = certificate
        self.port = free_port()
        self.received: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        return "250 accepted"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
    ) -> AuthResult:
        given = (login.login.decode(), login.password.decode())
        return AuthResult(success=given == SMTP_LOGIN)

    def last_text(self, to: str) -> str:
        """The plain text of the newest mail to this address."""
        message = next(mail for mail in reversed(self.received) if mail["To"] == to)
        body = message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@contextmanager
def mail_server(folder: Path) -> Generator[MailServer]:
    """A running server, with its certificate in `folder`."""
    server = MailServer(certify(folder))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server.certificate)
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        ready_timeout=PATIENCE,
        server_hostname="localhost",
        tls_context=context,
        require_starttls=True,
        authenticator=server.authenticate,
        auth_required=True,
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()

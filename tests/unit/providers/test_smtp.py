"""Mail through a real SMTP server on the loopback interface."""

import asyncio
import email
import email.policy
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bymax_auth.providers.mail import OutgoingEmail
from bymax_auth.providers.smtp import SmtpEmailSink, SmtpSecurity
from bymax_auth.types.secret import Secret
from tests.servers.certificate import certify

PASSWORD = "correct horse"

# The test server's own log quotes everything that its client says, the login included.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


def mail(**changes: Any) -> OutgoingEmail:
    values: dict[str, Any] = {
        "tenant_id": "acme",
        "to": "ada@example.com",
        "subject": "Código de confirmação",
        "html": "<p>Código: 123456</p>",
        "text": "Código: 123456",
        "kind": "email_verification_otp",
        "contains_credential": True,
    }
    return OutgoingEmail(**(values | changes))


class Server:
    """What the SMTP server was given, and how it answers."""

    def __init__(self) -> None:
        self.received: list[tuple[str, list[str], EmailMessage, bool]] = []
        self.logins: list[LoginPassword] = []
        self.answer = "250 accepted"
        self.port = 0

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append((envelope.mail_from or "", envelope.rcpt_tos, message, session.ssl is not None))
        return self.answer

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
    ) -> AuthResult:
        self.logins.append(login)
        return AuthResult(success=login.password == PASSWORD.encode())


@asynccontextmanager
async def serving(*, implicit: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Server]:
    """A server on a free port; `options` are those of the SMTP protocol."""
    handler = Server()
    options = {"enable_SMTPUTF8": True, "hostname": "localhost", **options}
    loop = asyncio.get_running_loop()
    opened: list[asyncio.Transport] = []

    class Connection(SMTP):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            opened.append(transport)
            super().connection_made(transport)

    def protocol() -> SMTP:
        return Connection(handler, loop=loop, authenticator=handler.authenticate, **options)

    listener = await loop.create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    handler.port = listener.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        listener.close()
        await listener.wait_closed()
        for transport in opened:
            if not transport.is_closing():
                transport.abort()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the loopback address, with its key in the same file."""
    return certify(tmp_path_factory.mktemp("smtp"))


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_tls(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


def plain_sink(server: Server, **changes: Any) -> SmtpEmailSink:
    options: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "sender": "auth@acme.example",
        "security": SmtpSecurity.PLAINTEXT,
    }
    return SmtpEmailSink(**(options | changes))


async def test_a_mail_arrives_as_text_and_as_html() -> None:
    """The reader would see markup, or nothing at all."""
    async with serving() as server:
        await plain_sink(server, sender_name="Ácme, Inc.").send(mail())
    ((sender, recipients, message, encrypted),) = server.received
    assert (sender, recipients, encrypted) == ("auth@acme.example", ["ada@example.com"], False)
    assert str(message["From"]) == '"Ácme, Inc." <auth@acme.example>'
    assert str(message["To"]) == "ada@example.com"
    assert message["Subject"] == "Código de confirmação"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@acme.example>")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().strip() == "Código: 123456"
    assert html.get_content().strip() == "<p>Código: 123456</p>"


async def test_an_address_beyond_ascii_gets_its_mail() -> None:
    """Somebody whose address has an accent could never confirm it."""
    async with serving() as server:
        await plain_sink(server).send(mail(to="élève@example.com"))
    assert server.received[0][1] == ["élève@example.com"]


async def test_a_subject_with_an_odd_line_end_is_sent_on_one_line() -> None:
    """An invitation from a tenant with a strange name would never arrive."""
    async with serving() as server:
        await plain_sink(server).send(mail(subject="Join\u2028us\x0bnow"))
    assert server.received[0][2]["Subject"] == "Join us now"


@pytest.mark.parametrize("to", ["a@example.com\r\nBcc: eve@example.com", "a@example.com, eve@example.com"])
async def test_an_address_cannot_name_a_second_reader(to: str) -> None:
    """A reset link would be sent to a stranger as well."""
    async with serving() as server:
        with pytest.raises((ValueError, aiosmtplib.SMTPException)):
            await plain_sink(server).send(mail(to=to))
    assert server.received == []


async def test_starttls_protects_the_login_and_the_mail(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """Codes and the account of the mail server would cross the network in the clear."""
    async with serving(tls_context=server_tls, require_starttls=True, auth_required=True) as server:
        sink = plain_sink(
            server,
            security=SmtpSecurity.STARTTLS,
            username="mailer",
            password=Secret(PASSWORD),
            tls_context=client_tls,
        )
        await sink.send(mail())
    assert [login.password for login in server.logins] == [PASSWORD.encode()]
    assert server.received[0][3] is True


async def test_implicit_tls_protects_the_whole_connection(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """A provider that offers nothing but port 465 could not be used."""
    async with serving(implicit=server_tls) as server:
        sink = plain_sink(server, security=SmtpSecurity.IMPLICIT_TLS, tls_context=client_tls)
        await sink.send(mail())
    assert len(server.received) == 1


async def test_a_server_without_starttls_gets_nothing() -> None:
    """Somebody on the path who hides STARTTLS would read every code."""
    async with serving() as server:
        with pytest.raises(aiosmtplib.SMTPException):
            await plain_sink(server, security=SmtpSecurity.STARTTLS).send(mail())
    assert server.received == []


async def test_a_server_with_a_strange_certificate_gets_nothing(server_tls: ssl.SSLContext) -> None:
    """Anybody could pose as the mail server."""
    async with serving(tls_context=server_tls) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            await plain_sink(server, security=SmtpSecurity.STARTTLS).send(mail())
    assert server.received == []


async def test_a_refusal_of_the_server_is_raised() -> None:
    """A mail that was never accepted would count as sent."""
    async with serving() as server:
        server.answer = "554 no"
        with pytest.raises(aiosmtplib.SMTPException):
            await plain_sink(server).send(mail())


async def test_a_server_that_says_nothing_is_given_up_on() -> None:
    """A dead mail server would hold every mail, and the shutdown, for ever."""
    begun: list[asyncio.Task[None] | None] = []
    last = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun.append(asyncio.current_task())
        if await reader.read():
            last.set()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as listener:
        server = Server()
        server.port = listener.sockets[0].getsockname()[1]
        with pytest.raises((TimeoutError, aiosmtplib.SMTPException)):
            await plain_sink(server, timeout=timedelta(milliseconds=50)).send(mail())
        # Connections are accepted in order.  On a busy machine the sink gives up before it has one.
        _, ending = await asyncio.open_connection("127.0.0.1", server.port)
        ending.write(b"last")
        ending.close()
        await last.wait()
        await asyncio.gather(*(task for task in begun if task))


@pytest.mark.parametrize(
    "options",
    [
        {"username": "mailer"},
        {"password": Secret(PASSWORD)},
        {"username": "mailer", "password": Secret(PASSWORD), "security": SmtpSecurity.PLAINTEXT},
    ],
    ids=["user name alone", "password alone", "in the clear"],
)
def test_half_a_login_and_an_open_one_are_refused(options: dict[str, Any]) -> None:
    """A password would travel readable, or a server would be used without the login that was meant."""
    with pytest.raises(ValueError, match="SMTP"):
        SmtpEmailSink(host="mail.example", sender="auth@acme.example", **options)


def test_a_sink_does_not_show_its_password() -> None:
    """The mail server's password would reach a log."""
    sink = SmtpEmailSink(
        host="mail.example", sender="auth@acme.example", username="mailer", password=Secret(PASSWORD)
    )
    assert PASSWORD not in repr(sink)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"sender": "noreply"}, "sender is not one"),
        ({"sender": "noreply@"}, "sender is not one"),
        ({"sender": "App <noreply@example.com>"}, "sender is not one"),
        ({"sender": "a@example.com, b@example.com"}, "sender is not one"),
        ({"sender": "a@example.com\nBcc: eve@example.com"}, "sender is not one"),
        ({"sender": ""}, "sender is not one"),
        ({"sender_name": "Ana\r\nBcc: eve@example.com"}, "sender's name"),
        ({"sender_name": "Ana\x00"}, "sender's name"),
        ({"sender_name": "Ana\u2028Eve"}, "sender's name"),
        ({"host": ""}, "host"),
        ({"host": "smtp example.com"}, "host"),
        ({"host": "smtp.example.com\n"}, "host"),
        ({"port": 0}, "port"),
        ({"port": 65_536}, "port"),
        ({"timeout": timedelta(0)}, "timeout"),
    ],
)
def test_a_sink_that_could_send_nothing_is_refused_when_it_is_built(
    changed: dict[str, Any], fault: str
) -> None:
    """Each mail would fail, be logged and be forgotten, and nobody would get a code."""
    options: dict[str, Any] = {"host": "smtp.example.com", "sender": "noreply@example.com"}
    with pytest.raises(ValueError, match=fault) as refused:
        SmtpEmailSink(**options | changed)
    assert "eve" not in str(refused.value)


def test_a_sender_with_letters_of_any_script_is_accepted() -> None:
    """Names are written as their owners write them."""
    SmtpEmailSink(host="smtp.example.com", sender="información@example.com", sender_name="José Ñandú 李")

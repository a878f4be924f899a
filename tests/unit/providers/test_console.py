"""Mail on a terminal."""

import io

import pytest

from bymax_auth.providers.console import ConsoleEmailSink
from bymax_auth.providers.mail import DefaultAuthEmailProvider, OutgoingEmail


async def test_a_developer_reads_the_code_on_the_terminal() -> None:
    """Nobody could confirm an address on a machine without a mail server."""
    stream = io.StringIO()
    await DefaultAuthEmailProvider(ConsoleEmailSink(stream)).send_email_verification_otp(
        "demo", "ada@example.com", "123456"
    )
    shown = stream.getvalue()
    assert "Mail to ada@example.com (tenant demo, email_verification_otp)" in shown
    assert "Subject: Confirm your email address" in shown
    assert "\n123456\n" in shown


async def test_standard_error_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Mail would mix with what the program prints for other programs."""
    await DefaultAuthEmailProvider(ConsoleEmailSink()).send_password_changed("demo", "ada@example.com")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Your password was changed" in captured.err


async def test_a_name_cannot_control_the_terminal() -> None:
    """A name with an escape sequence could hide or forge what a developer sees."""
    stream = io.StringIO()
    mail = OutgoingEmail(
        tenant_id="de\x1b[1Amo",
        to="a\rb@example.com",
        subject="\x1b]0;title\x07",
        html="",
        text="line\x1b[2J\nnext\u202e",
        kind="invitation",
        contains_credential=True,
    )
    await ConsoleEmailSink(stream).send(mail)
    assert all(character.isprintable() or character == "\n" for character in stream.getvalue())
    assert "line�[2J\nnext�\n" in stream.getvalue()

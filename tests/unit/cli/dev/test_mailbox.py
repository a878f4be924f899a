"""The captured mail."""

from datetime import timedelta

from bymax_auth.cli.dev.mailbox import Mailbox
from bymax_auth.providers.mail import OutgoingEmail
from bymax_auth.testing import FakeClock


def mail(subject: str) -> OutgoingEmail:
    return OutgoingEmail(
        tenant_id="demo",
        to="ana@example.com",
        subject=subject,
        html="<p>Hello</p>",
        text="Hello",
        kind="password_changed",
        contains_credential=False,
    )


async def test_the_newest_mail_is_first() -> None:
    """A person copies the code of an earlier mail."""
    clock = FakeClock()
    box = Mailbox(clock)
    await box.send(mail("first"))
    clock.advance(timedelta(seconds=5))
    await box.send(mail("second"))
    second, first = box.newest_first()
    assert (second.subject, first.subject) == ("second", "first")
    assert second.created_at - first.created_at == timedelta(seconds=5)


async def test_a_long_session_keeps_the_latest_mail_only() -> None:
    """A load test against the development server eats the machine's memory."""
    box = Mailbox(FakeClock(), capacity=2)
    for subject in ("one", "two", "three"):
        await box.send(mail(subject))
    assert [kept.subject for kept in box.newest_first()] == ["three", "two"]

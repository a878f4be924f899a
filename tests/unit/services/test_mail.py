"""Mail that is sent in the background."""

import asyncio
from datetime import timedelta

import pytest

from bymax_auth.ports.events import BackgroundTaskFailed, BackgroundTaskTimedOut
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.mail import Mailer, Recipient
from bymax_auth.testing import RecordingEvents, RecordingMailer
from bymax_auth.types.session import SessionInfo
from tests.unit.services.parts import CONTEXT, Broken, no_languages, user

MINUTE = timedelta(minutes=1)
ANA = Recipient(user(), "ana@example.com", CONTEXT)
SESSION = SessionInfo(device="Chrome on macOS", ip="203.0.113.9", session_hash="0a1b2c3d")


class Hanging(RecordingMailer):
    """A mail server that never answers."""

    async def send_password_reset_token(
        self, tenant_id: str, email: str, token: str, *, locale: str | None = None
    ) -> None:
        await asyncio.Event().wait()


class Deletion:
    """Counts how often the token was deleted."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def outbox() -> RecordingMailer:
    return RecordingMailer()


@pytest.fixture
def mailer(outbox: RecordingMailer, background: BackgroundTasks, failures: FailureReporter) -> Mailer:
    return Mailer(outbox, background, MINUTE, no_languages(failures))


async def test_each_mail_reaches_its_reader(
    mailer: Mailer, outbox: RecordingMailer, background: BackgroundTasks
) -> None:
    """A code in the wrong mail, or to the wrong tenant's template, is no code."""
    deleted = Deletion()
    mailer.verification_otp(ANA, "123456")
    mailer.reset_otp(ANA, "654321")
    mailer.reset_token(ANA, "f" * 64, deleted)
    mailer.password_changed(ANA)
    mailer.email_changed(ANA, "ana@new.example")
    mailer.new_session(ANA, SESSION)
    assert outbox.sent == []
    await background.drain()

    assert [(mail.kind, mail.tenant_id, mail.to, mail.secret) for mail in outbox.sent] == [
        ("email_verification_otp", "acme", "ana@example.com", "123456"),
        ("password_reset_otp", "acme", "ana@example.com", "654321"),
        ("password_reset_token", "acme", "ana@example.com", "f" * 64),
        ("password_changed", "acme", "ana@example.com", None),
        ("email_changed", "acme", "ana@example.com", None),
        ("new_session_alert", "acme", "ana@example.com", None),
    ]
    assert outbox.sent[-1].session == SESSION
    assert outbox.last("email_changed").new_email == "ana@new.example"
    assert deleted.times == 0


async def test_the_link_to_a_new_address_is_sent_before_the_call_returns(
    mailer: Mailer, outbox: RecordingMailer, events: RecordingEvents
) -> None:
    """Whoever asked for it is told that a mail is on its way, and it must be."""
    to = Recipient(user(), "ana@new.example", CONTEXT)
    await mailer.email_change_verification(to, "f" * 64)
    [mail] = outbox.sent
    assert (mail.kind, mail.tenant_id, mail.to, mail.secret) == (
        "email_change_verification",
        "acme",
        "ana@new.example",
        "f" * 64,
    )
    outbox.failure = Broken()
    with pytest.raises(Broken):
        await mailer.email_change_verification(to, "f" * 64)
    assert events.events == []


async def test_a_link_to_a_new_address_does_not_wait_for_ever(
    background: BackgroundTasks, failures: FailureReporter
) -> None:
    """A mail server that hangs would keep the request open for as long as it likes."""

    class Stuck(RecordingMailer):
        async def send_email_change_verification(
            self, tenant_id: str, new_email: str, token: str, *, locale: str | None = None
        ) -> None:
            await asyncio.Event().wait()

    mailer = Mailer(Stuck(), background, timedelta(milliseconds=1), no_languages(failures))
    with pytest.raises(TimeoutError):
        await mailer.email_change_verification(ANA, "f" * 64)


async def test_a_mail_that_fails_is_an_event(
    mailer: Mailer, outbox: RecordingMailer, background: BackgroundTasks, events: RecordingEvents
) -> None:
    """The registration stands; the operator must know that its code never left."""
    outbox.failure = Broken()
    mailer.verification_otp(ANA, "123456")
    await background.drain()

    assert events.events == [BackgroundTaskFailed(origin="email.email_verification_otp", exception="Broken")]
    assert "123456" not in repr(events.events)


async def test_a_reset_link_that_was_not_sent_is_deleted(
    mailer: Mailer, outbox: RecordingMailer, background: BackgroundTasks, events: RecordingEvents
) -> None:
    """A valid token that nobody holds is only of use to whoever finds it."""
    deleted = Deletion()
    outbox.failure = Broken()
    mailer.reset_token(ANA, "f" * 64, deleted)
    await background.drain()

    assert deleted.times == 1
    assert events.events == [BackgroundTaskFailed(origin="email.password_reset_token", exception="Broken")]


async def test_a_reset_link_that_hangs_is_deleted(
    background: BackgroundTasks, events: RecordingEvents, failures: FailureReporter
) -> None:
    """A mail server that never answers has not sent it."""
    deleted = Deletion()
    hanging = Mailer(Hanging(), background, timedelta(0), no_languages(failures))
    hanging.reset_token(ANA, "f" * 64, deleted)
    await background.drain()

    assert deleted.times == 1
    assert events.events == [BackgroundTaskTimedOut(origin="email.password_reset_token")]


def test_a_recipient_prints_neither_address_nor_request() -> None:
    """A traceback with locals is where addresses end up."""
    printed = repr(Recipient(user(email="x@example.com"), "ana@example.com", CONTEXT))
    assert "ana@example.com" not in printed
    assert CONTEXT.ip not in printed

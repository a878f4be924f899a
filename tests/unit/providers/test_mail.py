"""From structured data to a mail that is ready to leave."""

import inspect
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bymax_auth.ports.email import EmailProvider
from bymax_auth.providers.catalogue import AuthEmailMessage, DefaultAuthEmailCatalogue
from bymax_auth.providers.mail import (
    CREDENTIAL_KINDS,
    EMAIL_KINDS,
    DefaultAuthEmailProvider,
    DeliveryErrorPolicy,
    OutgoingEmail,
)
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo

SECRET = "5ec2e7" * 4
ADDRESS = "ada.lovelace@example.com"
ARGUMENTS: dict[str, Any] = {
    "tenant_id": "acme",
    "email": ADDRESS,
    "new_email": ADDRESS,
    "old_email": ADDRESS,
    "token": SECRET,
    "otp": SECRET,
    "session": SessionInfo(device="Chrome", ip="192.0.2.1", session_hash="01234567"),
    "invite": InviteData(
        inviter_name="Grace",
        tenant_name="Acme",
        invite_token=SECRET,
        expires_at=datetime(2026, 1, 1, tzinfo=UTC),
    ),
}
KIND_OF = {
    "send_password_reset_token": "password_reset_token",
    "send_password_reset_otp": "password_reset_otp",
    "send_email_verification_otp": "email_verification_otp",
    "send_password_changed": "password_changed",
    "send_email_change_verification": "email_change_verification",
    "send_email_changed_notification": "email_changed",
    "send_mfa_enabled": "mfa_enabled",
    "send_mfa_disabled": "mfa_disabled",
    "send_new_session_alert": "new_session_alert",
    "send_invitation": "invitation",
}


class Outbox:
    """A sink that keeps mail, or fails with what it is told to."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.sent: list[OutgoingEmail] = []
        self.failure = failure

    async def send(self, message: OutgoingEmail) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent.append(message)


class Refused(Exception):
    """What a transport raises, naming address and code."""


@dataclass(frozen=True, kw_only=True)
class Words(DefaultAuthEmailCatalogue):
    """A host's own wording of one mail, and a broken template of another."""

    message: AuthEmailMessage

    def password_changed(self, *, locale: str | None) -> AuthEmailMessage:
        return self.message

    def mfa_enabled(self, *, locale: str | None) -> AuthEmailMessage:
        raise KeyError(locale)


async def send(provider: EmailProvider, name: str) -> None:
    """Call one of the ten methods with everything that it takes."""
    method = getattr(provider, name)
    wanted = inspect.signature(method).parameters
    await method(**{key: value for key, value in ARGUMENTS.items() if key in wanted})


async def worded(message: AuthEmailMessage) -> OutgoingEmail:
    """What leaves when a host's catalogue words a mail so."""
    outbox = Outbox()
    await DefaultAuthEmailProvider(outbox, catalogue=Words(message=message)).send_password_changed(
        "acme", ADDRESS
    )
    return outbox.sent[0]


@pytest.mark.parametrize(("name", "kind"), KIND_OF.items())
async def test_every_mail_leaves_under_its_kind(name: str, kind: str) -> None:
    """A mailbox or a test would look for a code under a name that nothing sends."""
    outbox = Outbox()
    await send(DefaultAuthEmailProvider(outbox), name)
    (mail,) = outbox.sent
    assert (mail.kind, mail.to, mail.tenant_id) == (kind, ADDRESS, "acme")
    assert mail.contains_credential is (SECRET in mail.text)
    assert mail.contains_credential is (kind in CREDENTIAL_KINDS)
    assert (SECRET in mail.html) is mail.contains_credential


def test_the_kinds_are_those_of_the_port() -> None:
    """A policy could not be set for a mail that exists."""
    assert set(KIND_OF.values()) == EMAIL_KINDS
    assert set(KIND_OF) == {name for name in vars(EmailProvider) if name.startswith("send_")}


async def test_text_becomes_escaped_paragraphs() -> None:
    """A name with markup would be markup in the reader's mail."""
    mail = await worded(AuthEmailMessage(subject="s", text="<b>&\"'</b>\nsecond line\n\nsecond block"))
    assert mail.html == ("<p>&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;<br>second line</p>\n<p>second block</p>")
    assert mail.text == "<b>&\"'</b>\nsecond line\n\nsecond block"


async def test_html_of_a_catalogue_is_used_as_it_is() -> None:
    """A host's design would arrive as text full of angle brackets."""
    mail = await worded(AuthEmailMessage(subject="s", text="t", html="<h1>Ours</h1>"))
    assert mail.html == "<h1>Ours</h1>"


async def test_a_subject_is_one_line() -> None:
    """A name with a line break would add a header, such as a blind copy."""
    mail = await worded(AuthEmailMessage(subject="Hello\r\n\r\nBcc: eve@example.com\nx\ry", text="t"))
    assert mail.subject == "Hello Bcc: eve@example.com x y"


async def test_a_catalogue_can_mark_a_mail_and_never_unmark_one() -> None:
    """A sink would publish a mail that opens an account."""
    mail = await worded(AuthEmailMessage(subject="s", text="t", contains_credential=True))
    assert mail.contains_credential is True


async def test_a_failed_delivery_is_one_record_without_a_word_of_the_mail(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The error log would hold codes and addresses."""
    provider = DefaultAuthEmailProvider(Outbox(Refused(f"550 {ADDRESS} {SECRET}")))
    for name, kind in KIND_OF.items():
        caplog.clear()
        await send(provider, name)
        (record,) = caplog.records
        fields = vars(record)
        assert (record.levelno, fields["event"], fields["kind"]) == (
            logging.ERROR,
            "email.delivery_failed",
            kind,
        )
        assert fields["exception"] == "Refused"
        assert (record.exc_info, record.stack_info) == (None, None)
        assert SECRET not in str(fields)
        assert "lovelace" not in str(fields)


async def test_a_renderer_that_fails_is_a_failed_delivery(caplog: pytest.LogCaptureFixture) -> None:
    """A typo in a template would answer a sign-up with a server error."""
    words = Words(message=AuthEmailMessage(subject="s", text="t"))
    await DefaultAuthEmailProvider(Outbox(), catalogue=words).send_mfa_enabled("acme", ADDRESS)
    assert [vars(record)["event"] for record in caplog.records] == ["email.delivery_failed"]


async def test_a_policy_rethrows_the_original_exception() -> None:
    """A reset token whose mail failed would stay valid although nobody can have it."""
    failure = Refused("550")
    provider = DefaultAuthEmailProvider(Outbox(failure), on_delivery_error="rethrow")
    for name in KIND_OF:
        with pytest.raises(Refused) as caught:
            await send(provider, name)
        assert caught.value is failure


async def test_a_policy_may_differ_by_kind() -> None:
    """A host that needs one failure to surface would have to take all of them."""
    provider = DefaultAuthEmailProvider(
        Outbox(Refused("550")), on_delivery_error={"password_reset_token": "rethrow", "invitation": "swallow"}
    )
    with pytest.raises(Refused):
        await send(provider, "send_password_reset_token")
    await send(provider, "send_invitation")
    await send(provider, "send_password_changed")


@pytest.mark.parametrize(
    "policy",
    ["ignore", {"password_reset": "rethrow"}, {"invitation": "retry"}],
    ids=["policy", "kind", "by kind"],
)
def test_a_policy_that_means_nothing_is_refused(policy: object) -> None:
    """A misspelt kind would silently swallow what it was meant to surface."""
    with pytest.raises(ValueError, match="on_delivery_error does not know"):
        DefaultAuthEmailProvider(Outbox(), on_delivery_error=cast("DeliveryErrorPolicy", policy))


def test_a_mail_does_not_show_itself() -> None:
    """A mail in a traceback or a log would give away its code."""
    mail = OutgoingEmail(
        tenant_id="acme",
        to=ADDRESS,
        subject=f"Code {SECRET}",
        html=SECRET,
        text=SECRET,
        kind="password_reset_otp",
        contains_credential=True,
    )
    assert SECRET not in f"{mail!r} {mail}"
    assert "lovelace" not in repr(mail)
    assert "a***@example.com" in repr(mail)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("send_password_reset_token", "password_reset_link"),
        ("send_email_change_verification", "email_change_link"),
        ("send_invitation", "invitation_link"),
    ],
)
async def test_a_link_knows_tenant_and_address_of_its_reader(name: str, option: str) -> None:
    """The route that takes the token also asks for both, and its reader would have to type them."""
    outbox = Outbox()
    link = "https://app.example/{tenant}?email={email}#{token}"
    catalogue = DefaultAuthEmailCatalogue(**{option: link})
    await send(DefaultAuthEmailProvider(outbox, catalogue=catalogue), name)
    (mail,) = outbox.sent
    assert f"https://app.example/acme?email=ada.lovelace%40example.com#{SECRET}" in mail.text

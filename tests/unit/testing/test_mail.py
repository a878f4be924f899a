"""A mailer that keeps what it is given."""

from datetime import UTC, datetime

import pytest

from bymax_auth.testing import FakeClock, RecordingMailer
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SESSION = SessionInfo(device="Chrome", ip="192.0.2.1", session_hash="01234567")
INVITE = InviteData(inviter_name="Grace", tenant_name="Acme", invite_token="invite-token", expires_at=NOW)


async def full_mailer() -> RecordingMailer:
    """A mailer that was given one mail of each kind."""
    mailer = RecordingMailer(FakeClock(NOW))
    await mailer.send_password_reset_token("acme", "ada@example.com", "reset-token")
    await mailer.send_password_reset_otp("acme", "ada@example.com", "111111")
    await mailer.send_email_verification_otp("acme", "ada@example.com", "222222", locale="pt-BR")
    await mailer.send_password_changed("acme", "ada@example.com")
    await mailer.send_email_change_verification("acme", "new@example.com", "change-token")
    await mailer.send_email_changed_notification("acme", "ada@example.com", "new@example.com")
    await mailer.send_mfa_enabled("acme", "ada@example.com")
    await mailer.send_mfa_disabled("acme", "ada@example.com")
    await mailer.send_new_session_alert("acme", "ada@example.com", SESSION)
    await mailer.send_invitation("acme", "guest@example.com", INVITE)
    return mailer


async def test_every_mail_is_kept_with_its_code() -> None:
    """A test could not confirm an address, or would read another mail's code."""
    mailer = await full_mailer()
    assert [(mail.kind, mail.to, mail.secret) for mail in mailer.sent] == [
        ("password_reset_token", "ada@example.com", "reset-token"),
        ("password_reset_otp", "ada@example.com", "111111"),
        ("email_verification_otp", "ada@example.com", "222222"),
        ("password_changed", "ada@example.com", None),
        ("email_change_verification", "new@example.com", "change-token"),
        ("email_changed", "ada@example.com", None),
        ("mfa_enabled", "ada@example.com", None),
        ("mfa_disabled", "ada@example.com", None),
        ("new_session_alert", "ada@example.com", None),
        ("invitation", "guest@example.com", "invite-token"),
    ]
    assert {(mail.tenant_id, mail.created_at) for mail in mailer.sent} == {("acme", NOW)}
    assert mailer.last("new_session_alert").session == SESSION
    assert mailer.last("email_changed").new_email == "new@example.com"
    assert mailer.last("email_verification_otp").locale == "pt-BR"


async def test_the_newest_mail_is_found_by_kind_and_reader() -> None:
    """A test of a resent code would try the one that no longer counts."""
    mailer = await full_mailer()
    await mailer.send_password_reset_otp("acme", "Ada@Example.com", "333333")
    await mailer.send_password_reset_otp("acme", "other@example.com", "444444")
    assert mailer.last("password_reset_otp", to="ada@example.com").code == "333333"
    assert mailer.last().code == "444444"
    assert [mail.code for mail in mailer.of("password_reset_otp")] == ["111111", "333333", "444444"]
    mailer.clear()
    assert mailer.sent == []


async def test_a_mail_that_is_not_there_is_an_error_that_says_what_is() -> None:
    """A failing test would show an index error and not which mail came instead."""
    mailer = await full_mailer()
    mailer.sent = mailer.of("mfa_enabled")
    with pytest.raises(LookupError, match=r"No password_reset_otp mail among \['mfa_enabled'\]"):
        mailer.last("password_reset_otp")
    with pytest.raises(LookupError, match="has neither code nor token"):
        _ = mailer.last("mfa_enabled").code


async def test_a_mailer_fails_on_demand() -> None:
    """A host could not test what its users see while mail is down."""
    mailer = RecordingMailer()
    mailer.failure = ConnectionError("down")
    with pytest.raises(ConnectionError):
        await mailer.send_mfa_enabled("acme", "ada@example.com")
    assert mailer.sent == []
    mailer.failure = None
    await mailer.send_mfa_enabled("acme", "ada@example.com")
    assert mailer.last().created_at.utcoffset() is not None


async def test_a_kept_mail_does_not_show_its_code() -> None:
    """A failing assertion would print a live token into a public build log."""
    mailer = await full_mailer()
    shown = repr(mailer.sent)
    assert not [word for word in ("-token", "111111", "ada@example.com", "new@example.com") if word in shown]

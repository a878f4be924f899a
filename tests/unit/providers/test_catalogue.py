"""The words of the mails."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bymax_auth.providers.catalogue import AuthEmailMessage, DefaultAuthEmailCatalogue
from bymax_auth.types.invitation import InviteData
from bymax_auth.types.session import SessionInfo

TOKEN = "0f" * 32
INVITE = InviteData(
    inviter_name="Grace Hopper",
    tenant_name="Acme",
    invite_token=TOKEN,
    expires_at=datetime(2026, 6, 17, 14, tzinfo=timezone(timedelta(hours=2))),
)
SESSION = SessionInfo(device="Chrome on macOS", ip="192.0.2.1", session_hash="01234567")
Render = Callable[[DefaultAuthEmailCatalogue], AuthEmailMessage]

CARRYING: list[tuple[str, Render]] = [
    (TOKEN, lambda words: words.password_reset_token(TOKEN, locale=None)),
    ("123456", lambda words: words.password_reset_otp("123456", locale=None)),
    ("123456", lambda words: words.email_verification_otp("123456", locale=None)),
    (TOKEN, lambda words: words.email_change_verification(TOKEN, locale=None)),
    (TOKEN, lambda words: words.invitation(INVITE, locale=None)),
]
NOTICES: list[Render] = [
    lambda words: words.password_changed(locale=None),
    lambda words: words.email_changed("old@example.com", "new@example.com", locale=None),
    lambda words: words.mfa_enabled(locale=None),
    lambda words: words.mfa_disabled(locale=None),
    lambda words: words.new_session_alert(SESSION, locale=None),
]


@pytest.mark.parametrize(("secret", "render"), CARRYING)
def test_a_code_is_stated_once_and_never_in_the_subject(secret: str, render: Render) -> None:
    """A code in a subject shows on a locked phone; a code stated twice may be two codes to a reader."""
    message = render(DefaultAuthEmailCatalogue())
    assert message.text.count(secret) == 1
    assert secret not in message.subject


@pytest.mark.parametrize(("secret", "render"), CARRYING)
def test_a_mail_nobody_asked_for_says_that_it_can_be_ignored(secret: str, render: Render) -> None:
    """A stranger who types an address would frighten its owner."""
    assert "you can ignore this mail" in render(DefaultAuthEmailCatalogue()).text


@pytest.mark.parametrize("render", NOTICES)
def test_a_notice_says_what_to_do_if_it_was_somebody_else(render: Render) -> None:
    """The owner of a stolen account would read the news and not know the remedy."""
    assert "If it was not you, " in render(DefaultAuthEmailCatalogue()).text


def test_an_invitation_names_its_end_in_utc() -> None:
    """A guest would be promised two hours that the token does not have."""
    assert "until 2026-06-17T12:00:00Z." in DefaultAuthEmailCatalogue().invitation(INVITE, locale=None).text


def test_links_carry_the_token_where_the_host_asks_for_it() -> None:
    """The reader would have to copy 64 characters by hand."""
    words = DefaultAuthEmailCatalogue(
        product="Acme",
        password_reset_link="https://app.example/reset?token={token}",
        email_change_link="https://app.example/email/{token}",
        invitation_link="https://app.example/join#{token}",
    )
    reset = words.password_reset_token(TOKEN, locale=None)
    assert reset.subject == "Acme: Reset your password"
    assert f"https://app.example/reset?token={TOKEN}" in reset.text
    assert f"https://app.example/email/{TOKEN}" in words.email_change_verification(TOKEN, locale=None).text
    assert f"https://app.example/join#{TOKEN}" in words.invitation(INVITE, locale=None).text


def test_a_name_cannot_add_a_paragraph() -> None:
    """An inviter could speak to the guest in the product's own voice."""
    invite = InviteData(
        inviter_name="Eve\n\nYour account is closed.\r\nCall us:",
        tenant_name="\u2028Acme\x1b[2J",
        invite_token=TOKEN,
        expires_at=datetime(2026, 6, 17, tzinfo=UTC),
    )
    message = DefaultAuthEmailCatalogue().invitation(invite, locale=None)
    assert message.subject == "Eve Your account is closed. Call us: invites you to Acme [2J"
    honest = DefaultAuthEmailCatalogue().invitation(INVITE, locale=None)
    assert message.text.count("\n\n") == honest.text.count("\n\n")


def test_a_message_does_not_show_itself() -> None:
    """A code would reach a log through a debugger's `repr`."""
    message = DefaultAuthEmailCatalogue().password_reset_otp("123456", locale=None)
    assert "123456" not in repr(message)


def test_an_unknown_address_of_a_session_is_called_unknown() -> None:
    """The reader of an alert would see a label with nothing after it."""
    session = SessionInfo(device="Chrome on macOS", ip="", session_hash="01234567")
    assert "IP address: unknown" in DefaultAuthEmailCatalogue().new_session_alert(session, locale=None).text


@pytest.mark.parametrize("option", ["password_reset_link", "email_change_link", "invitation_link"])
@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("https://app.example/reset", "has no {token}"),
        ("https://app.example/reset?t={Token}", "placeholder"),
        ("https://app.example/reset?t={token}&u={user}", "placeholder"),
        ("https://app.example/reset?t={token", "placeholder"),
        ("https://app.example/reset?t={{token}}", "placeholder"),
        ("https://app.example/reset?t={token}}", "placeholder"),
        ("app.example/reset?t={token}", "is not an http"),
        ("javascript:alert('{token}')", "is not an http"),
        ("https:///reset/{token}", "is not an http"),
        ("https://[app.example/{token}", "is not a URL"),
        ("https://app.example/re set/{token}", "white space"),
        ("https://app.example/reset/{token}\nBcc: eve@example.com", "white space"),
        ("", "is not an http"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(option: str, link: str, fault: str) -> None:
    """Every mail would be sent, and none of them would be of any use."""
    with pytest.raises(ValueError, match=fault) as refused:
        DefaultAuthEmailCatalogue(**{option: link})
    assert str(refused.value).startswith(option)
    assert "app.example" not in str(refused.value)


def test_a_link_carries_what_the_route_asks_for() -> None:
    """The page behind the link would have to ask its visitor for an address that the mail knows."""
    link = "https://{tenant}.example/reset?email={email}&token={token}"
    words = DefaultAuthEmailCatalogue(password_reset_link=link).for_recipient("ac/me", "ada+x@example.com")
    text = words.password_reset_token(TOKEN, locale=None).text
    assert f"https://ac%2Fme.example/reset?email=ada%2Bx%40example.com&token={TOKEN}" in text
    plain = DefaultAuthEmailCatalogue(invitation_link="https://app.example/{token}")
    assert plain.for_recipient("acme", "ada@example.com") is plain

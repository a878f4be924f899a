"""The words of the mails."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bymax_auth.providers.catalogue import AuthEmailMessage, DefaultAuthEmailCatalogue
from bymax_auth.providers.wording import WORDINGS
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
Localised = Callable[[DefaultAuthEmailCatalogue, str | None], AuthEmailMessage]

CARRYING: list[tuple[str, Localised]] = [
    (TOKEN, lambda words, locale: words.password_reset_token(TOKEN, locale=locale)),
    ("123456", lambda words, locale: words.password_reset_otp("123456", locale=locale)),
    ("123456", lambda words, locale: words.email_verification_otp("123456", locale=locale)),
    (TOKEN, lambda words, locale: words.email_change_verification(TOKEN, locale=locale)),
    (TOKEN, lambda words, locale: words.invitation(INVITE, locale=locale)),
]
NOTICES: list[Localised] = [
    lambda words, locale: words.password_changed(locale=locale),
    lambda words, locale: words.email_changed("old@example.com", "new@example.com", locale=locale),
    lambda words, locale: words.mfa_enabled(locale=locale),
    lambda words, locale: words.mfa_disabled(locale=locale),
    lambda words, locale: words.new_session_alert(SESSION, locale=locale),
]


@pytest.mark.parametrize(("secret", "render"), CARRYING)
def test_a_code_is_stated_once_and_never_in_the_subject(secret: str, render: Localised) -> None:
    """A code in a subject shows on a locked phone; a code stated twice may be two codes to a reader."""
    message = render(DefaultAuthEmailCatalogue(), None)
    assert message.text.count(secret) == 1
    assert secret not in message.subject


@pytest.mark.parametrize(("secret", "render"), CARRYING)
def test_a_mail_nobody_asked_for_says_that_it_can_be_ignored(secret: str, render: Localised) -> None:
    """A stranger who types an address would frighten its owner."""
    assert "you can ignore this mail" in render(DefaultAuthEmailCatalogue(), None).text


@pytest.mark.parametrize("render", NOTICES)
def test_a_notice_says_what_to_do_if_it_was_somebody_else(render: Localised) -> None:
    """The owner of a stolen account would read the news and not know the remedy."""
    assert "If it was not you, " in render(DefaultAuthEmailCatalogue(), None).text


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


@pytest.mark.parametrize("locale", WORDINGS)
@pytest.mark.parametrize(("secret", "render"), CARRYING)
def test_each_language_states_a_code_once(secret: str, render: Localised, locale: str) -> None:
    """A reader of Portuguese would have a mail without the code, or with two."""
    message = render(DefaultAuthEmailCatalogue(), locale)
    assert message.text.count(secret) == 1
    assert secret not in message.subject
    assert not set("{}") & set(message.subject + message.text)


@pytest.mark.parametrize("render", [render for _, render in CARRYING] + NOTICES)
def test_each_language_has_its_own_text_of_every_mail(render: Localised) -> None:
    """A mail of another language than the rest of the product seems to be a fraud."""
    words = DefaultAuthEmailCatalogue()
    messages = [render(words, locale) for locale in WORDINGS]
    assert len({message.subject for message in messages}) == len(WORDINGS)
    paragraphs = [message.text.count("\n\n") for message in messages]
    assert len(set(paragraphs)) == 1
    assert render(words, "pt-BR") == render(words, "PT") == render(words, "pt")
    assert render(words, None) == render(words, "ja-JP") == render(words, "en")
    assert render(DefaultAuthEmailCatalogue(default_locale="es"), "ja") == render(words, "es")


def test_a_catalogue_says_which_languages_it_has() -> None:
    """A browser that asks for another language would get a mail in a random one."""
    assert DefaultAuthEmailCatalogue().languages == ("en", "pt", "es")
    assert DefaultAuthEmailCatalogue(default_locale="es").languages == ("es", "en", "pt")
    with pytest.raises(ValueError, match="default_locale is not one of en, pt, es"):
        DefaultAuthEmailCatalogue(default_locale="tlh")


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Ada Lovelace", "Hello Ada Lovelace,"),
        ("J.R. Tolkien", "Hello J.R. Tolkien,"),
        ("  Ana\r\n\r\nMaria\u202e\x00 ", "Hello Ana Maria,"),
        ("{token} {0}", "Hello {token} {0},"),
        ("x" * 60, f"Hello {'x' * 60},"),
        ("x" * 61, "Hello,"),
        ("\u2028 \ud800", "Hello,"),
        ("", "Hello,"),
        (None, "Hello,"),
        ("You won! See evil.example", "Hello,"),
        ("You won! See evil\u3002example", "Hello,"),
        ("https://evil.example", "Hello,"),
        ("write to eve@localhost", "Hello,"),
        ("<b>Ada</b>", "Hello,"),
    ],
)
def test_a_mail_greets_a_person_and_delivers_no_message_of_a_stranger(
    name: str | None, greeting: str
) -> None:
    """Whoever registers a stranger's address would send the stranger any text, in the product's name."""
    words = DefaultAuthEmailCatalogue().for_recipient("acme", "ada@example.com", name)
    assert words.password_changed(locale="en").text.partition("\n\n")[0] == greeting
    assert not name or name not in repr(words)


def test_a_first_mail_welcomes_by_name() -> None:
    """The greeting of a new account would be that of a notice."""
    words = DefaultAuthEmailCatalogue().for_recipient("acme", "ada@example.com", "Ada")
    assert words.email_verification_otp("123456", locale="en").text.startswith("Welcome, Ada!\n\n")
    assert words.email_verification_otp("123456", locale="es").text.startswith(
        "¡Te damos la bienvenida, Ada!"
    )
    assert words.email_verification_otp("123456", locale="pt").text.startswith("Boas-vindas, Ada!")


def test_a_verification_link_carries_the_code() -> None:
    """The reader would have to type what a link could hold."""
    link = "https://app.example/verify?email={email}&code={token}"
    words = DefaultAuthEmailCatalogue(email_verification_link=link)
    mail = words.for_recipient("acme", "ada@example.com", "Ada").email_verification_otp("123456", locale="pt")
    assert "abra este link:\nhttps://app.example/verify?email=ada%40example.com&code=123456" in mail.text


def test_an_unknown_address_of_a_session_is_called_unknown() -> None:
    """The reader of an alert would see a label with nothing after it."""
    session = SessionInfo(device="Chrome on macOS", ip="", session_hash="01234567")
    assert "IP address: unknown" in DefaultAuthEmailCatalogue().new_session_alert(session, locale=None).text


@pytest.mark.parametrize(
    "option", ["password_reset_link", "email_verification_link", "email_change_link", "invitation_link"]
)
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

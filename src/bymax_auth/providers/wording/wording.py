"""What a language has to say: templates whose placeholders are in braces."""

from dataclasses import dataclass

__all__ = ["MailText", "Wording"]


@dataclass(frozen=True, slots=True)
class MailText:
    """One mail: its subject, and the paragraphs after the greeting."""

    subject: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Wording:
    """
    The texts of one language.

    `hello` and `welcome` greet a person whose name is not known, `hello_name` and `welcome_name` ``{name}``.
    `open_link` and `use_token` say how to do what `choose_password`, `verify_address`, `verify_new_address`
    and `accept` name.
    """

    hello: str
    hello_name: str
    welcome: str
    welcome_name: str
    open_link: str
    use_token: str
    enter_code: str
    choose_password: str
    verify_address: str
    verify_new_address: str
    accept: str
    unknown: str
    password_reset: MailText
    password_reset_otp: MailText
    email_verification_otp: MailText
    password_changed: MailText
    email_change_verification: MailText
    email_changed: MailText
    mfa_enabled: MailText
    mfa_disabled: MailText
    new_session_alert: MailText
    invitation: MailText

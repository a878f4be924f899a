"""English."""

from typing import Final

from bymax_auth.providers.wording.wording import MailText, Wording

__all__ = ["ENGLISH"]

_IGNORE = "If you did not ask for this, you can ignore this mail: nothing has changed."
_SECRET = "Do not share it with anyone; we never ask for it."
_ONCE = f"It works once and only for a short while. {_SECRET}"

ENGLISH: Final = Wording(
    hello="Hello,",
    hello_name="Hello {name},",
    welcome="Welcome!",
    welcome_name="Welcome, {name}!",
    open_link="To {purpose}, open this link:\n{link}",
    use_token="To {purpose}, use this token:\n{token}",
    enter_code="To {purpose}, enter this code:\n\n{token}",
    choose_password="choose a new one",
    verify_address="confirm that this address is yours",
    verify_new_address="confirm that it is yours",
    accept="accept",
    unknown="unknown",
    password_reset=MailText(
        "Reset your password", ("somebody asked to reset your password. {action}", _ONCE, _IGNORE)
    ),
    password_reset_otp=MailText(
        "Your password reset code", ("somebody asked to reset your password. {action}", _ONCE, _IGNORE)
    ),
    email_verification_otp=MailText("Confirm your email address", ("{action}", _ONCE, _IGNORE)),
    password_changed=MailText(
        "Your password was changed",
        (
            "the password of your account was changed. If that was you, there is nothing to do.",
            "If it was not you, reset your password now and contact our support.",
        ),
    ),
    email_change_verification=MailText(
        "Confirm your new email address",
        ("somebody asked to use this address for an account. {action}", _ONCE, _IGNORE),
    ),
    email_changed=MailText(
        "Your email address was changed",
        (
            "your account now uses {new} instead of {old}. If that was you, there is nothing to do.",
            "If it was not you, contact our support at once: whoever changed it can sign in as you.",
        ),
    ),
    mfa_enabled=MailText(
        "Two-step verification is on",
        (
            (
                "signing in to your account now takes a code from your authenticator app. Keep your recovery "
                "codes in a safe place."
            ),
            "If it was not you, reset your password now and contact our support.",
        ),
    ),
    mfa_disabled=MailText(
        "Two-step verification is off",
        (
            "signing in to your account no longer takes a code from your authenticator app.",
            "If it was not you, reset your password, turn it on again and contact our support.",
        ),
    ),
    new_session_alert=MailText(
        "New sign-in to your account",
        (
            "there was a new sign-in to your account:",
            "Device: {device}\nIP address: {ip}",
            (
                "If that was you, there is nothing to do. If it was not you, change your password and end "
                "your other sessions."
            ),
        ),
    ),
    invitation=MailText(
        "{inviter} invites you to {tenant}",
        (
            "{inviter} invites you to join {tenant}. {action}",
            f"It works once, until {{until}}. {_SECRET}",
            "If you did not expect this, you can ignore this mail.",
        ),
    ),
)

"""Rules about the mail provider: which mails the enabled features send."""

from collections.abc import Iterator

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.enums import PasswordResetMethod
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigProblem, problem

__all__ = ["email_complete", "email_not_sent", "email_present"]


def email_complete(context: CheckContext) -> Iterator[ConfigProblem]:
    """A mail provider implements every mail that an enabled feature sends."""
    for method, option in _needed_mails(context.config):
        if method in context.collaborators.email_missing_methods:
            message = f"lacks {method}, which {option} needs"
            hint = f"Implement {method} in the provider passed as email=…."
            yield problem("email_provider_incomplete", "email", message, hint, method=method, feature=option)


def email_present(context: CheckContext) -> Iterator[ConfigProblem]:
    """A change of address is not confirmed by a mail that nobody sends."""
    if context.production and context.config.controllers.email_change and context.collaborators.email_is_noop:
        message = "sends nothing, and controllers.email_change depends on a mail"
        hint = "Pass email=… to the engine, or turn BYMAX_AUTH_CONTROLLERS__EMAIL_CHANGE off."
        yield problem("missing_email_provider", "email", message, hint)


def email_not_sent(context: CheckContext) -> Iterator[str]:
    """Verification and recovery work by mail."""
    mailed = context.config.email_verification.required or context.config.controllers.password_reset
    if context.production and mailed and context.collaborators.email_is_noop:
        yield "No email provider is configured: codes and reset links are created and never sent."


def _needed_mails(config: AuthConfig) -> Iterator[tuple[str, str]]:
    """Return each method of `EmailProvider` that is called, with the option that calls it."""
    if config.controllers.password_reset:
        # An address whose codes a stranger guesses at gets a link.
        yield "send_password_reset_token", "controllers.password_reset"
        if config.password_reset.method is PasswordResetMethod.OTP:
            yield "send_password_reset_otp", "controllers.password_reset"
    if config.email_verification.required:
        yield "send_email_verification_otp", "email_verification.required"
    if config.controllers.email_change:
        yield "send_email_change_verification", "controllers.email_change"
    if config.mfa is not None:
        yield "send_mfa_enabled", "mfa"
        yield "send_mfa_disabled", "mfa"
    if config.invitations.enabled:
        yield "send_invitation", "invitations.enabled"

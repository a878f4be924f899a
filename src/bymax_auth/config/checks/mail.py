"""Rules about the mail provider: which mails the enabled features send."""

from collections.abc import Iterator

from bymax_auth.config.checks.inspection import Inspection
from bymax_auth.config.enums import PasswordResetMethod
from bymax_auth.config.model import AuthConfig
from bymax_auth.config.problems import ConfigProblem, problem

__all__ = ["email_complete", "email_present", "email_swallowed"]


def email_complete(at: Inspection) -> Iterator[ConfigProblem]:
    """A mail provider implements every mail that an enabled feature sends."""
    for method, option in _needed_mails(at.config):
        if method in at.collaborators.email_missing_methods:
            message = f"lacks {method}, which {option} needs"
            hint = f"Implement {method} in the provider passed as email=…."
            yield problem("email_provider_incomplete", "email", message, hint, method=method, feature=option)


def email_present(at: Inspection) -> Iterator[ConfigProblem]:
    """A change of address is not confirmed by a mail that nobody sends."""
    if at.production and at.config.controllers.email_change and at.collaborators.email_is_noop:
        message = "sends nothing, and controllers.email_change depends on a mail"
        hint = "Pass email=… to the engine, or turn BYMAX_AUTH_CONTROLLERS__EMAIL_CHANGE off."
        yield problem("missing_email_provider", "email", message, hint)


def email_swallowed(at: Inspection) -> Iterator[str]:
    """Verification and recovery work by mail."""
    mailed = at.config.email_verification.required or at.config.controllers.password_reset
    if at.production and mailed and at.collaborators.email_is_noop:
        yield "No email provider is configured: codes and reset links are created and never sent."


def _needed_mails(config: AuthConfig) -> Iterator[tuple[str, str]]:
    """Return each method of `EmailProvider` that is called, with the option that calls it."""
    if config.controllers.password_reset:
        by_link = config.password_reset.method is PasswordResetMethod.TOKEN
        method = "send_password_reset_token" if by_link else "send_password_reset_otp"
        yield method, "controllers.password_reset"
    if config.email_verification.required:
        yield "send_email_verification_otp", "email_verification.required"
    if config.controllers.email_change:
        yield "send_email_change_verification", "controllers.email_change"
    if config.mfa is not None:
        yield "send_mfa_enabled", "mfa"
        yield "send_mfa_disabled", "mfa"
    if config.invitations.enabled:
        yield "send_invitation", "invitations.enabled"

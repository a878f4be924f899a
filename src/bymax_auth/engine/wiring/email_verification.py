"""Flows that prove an address."""

from bymax_auth.engine.services import Services
from bymax_auth.flows.verify_email import ResendVerification, VerifyEmail

__all__ = ["resend_verification", "verify_email"]


def verify_email(services: Services) -> VerifyEmail:
    """Return the flow that verifies an address."""
    return VerifyEmail(
        users=services.users,
        tenants=services.tenants,
        codes=services.codes,
        verification=services.verification,
        background=services.background,
    )


def resend_verification(services: Services) -> ResendVerification:
    """Return the flow that sends another verification code."""
    return ResendVerification(
        users=services.users,
        tenants=services.tenants,
        codes=services.codes,
        mailer=services.mailer,
        failures=services.failures,
        clock=services.clock,
        code_ttl=services.config.auth.email_verification.otp_ttl,
    )

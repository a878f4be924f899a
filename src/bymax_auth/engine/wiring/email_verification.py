"""Flows that prove an address."""

from bymax_auth.engine.services import Services
from bymax_auth.flows.verify_email import ResendVerification, VerifyEmail
from bymax_auth.services.address_verification import AddressVerification

__all__ = ["address_verification", "resend_verification", "verify_email"]


def address_verification(services: Services) -> AddressVerification:
    """Return the record of verified addresses, shared by every flow that consumes a mailed proof."""
    return AddressVerification(
        users=services.users,
        account_status=services.account_status,
        hooks=services.hooks,
        events=services.events,
    )


def verify_email(services: Services) -> VerifyEmail:
    """Return the flow that verifies an address."""
    return VerifyEmail(
        users=services.users,
        tenants=services.tenants,
        codes=services.codes,
        verification=address_verification(services),
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

"""Flows that replace a password."""

from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.email_verification import address_verification
from bymax_auth.flows.change_password import ChangePassword
from bymax_auth.flows.forgot_password import ResetRules, SendResetProof
from bymax_auth.flows.reset_password import ResetPassword, VerifyResetOtp
from bymax_auth.ports.events import ReauthenticationLocked, ReauthenticationRefused
from bymax_auth.services.access_revocation import AccessRevocation
from bymax_auth.services.lockout import PASSWORD_CHANGE
from bymax_auth.services.reauthentication import Reauthentication
from bymax_auth.services.reset_accounts import ResetAccounts
from bymax_auth.services.reset_codes import ResetCodes

__all__ = [
    "access_revocation",
    "change_password",
    "reset_password",
    "send_reset_proof",
    "verify_reset_otp",
]


def send_reset_proof(services: Services) -> SendResetProof:
    """Return the step that the flows `forgot_password` and `resend_reset_otp` share."""
    chosen = services.config.auth.password_reset
    return SendResetProof(
        users=services.users,
        tenants=services.tenants,
        status_gate=services.status_gate,
        codes=services.codes,
        reset_codes=_reset_codes(services),
        proofs=services.proofs,
        mailer=services.mailer,
        failures=services.failures,
        clock=services.clock,
        rules=ResetRules(
            method=chosen.method,
            token_ttl=chosen.token_ttl,
            otp_ttl=chosen.otp_ttl,
            otp_length=chosen.otp_length,
        ),
    )


def verify_reset_otp(services: Services) -> VerifyResetOtp:
    """Return the flow that exchanges a reset code for a token."""
    return VerifyResetOtp(
        accounts=_reset_accounts(services),
        tenants=services.tenants,
        codes=_reset_codes(services),
        proofs=services.proofs,
        background=services.background,
    )


def reset_password(services: Services) -> ResetPassword:
    """Return the flow that replaces a forgotten password."""
    return ResetPassword(
        users=services.users,
        accounts=_reset_accounts(services),
        tenants=services.tenants,
        identifiers=services.identifiers,
        lockout=services.lockout,
        passwords=services.passwords,
        codes=_reset_codes(services),
        proofs=services.proofs,
        revoke_access=access_revocation(services),
        verification=address_verification(services),
        mailer=services.mailer,
        hooks=services.hooks,
        background=services.background,
        events=services.events,
        method=services.config.auth.password_reset.method,
    )


def change_password(services: Services) -> ChangePassword:
    """Return the flow that changes a known password."""
    return ChangePassword(
        users=services.users,
        identifiers=services.identifiers,
        account_status=services.account_status,
        reauthentication=Reauthentication(
            flow=PASSWORD_CHANGE,
            refused=ReauthenticationRefused,
            locked=ReauthenticationLocked,
            identifiers=services.identifiers,
            lockout=services.lockout,
            passwords=services.passwords,
            events=services.events,
        ),
        passwords=services.passwords,
        revoke_access=access_revocation(services),
        mailer=services.mailer,
        background=services.background,
        events=services.events,
        layout=services.stores.layout,
    )


def access_revocation(services: Services) -> AccessRevocation:
    """Return what ends the sessions of an account, and an enrolment that it has begun."""
    enrols = services.config.auth.mfa is not None
    return AccessRevocation(sessions=services.stores.sessions, mfa=services.stores.mfa if enrols else None)


def _reset_accounts(services: Services) -> ResetAccounts:
    return ResetAccounts(
        users=services.users,
        proofs=services.proofs,
        status_gate=services.status_gate,
        events=services.events,
    )


def _reset_codes(services: Services) -> ResetCodes:
    return ResetCodes(services.codes, services.proofs, services.stores.attempts)

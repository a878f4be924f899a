"""Flows that change an address."""

from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.email_verification import address_verification
from bymax_auth.flows.change_email import ConfirmEmailChange, RequestEmailChange
from bymax_auth.ports.events import EmailChangeReauthenticationLocked, EmailChangeReauthenticationRefused
from bymax_auth.services.email_change_proofs import EmailChangeProofs
from bymax_auth.services.lockout import EMAIL_CHANGE
from bymax_auth.services.reauthentication import Reauthentication

__all__ = ["confirm_email_change", "request_email_change"]


def request_email_change(services: Services) -> RequestEmailChange:
    """Return the flow that mails a link to a new address."""
    return RequestEmailChange(
        users=services.users,
        identifiers=services.identifiers,
        account_status=services.account_status,
        reauthentication=Reauthentication(
            flow=EMAIL_CHANGE,
            refused=EmailChangeReauthenticationRefused,
            locked=EmailChangeReauthenticationLocked,
            identifiers=services.identifiers,
            lockout=services.lockout,
            passwords=services.passwords,
            events=services.events,
        ),
        proofs=_proofs(services),
        mailer=services.mailer,
        background=services.background,
        failures=services.failures,
        events=services.events,
    )


def confirm_email_change(services: Services) -> ConfirmEmailChange:
    """Return the flow that changes to an address that was proven."""
    return ConfirmEmailChange(
        users=services.users,
        account_status=services.account_status,
        proofs=_proofs(services),
        verification=address_verification(services),
        mailer=services.mailer,
        background=services.background,
        events=services.events,
    )


def _proofs(services: Services) -> EmailChangeProofs:
    bindings = services.proofs.bindings
    return EmailChangeProofs(bindings.store, bindings, services.config.auth.email_change.token_ttl)

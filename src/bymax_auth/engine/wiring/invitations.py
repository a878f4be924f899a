"""Flows that send, accept and revoke invitations."""

from typing import Final, cast

from bymax_auth.engine.disabled_flows import DisabledFlow
from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.realm import RealmServices
from bymax_auth.engine.wiring.sign_in import new_accounts
from bymax_auth.errors import StoreUnavailable
from bymax_auth.flows.accept_invitation import AcceptInvitation
from bymax_auth.flows.invite import Invite, RevokeInvitation
from bymax_auth.services.inviters import Inviters

__all__ = ["accept_invitation", "invite", "revoke_invitation"]

_WITHOUT_STORE: Final = DisabledFlow(StoreUnavailable)
"""Replaces each flow in a deployment that keeps no invitations."""


def invite(services: Services) -> Invite:
    """Return the flow that invites an address."""
    store = services.stores.invitations
    if store is None:
        return cast("Invite", _WITHOUT_STORE)
    return Invite(
        inviters=_inviters(services),
        invitations=store,
        identifiers=services.identifiers,
        mailer=services.mailer,
        background=services.background,
        events=services.events,
        clock=services.clock,
        layout=services.stores.layout,
        ttl=services.config.auth.invitations.token_ttl,
    )


def accept_invitation(services: Services, realm: RealmServices) -> AcceptInvitation:
    """Return the flow that creates an account from an invitation."""
    store = services.stores.invitations
    if store is None:
        return cast("AcceptInvitation", _WITHOUT_STORE)
    return AcceptInvitation(
        users=services.users,
        accounts=new_accounts(services, realm),
        inviters=_inviters(services),
        invitations=store,
        identifiers=services.identifiers,
        passwords=services.passwords,
        hooks=services.hooks,
        background=services.background,
        events=services.events,
        clock=services.clock,
        layout=services.stores.layout,
        ttl=services.config.auth.invitations.token_ttl,
    )


def revoke_invitation(services: Services) -> RevokeInvitation:
    """Return the flow that withdraws an invitation."""
    store = services.stores.invitations
    if store is None:
        return cast("RevokeInvitation", _WITHOUT_STORE)
    return RevokeInvitation(
        inviters=_inviters(services),
        invitations=store,
        identifiers=services.identifiers,
        events=services.events,
    )


def _inviters(services: Services) -> Inviters:
    return Inviters(
        users=services.users,
        status_gate=services.status_gate,
        account_status=services.account_status,
        hierarchy=services.config.auth.roles.hierarchy,
    )

"""Flows that send, accept and revoke invitations."""

from datetime import timedelta

from bymax_auth.engine.services import Services
from bymax_auth.engine.wiring.realm import RealmServices
from bymax_auth.engine.wiring.sign_in import new_accounts
from bymax_auth.errors import StoreUnavailable
from bymax_auth.flows.accept_invitation import AcceptInvitation
from bymax_auth.flows.invite import Invite, RevokeInvitation
from bymax_auth.ports.invitations import InvitationStore, InviteeId, PendingInvitation, StoredInvitation
from bymax_auth.services.inviters import Inviters
from bymax_auth.types.identity import TokenRef

__all__ = ["accept_invitation", "invite", "revoke_invitation"]


def invite(services: Services) -> Invite:
    """Return the flow that invites an address."""
    return Invite(
        inviters=_inviters(services),
        invitations=_store(services),
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
    return AcceptInvitation(
        users=services.users,
        accounts=new_accounts(services, realm),
        inviters=_inviters(services),
        invitations=_store(services),
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
    return RevokeInvitation(
        inviters=_inviters(services),
        invitations=_store(services),
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


def _store(services: Services) -> InvitationStore:
    return services.stores.invitations or _NoInvitationStore()


class _NoInvitationStore(InvitationStore):
    """Replaces the store where invitations are off: none can be stored or read."""

    async def read_pending(self, invitee: InviteeId) -> PendingInvitation | None:
        raise StoreUnavailable

    async def put(
        self,
        invitee: InviteeId,
        token: TokenRef,
        invitation: StoredInvitation,
        ttl: timedelta,
        *,
        seen: str | None,
    ) -> bool:
        raise StoreUnavailable

    async def take(self, token: TokenRef) -> StoredInvitation | None:
        raise StoreUnavailable

    async def revoke(self, invitee: InviteeId, seen: str) -> bool:
        raise StoreUnavailable

"""
Invite, and revoke an invitation: what a signed-in account does about the people it wants in its tenant.

    invite     role declared, caller there and not blocked, role included in the caller's? ─no─▶ refuse
                 │ yes
        ┌─────▶ pending invitation of the address to a role beyond the caller's? ─yes─▶ refuse
        │        │ no
        └─stale─ replace the pending one, which ends its link ──▶ mail

    revoke     caller there and not blocked? ─no─▶ refuse
                 │ yes
               pending invitation, to a role included in the caller's? ─no─▶ nothing is done
                 │ yes
               delete it, if it is still the pending one

Rule 1: whether the address has an account is not looked at: the answer would say so.
Rule 2: a revocation says nothing about what was pending, so that roles of others cannot be probed.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bymax_auth.errors import InsufficientRole
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import (
    EventSink,
    InvitationCreated,
    InvitationRevoked,
    InvitationRevokeOutranked,
)
from bymax_auth.ports.invitations import InvitationStore, StoredInvitation
from bymax_auth.services.addresses import canonical_email, require_text
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.inviters import Inviters
from bymax_auth.services.mail import Mailer
from bymax_auth.services.opaque_tokens import mint_opaque_token
from bymax_auth.types.account import AuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import KeyLayout
from bymax_auth.types.invitation import InviteData

__all__ = ["Invite", "RevokeInvitation"]

_TRIES: Final = 3
_ROLE_MAXIMUM: Final = 64
_TENANT_NAME_MAXIMUM: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """The invitation of an address into the caller's tenant."""

    inviters: Inviters
    invitations: InvitationStore
    identifiers: Identifiers
    mailer: Mailer
    background: BackgroundTasks
    events: EventSink
    clock: Clock
    layout: KeyLayout
    ttl: timedelta

    async def __call__(
        self,
        inviter_user_id: str,
        *,
        tenant_id: str,
        email: str,
        role: str,
        tenant_name: str | None = None,
        context: RequestContext | None = None,
    ) -> None:
        """
        Mail an invitation, which replaces a pending one of the same address.

        The mail names the tenant `tenant_name`, or by its id, and is in the language of `context`.

        Raises:
            InsufficientRole: The role is not declared or not included in the inviter's, or that of the
                pending invitation is not, or others invite the same address at this moment.
            TokenInvalid: The inviter is gone, or in another tenant.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The inviter is blocked.
            ValidationFailed: The input breaks a rule of form.
            StoreUnavailable: A store did not answer, or is full.
            RepositoryBackendError: The repository failed.
        """
        address = canonical_email(email)
        require_text(role, "role", 1, _ROLE_MAXIMUM)
        if tenant_name is not None:
            require_text(tenant_name, "tenantName", 1, _TENANT_NAME_MAXIMUM)
        if not self.inviters.declares(role):
            raise InsufficientRole
        inviter = await self.inviters.caller(inviter_user_id, tenant_id)
        if not self.inviters.may_give(inviter, role):
            raise InsufficientRole
        invitation = StoredInvitation(
            email=address,
            role=role,
            tenant_id=tenant_id,
            inviter_user_id=inviter.id,
            created_at=self.clock.now(),
        )
        wanted = _Wanted(invitation, tenant_name or tenant_id, context or RequestContext())
        await self.background.shielded(self._store_and_send(inviter, wanted))

    async def _store_and_send(self, inviter: AuthUser, wanted: "_Wanted") -> None:
        invitation = wanted.invitation
        token = await self._store(inviter, invitation)
        self.events.emit(InvitationCreated(user_id=inviter.id, tenant_id=inviter.tenant_id))
        invite = InviteData(
            inviter_name=inviter.name,
            tenant_name=wanted.tenant_name,
            invite_token=token,
            expires_at=invitation.created_at + self.ttl,
        )
        self.mailer.invitation(inviter, invitation.email, invite, wanted.context)

    async def _store(self, inviter: AuthUser, invitation: StoredInvitation) -> str:
        """Return the token of the invitation, once it is the only one of its address."""
        invitee = self.identifiers.invitee(invitation.tenant_id, invitation.email)
        token, ref = mint_opaque_token(self.layout, invitee.route)
        for _ in range(_TRIES):
            pending = await self.invitations.read_pending(invitee)
            if pending is not None and pending.invitation is not None:
                self._require_may_replace(inviter, pending.invitation)
            seen = None if pending is None else pending.token_hash
            if await self.invitations.put(invitee, ref, invitation, self.ttl, seen=seen):
                return token
        raise InsufficientRole

    def _require_may_replace(self, inviter: AuthUser, pending: StoredInvitation) -> None:
        if not self.inviters.may_give(inviter, pending.role):
            raise InsufficientRole


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeInvitation:
    """The withdrawal of an address's pending invitation."""

    inviters: Inviters
    invitations: InvitationStore
    identifiers: Identifiers
    events: EventSink

    async def __call__(self, revoker_user_id: str, *, tenant_id: str, email: str) -> bool:
        """
        End the link of the pending invitation; say whether there was one that the caller may end.

        A route must answer the same either way.

        Raises:
            TokenInvalid: The caller is gone, or in another tenant.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The caller is blocked.
            ValidationFailed: The input breaks a rule of form.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        address = canonical_email(email)
        revoker = await self.inviters.caller(revoker_user_id, tenant_id)
        invitee = self.identifiers.invitee(tenant_id, address)
        pending = await self.invitations.read_pending(invitee)
        if pending is None:
            return False
        if pending.invitation is not None and not self.inviters.may_give(revoker, pending.invitation.role):
            self.events.emit(InvitationRevokeOutranked(user_id=revoker.id, tenant_id=tenant_id))
            return False
        revoked = await self.invitations.revoke(invitee, pending.token_hash)
        if revoked:
            self.events.emit(InvitationRevoked(user_id=revoker.id, tenant_id=tenant_id))
        return revoked


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An invitation to be stored, and what its mail needs beside it."""

    invitation: StoredInvitation
    tenant_name: str
    context: RequestContext

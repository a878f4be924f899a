"""
Accept an invitation: create the account that somebody was invited to have.

    password acceptable, hashing slot free? ─no─▶ refuse, nothing is consumed
      │ yes
    take the invitation ─none─▶ refuse
      │
    role declared, inviter still there, not blocked, role included in the inviter's? ─no─▶ refuse
      │ yes
    address in use? ─yes─▶ refuse
      │ no
    hash ──▶ create, verified, with the invited role ──▶ session if it may sign in ──▶ call the hook

Rule 1: only the one who takes the invitation goes on, and a refusal about the invitation ends it.
Rule 2: anything else that ends the acceptance, such as a failure of a dependency or a name that the
repository cannot hold, is no refusal of the invitation: it is put back with the lifetime that is left,
unless the address has been invited again meanwhile.
"""

import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from pydantic import BaseModel

from bymax_auth.errors import (
    EmailAlreadyExists,
    InternalError,
    InvalidInvitationToken,
)
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import (
    EventSink,
    InvitationAccepted,
    InvitationRecordRejected,
    InviterUnauthorised,
)
from bymax_auth.ports.invitations import InvitationStore, InviteeId, StoredInvitation
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.addresses import require_display_name, require_text
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.client_networks import queue_share
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.inviters import Inviters
from bymax_auth.services.new_accounts import NewAccounts
from bymax_auth.services.opaque_tokens import opaque_token_ref
from bymax_auth.services.password_text import require_password
from bymax_auth.services.passwords import Passwords
from bymax_auth.types.account import AuthUser, CreateUserData, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import KeyLayout, TokenRef
from bymax_auth.types.inputs import AcceptInvitationInput
from bymax_auth.types.results import RegistrationResult

__all__ = ["AcceptInvitation"]

_TOKEN_LENGTH: Final = 64
_NAME_MAXIMUM: Final = 100
_LEAST_LEFT: Final = timedelta(seconds=1)
_SENT: Final = frozenset({"name", "profile"})
"""The fields of an account that an invitee sends, and can send otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    """The creation of an account from an invitation."""

    users: TenantScopedUsers
    accounts: NewAccounts
    inviters: Inviters
    invitations: InvitationStore
    identifiers: Identifiers
    passwords: Passwords
    hooks: HookRunner
    background: BackgroundTasks
    events: EventSink
    clock: Clock
    layout: KeyLayout
    ttl: timedelta

    async def __call__(self, given: AcceptInvitationInput, context: RequestContext) -> RegistrationResult:
        """
        Return the new account, with its first session if it may sign in.

        Raises:
            InvalidInvitationToken: It is unknown, used or expired, or its inviter may not invite any more.
            EmailAlreadyExists: The tenant has an account with the invited address.
            PasswordCompromised: The password is a known one.  The invitation stays usable.
            ValidationFailed: The input breaks a rule of form.  The invitation stays usable.
            Overloaded: Password hashing is at its bound.  The invitation stays usable.
            StoreUnavailable: A store did not answer.  The account may exist.
            RepositoryBackendError: The repository failed.
        """
        require_text(given.token, "token", _TOKEN_LENGTH, _TOKEN_LENGTH)
        require_display_name(given.name, _NAME_MAXIMUM)
        require_password(given.password, "password", 8)
        profile = self.accounts.profile_of(given.profile)
        ref = opaque_token_ref(given.token, self.layout)
        await self.passwords.assert_acceptable(given.password, "password")
        if ref is None:
            raise InvalidInvitationToken
        acceptance = _Acceptance(
            ref=ref, name=given.name, password=given.password, profile=profile, context=context
        )
        return await self.background.shielded(self._accept(acceptance))

    async def _accept(self, acceptance: "_Acceptance") -> RegistrationResult:
        context = acceptance.context
        async with self.passwords.admission(queue_share(context.ip)) as slot:
            invitation = await self.invitations.take(acceptance.ref)
            if invitation is None:
                raise InvalidInvitationToken
            try:
                await self._require_usable(acceptance.ref, invitation)
                user = await self._create(invitation, acceptance, await slot.hash(acceptance.password))
            except (EmailAlreadyExists, InvalidInvitationToken):
                raise
            except BaseException:  # there may be no memory to hash in, and closing the engine cancels this
                await self._put_back(acceptance.ref, invitation)
                raise
        result = await self.accounts.open_session(user, context)
        self.events.emit(InvitationAccepted(user_id=user.id, tenant_id=user.tenant_id))
        about = hook_context(context, user_id=user.id, email=invitation.email, tenant_id=user.tenant_id)
        self.hooks.notify(
            "after_invitation_accepted",
            partial(self.hooks.hooks.after_invitation_accepted, SafeAuthUser.from_user(user), about),
        )
        return result

    async def _require_usable(self, ref: TokenRef, invitation: StoredInvitation) -> None:
        # The record is gone; this removes the index entry, but not that of a newer invitation.
        await self.invitations.revoke(self._invitee(invitation), ref.hash)
        tenant_id, inviter_id = invitation.tenant_id, invitation.inviter_user_id
        if not self.inviters.declares(invitation.role):
            self.events.emit(InvitationRecordRejected(tenant_id=tenant_id, role=invitation.role))
            raise InvalidInvitationToken
        if not await self.inviters.may_still_give(inviter_id, invitation.role, tenant_id=tenant_id):
            self.events.emit(InviterUnauthorised(user_id=inviter_id, tenant_id=tenant_id))
            raise InvalidInvitationToken
        if await self.users.is_taken(invitation.email, tenant_id=tenant_id):
            raise EmailAlreadyExists

    async def _create(
        self, invitation: StoredInvitation, acceptance: "_Acceptance", password_hash: str
    ) -> AuthUser:
        wanted = CreateUserData(
            email=invitation.email,
            name=acceptance.name,
            password_hash=password_hash,
            tenant_id=invitation.tenant_id,
            role=invitation.role,
            email_verified=True,
            profile=acceptance.profile,
        )
        return await self.accounts.create(wanted, sent=_SENT)

    async def _put_back(self, ref: TokenRef, invitation: StoredInvitation) -> None:
        """Store the invitation again, unless the address was invited anew, or too little time is left."""
        left = min(self.ttl, invitation.created_at + self.ttl - self.clock.now())
        if left < _LEAST_LEFT:
            return
        invitee = self._invitee(invitation)
        with contextlib.suppress(InternalError):  # the caller gets the failure that came first
            for seen in (None, ref.hash):  # the index entry stays when it could not be removed
                if await self.invitations.put(invitee, ref, invitation, left, seen=seen):
                    return

    def _invitee(self, invitation: StoredInvitation) -> InviteeId:
        return self.identifiers.invitee(invitation.tenant_id, invitation.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Acceptance:
    """What an invitee sends, with the token in the form of a key."""

    ref: TokenRef
    name: str
    password: str = field(repr=False)
    profile: BaseModel | None = field(repr=False)
    context: RequestContext

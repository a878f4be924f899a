"""
The account of a person whom a provider has identified, as the host's hook decides.

    Link     has the account this identity? ─no─▶ refuse
    Create   has an account this identity? ─yes─▶ refuse
               │ no
             has an account this address? ─no─▶ create one ─conflict─▶ refuse
               │ yes
             to be reclaimed, unverified, no second factor, address asserted by the provider? ─no─▶ refuse
               │ yes
             blocked? ─yes─▶ refuse with the status
               │ no
             end an enrolment ──▶ remove password and identities, if it is still so ─no─▶ refuse
               │ yes
             end proofs, sessions, an enrolment ──▶ write the identity, if it is still so ─no─▶ refuse

Rule 1: an account that was found by its address alone is never linked.  One that the host reclaims has no
credential and no session left when the identity is written.
Rule 2: the identity is written last, so that a failure at any step leaves an account that is not the owner's
yet; the next sign-in begins again.  Sessions end after the credentials, so a sign-in of the stranger that is
in progress meets the missing credential or the raised epoch.
Rule 3: whoever is refused before the credentials are removed has ended no session and no proof.
"""

from dataclasses import dataclass, replace
from functools import partial

from bymax_auth.errors import (
    OAuthEmailMismatch,
    OAuthFailed,
    RepositoryConflict,
    RepositoryValueRefused,
    ValidationFailed,
)
from bymax_auth.ports.events import (
    EventSink,
    HookFailed,
    OAuthAccountReclaimed,
    OAuthProviderFailed,
    RegisterSucceeded,
)
from bymax_auth.ports.hooks import Create, Link
from bymax_auth.ports.oauth import ProviderFailure
from bymax_auth.services.access_revocation import AccessRevocation
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.address_verification import AddressVerification
from bymax_auth.services.failures import class_name
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.new_accounts import NewAccounts
from bymax_auth.services.oauth_profiles import display_name_of
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.services.waiting import together
from bymax_auth.types.account import AuthUser, CreateWithOAuthData, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.oauth import OAuthProfile

__all__ = ["AccountMade", "KnownAccount", "OAuthAccounts", "OAuthPerson"]

_OF_PROVIDER = frozenset({"email", "name", "oauthProvider", "oauthProviderId"})
"""The fields of an account that a provider says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthPerson:
    """A person whom a provider has identified for a tenant, and the account that has this identity."""

    profile: OAuthProfile
    tenant_id: str
    existing: AuthUser | None
    context: RequestContext


@dataclass(frozen=True, slots=True)
class AccountMade:
    """A new account."""

    user: AuthUser

    @property
    def user_id(self) -> str:
        """Its id."""
        return self.user.id


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account that existed before."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthAccounts:
    """Creates, links and reclaims accounts."""

    users: TenantScopedUsers
    new_accounts: NewAccounts
    status_gate: StatusGate
    proofs: ProofBindings
    revoke_access: AccessRevocation
    verification: AddressVerification
    identifiers: Identifiers
    hooks: HookRunner
    events: EventSink

    async def of(self, person: OAuthPerson, decision: Create | Link) -> AccountMade | KnownAccount:
        """
        Return the account that the person signs in to.

        Raises:
            OAuthEmailMismatch: An account has the address, and it is not the person's.
            OAuthFailed: There is no account to link, or the repository cannot hold what the provider says,
                or the hook gave no profile that the engine's model accepts.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account that the person
                would reclaim is blocked.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        if isinstance(decision, Link):
            # The account was found by this identity.  Writing it again would undo what has replaced it since.
            if person.existing is None:
                raise OAuthFailed
            return KnownAccount(person.existing.id)
        if person.existing is not None:
            raise OAuthEmailMismatch
        try:
            return await self._create(person, decision)
        except RepositoryConflict:
            raise OAuthEmailMismatch from None
        except RepositoryValueRefused as refused:
            if refused.field not in _OF_PROVIDER:
                raise
            self.events.emit(
                OAuthProviderFailed(provider=person.profile.provider, kind=ProviderFailure.DECODE.value)
            )
            raise OAuthFailed from None
        except ValidationFailed as refused:
            self.events.emit(HookFailed(origin="on_oauth_login", exception=class_name(refused)))
            raise OAuthFailed from None

    async def _create(self, person: OAuthPerson, decision: Create) -> AccountMade | KnownAccount:
        profile = person.profile
        data = CreateWithOAuthData(
            email=profile.email,
            name=display_name_of(profile),
            tenant_id=person.tenant_id,
            oauth_provider=profile.provider,
            oauth_provider_id=profile.provider_id,
            role=decision.role,
            status=decision.status,
            email_verified=profile.email_verified,
            profile=self.new_accounts.profile_of(decision.profile),
        )
        taken = await self.users.find_by_email(profile.email, tenant_id=person.tenant_id)
        if taken is not None:
            return await self._reclaim(taken, data, decision, person.context)
        user = await self.users.create_with_oauth(data)
        self.events.emit(RegisterSucceeded(user_id=user.id, tenant_id=user.tenant_id))
        return AccountMade(user)

    async def _reclaim(
        self, taken: AuthUser, data: CreateWithOAuthData, decision: Create, context: RequestContext
    ) -> KnownAccount:
        if not (decision.reclaim and data.email_verified) or taken.email_verified or taken.mfa_enabled:
            raise OAuthEmailMismatch
        self.status_gate.check(taken.status)
        subject = self.identifiers.subject(Realm.DASHBOARD, taken.id, taken.tenant_id)
        await self.revoke_access.before_write(subject)
        if not await self.users.remove_credentials(taken.id, data.email, tenant_id=taken.tenant_id):
            raise OAuthEmailMismatch
        await together(self.proofs.end_all_of(taken), self.revoke_access(subject))
        if not await self.users.reclaim_with_oauth(taken.id, data):
            raise OAuthEmailMismatch
        await self._announce(_reclaimed(taken, data), context)
        return KnownAccount(taken.id)

    async def _announce(self, user: AuthUser, context: RequestContext) -> None:
        self.events.emit(OAuthAccountReclaimed(user_id=user.id, tenant_id=user.tenant_id))
        about = hook_context(context, user_id=user.id, email=user.email, tenant_id=user.tenant_id)
        # Before anything that can fail: the host removes here what acts in the stranger's name.
        self.hooks.notify(
            "after_account_reclaimed",
            partial(self.hooks.hooks.after_account_reclaimed, SafeAuthUser.from_user(user), about),
        )
        await self.verification.announce(user, context)


def _reclaimed(taken: AuthUser, data: CreateWithOAuthData) -> AuthUser:
    """Return the account as it was written, but for the profile, which hooks are not told."""
    return replace(
        taken,
        name=data.name,
        password_hash=None,
        email_verified=True,
        oauth_provider=data.oauth_provider,
        oauth_provider_id=data.oauth_provider_id,
    )

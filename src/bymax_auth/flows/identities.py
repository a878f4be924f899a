"""
Identities of providers, as their owner sees them: listed, linked and unlinked.

    link     provider known? account there, verified, not blocked? ─no─▶ refuse
               │ yes
             login of the refresh token? ─none─▶ refuse
               │
             password, or a recent sign-in where there is none ─wrong─▶ count a failure, refuse
               │ right
             state of the link, kept for ten minutes ──▶ the provider's address; the return is `FinishOAuth`'s
    unlink   account there, not blocked? ─no─▶ refuse
               │ yes
             password, or a recent sign-in where there is none ─wrong─▶ count a failure, refuse
               │ right
             another way in? ─no─▶ refuse
               │ yes
             remove, in one step with that check ──▶ event, hook ──▶ end every other login

Rule 1: which session an identity has opened is not recorded, so unlinking ends every login but the caller's.
It does so also where the identity is gone already: a call that was interrupted is completed by repeating it.
"""

from dataclasses import dataclass
from functools import partial

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.pkce import challenge_of, nonce_of
from bymax_auth.errors import EmailNotVerified, Forbidden, SessionNotFound, TokenInvalid
from bymax_auth.ports.accounts import UnlinkOutcome
from bymax_auth.ports.events import EventSink, IdentityUnlinked
from bymax_auth.ports.one_time import OAuthLinkState
from bymax_auth.services.access_revocation import AccessRevocation
from bymax_auth.services.account_status import AccountStatus
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.identity_links import identity_info
from bymax_auth.services.login_bindings import LoginBindings
from bymax_auth.services.oauth_providers import OAuthProviders
from bymax_auth.services.oauth_states import OAuthStates
from bymax_auth.services.opaque_tokens import opaque_token_ref
from bymax_auth.services.password_text import require_password
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.services.reauthentication import RecentAuthentication
from bymax_auth.types.account import AuthUser, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import KeyLayout, Realm, Subject, TokenRef
from bymax_auth.types.oauth import AuthorizationRequest
from bymax_auth.types.results import IdentityInfo, OAuthRedirect

__all__ = ["LinkIdentity", "ListIdentities", "UnlinkIdentity"]


@dataclass(frozen=True, slots=True)
class ListIdentities:
    """The list of a user's identities."""

    users: TenantScopedUsers
    identifiers: Identifiers

    async def __call__(self, user_id: str, *, tenant_id: str) -> tuple[IdentityInfo, ...]:
        """
        Return the identities with which a user can sign in, in the order in which they were linked.

        Raises:
            ValidationFailed: There is no tenant.
            RepositoryBackendError: The repository failed.
        """
        subject = self.identifiers.subject(Realm.DASHBOARD, user_id, tenant_id)
        held = await self.users.list_identities(user_id, tenant_id=tenant_id)
        return tuple(identity_info(self.identifiers, subject, one) for one in held)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIdentity:
    """The departure of a signed-in user to a provider, to add an identity."""

    providers: OAuthProviders
    states: OAuthStates
    users: TenantScopedUsers
    identifiers: Identifiers
    account_status: AccountStatus
    recent: RecentAuthentication
    logins: LoginBindings
    proofs: ProofBindings

    async def __call__(
        self,
        user_id: str,
        provider: str,
        *,
        tenant_id: str,
        current_refresh: str | None,
        password: str | None = None,
    ) -> OAuthRedirect:
        """
        Return the address to which the browser is sent, and the state that its cookie must keep.

        Args:
            user_id: The signed-in user.
            provider: The name of the provider.
            tenant_id: The user's tenant.
            current_refresh: The refresh token of the user's session, which must go on until the return.
            password: The user's password; ``None`` for a user who has none.

        Raises:
            OAuthFailed: There is no such provider, or it failed.
            TokenInvalid: The account is gone.
            EmailNotVerified: Its address is not verified.
            SessionNotFound: The refresh token is not one of a live session of the account.
            InvalidCredentials: The password is missing or wrong.
            ReauthenticationRequired: The account has no password, and its sign-in is not recent.
            AccountLocked: Too many wrong passwords; `retry_after` says for how long.
            TooManyRequests: Too many passwords of this account are in flight.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            ValidationFailed: The input breaks a rule of form.
            Overloaded: Password hashing is at its bound.
            StoreUnavailable: A store did not answer, or is full.
            RepositoryBackendError: The repository failed.
        """
        if password is not None:
            require_password(password, "password", 1)
        found = self.providers.named(provider)
        subject = self.identifiers.subject(Realm.DASHBOARD, user_id, tenant_id)
        user = await self._verified(user_id, tenant_id)
        if (binding := await self.logins.of(subject, current_refresh)) is None:
            raise SessionNotFound
        await self.recent.prove(subject, user, password)
        issued = self.states.new()
        request = AuthorizationRequest(
            state=issued.state,
            code_challenge=challenge_of(issued.code_verifier),
            nonce=nonce_of(issued.code_verifier),
        )
        url = await self.providers.authorize_url(found, request)
        link = OAuthLinkState(
            provider=found.name,
            tenant_id=tenant_id,
            code_verifier=issued.code_verifier,
            user_id=user_id,
            login=binding.login,
            epoch=binding.epoch,
            password_fingerprint=self.proofs.fingerprint(user),
        )
        await self.states.keep_link(issued, link)
        return OAuthRedirect(authorize_url=url, state=issued.state)

    async def _verified(self, user_id: str, tenant_id: str) -> AuthUser:
        user = await _account(self.users, self.account_status, user_id, tenant_id)
        if not user.email_verified:
            raise EmailNotVerified
        return user


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkIdentity:
    """The removal of an identity by its owner."""

    providers: OAuthProviders
    users: TenantScopedUsers
    identifiers: Identifiers
    account_status: AccountStatus
    recent: RecentAuthentication
    revoke_access: AccessRevocation
    hooks: HookRunner
    background: BackgroundTasks
    events: EventSink
    layout: KeyLayout

    async def __call__(
        self,
        user_id: str,
        identity_id: str,
        *,
        tenant_id: str,
        current_refresh: str | None = None,
        password: str | None = None,
        context: RequestContext | None = None,
    ) -> None:
        """
        Remove an identity, and end every session but the live one of `current_refresh`.

        One that the user does not have counts as removed.

        Args:
            user_id: The signed-in user.
            identity_id: The `id` that the list shows.
            tenant_id: The user's tenant.
            current_refresh: The refresh token of the session to keep; ``None`` to end all.
            password: The user's password; ``None`` for a user who has none.
            context: The request.

        Raises:
            Forbidden: The user has no password, and no other identity of a configured provider.
            TokenInvalid: The account is gone.
            InvalidCredentials: The password is missing or wrong.
            ReauthenticationRequired: The account has no password, and its sign-in is not recent.
            AccountLocked: Too many wrong passwords; `retry_after` says for how long.
            TooManyRequests: Too many passwords of this account are in flight.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: It is blocked.
            ValidationFailed: The input breaks a rule of form.
            Overloaded: Password hashing is at its bound.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        if password is not None:
            require_password(password, "password", 1)
        subject = self.identifiers.subject(Realm.DASHBOARD, user_id, tenant_id)
        user = await _account(self.users, self.account_status, user_id, tenant_id)
        await self.recent.prove(subject, user, password)
        kept = opaque_token_ref(current_refresh or "", self.layout)
        removal = self._remove(user, identity_id, kept, context or RequestContext())
        await self.background.shielded(removal)

    async def _remove(
        self, user: AuthUser, identity_id: str, kept: TokenRef | None, context: RequestContext
    ) -> None:
        subject = self.identifiers.subject(Realm.DASHBOARD, user.id, user.tenant_id)
        removed = await self._unlink(user, subject, identity_id)
        if removed is not None:
            self._announce(user, removed, context)
        await self.revoke_access(subject, kept=kept)

    def _announce(self, user: AuthUser, removed: IdentityInfo, context: RequestContext) -> None:
        # Before anything that can fail: a call that completes this one finds nothing to tell of.
        event = IdentityUnlinked(user_id=user.id, tenant_id=user.tenant_id, provider=removed.provider)
        self.events.emit(event)
        about = hook_context(context, user_id=user.id, email=user.email, tenant_id=user.tenant_id)
        safe = SafeAuthUser.from_user(user)
        hook = partial(self.hooks.hooks.after_identity_unlinked, safe, removed, about)
        self.hooks.notify("after_identity_unlinked", hook)

    async def _unlink(self, user: AuthUser, subject: Subject, identity_id: str) -> IdentityInfo | None:
        """Return the identity that was removed by this call."""
        held = await self.users.list_identities(user.id, tenant_id=user.tenant_id)
        shown = [identity_info(self.identifiers, subject, one) for one in held]
        found = [one for one in shown if ct_eq_text(one.id, identity_id)]
        if not found:
            return None
        outcome = await self.users.unlink_oauth(
            user.id,
            found[0].provider,
            found[0].provider_id,
            tenant_id=user.tenant_id,
            usable=self.providers.by_name.keys(),
        )
        if outcome is UnlinkOutcome.LAST:
            raise Forbidden
        return found[0] if outcome is UnlinkOutcome.UNLINKED else None


async def _account(
    users: TenantScopedUsers, account_status: AccountStatus, user_id: str, tenant_id: str
) -> AuthUser:
    user = await users.find_by_id(user_id, tenant_id=tenant_id)
    if user is None:
        raise TokenInvalid
    await account_status.assert_allowed(user)
    return user

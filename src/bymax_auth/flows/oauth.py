"""
Sign in with a provider, and come back from one.

    start    provider known? ─no─▶ refuse
               │ yes
             tenant ──▶ state and verifier, kept for ten minutes ──▶ the provider's address
    form     provider posts? ─no─▶ refuse
               │ yes
             keep what it says about the person, under the state
    finish   provider known, code present? ─no─▶ refuse
               │ yes
             state well formed, and that of this browser? ─no─▶ refuse, nothing is consumed
               │ yes
             consume the state ──▶ of this provider? ─no─▶ refuse
               │ yes
             exchange the code ──▶ profile ──▶ of a link? ─yes─▶ add the identity to its account
               │ no
             account with this identity, or none
               ▼
             on_oauth_login ─rejects, raises─▶ refuse
               │ Create, Link
             account ──▶ blocked? unverified? ─yes─▶ refuse with the reason
               │ no
             second factor? ─yes─▶ no session, but a token to prove it with
               │ no
             session, unless the epoch has been raised

Rule 1: the tenant is the one that the sign-in began in, never one that the return names.
Rule 2: for an account that existed, the epoch is read before the account is read again by its identity.  A
sign-in that goes on while somebody unlinks the identity and then ends the sessions meets one of the two.
A new account has the first epoch; one whose epoch has been raised already is treated as one that existed.
"""

from dataclasses import dataclass, field
from typing import cast

from bymax_auth.crypto.pkce import challenge_of, nonce_of
from bymax_auth.errors import EmailNotVerified, OAuthFailed
from bymax_auth.ports.oauth import OAuthProvider
from bymax_auth.ports.one_time import OAuthLinkState
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import Stale
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.identity_links import IdentityLinks
from bymax_auth.services.oauth_accounts import AccountMade, OAuthAccounts, OAuthPerson
from bymax_auth.services.oauth_providers import OAuthProviders
from bymax_auth.services.oauth_states import OAuthStates
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.services.sign_ins import SignIns
from bymax_auth.services.tenants import TenantResolution
from bymax_auth.types.account import AuthUser, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.oauth import AuthorizationRequest, CallbackParameters, OAuthProfile
from bymax_auth.types.results import AuthResult, IdentityInfo, MfaChallengeResult, OAuthRedirect

__all__ = ["AcceptOAuthForm", "FinishOAuth", "OAuthOutcome", "StartOAuth"]

OAuthOutcome = AuthResult | MfaChallengeResult | IdentityInfo
"""What a return from a provider leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOAuth:
    """The departure to a provider."""

    providers: OAuthProviders
    tenants: TenantResolution
    states: OAuthStates

    async def __call__(self, provider: str, tenant_id: str | None, context: RequestContext) -> OAuthRedirect:
        """
        Return the address to which the browser is sent, and the state that its cookie must keep.

        Raises:
            OAuthFailed: There is no such provider, or it failed.
            Forbidden: The tenant resolver refused.
            ValidationFailed: No tenant is named, or it is none.
            StoreUnavailable: A store did not answer, or is full.
        """
        found = self.providers.named(provider)
        tenant = await self.tenants.resolve(tenant_id, context)
        issued = self.states.new()
        request = AuthorizationRequest(
            state=issued.state,
            code_challenge=challenge_of(issued.code_verifier),
            nonce=nonce_of(issued.code_verifier),
        )
        url = await self.providers.authorize_url(found, request)
        await self.states.keep(issued, found.name, tenant)
        return OAuthRedirect(authorize_url=url, state=issued.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOAuthForm:
    """The form that a provider posts instead of a redirect: what it says once is kept for `FinishOAuth`."""

    providers: OAuthProviders
    states: OAuthStates

    async def __call__(self, provider: str, *, state: str, user: str | None) -> None:
        """
        Keep `user` under the state, if it is one of this provider.

        Nothing is decided by it: the browser that posts sends no cookie, so it may be anybody's.

        Raises:
            OAuthFailed: There is no such provider, or it does not post.
            StoreUnavailable: A store did not answer, or is full.
        """
        found = self.providers.named(provider)
        if not found.uses_form_post:
            raise OAuthFailed
        if user is not None:
            await self.states.keep_user(state, found.name, user)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishOAuth:
    """The return from a provider."""

    providers: OAuthProviders
    states: OAuthStates
    users: TenantScopedUsers
    accounts: OAuthAccounts
    links: IdentityLinks
    sign_ins: SignIns
    policy: RealmPolicy
    status_gate: StatusGate
    revocation: RevocationStore
    identifiers: Identifiers
    hooks: HookRunner
    background: BackgroundTasks

    async def __call__(  # noqa: PLR0913 - a browser brings all of it
        self,
        provider: str,
        *,
        code: str | None,
        state: str,
        state_cookie: str | None,
        context: RequestContext,
        issuer: str | None = None,
        error: str | None = None,
        access_token: str | None = None,
    ) -> OAuthOutcome:
        """
        Return a new session, or the challenge of a second factor; after a link, the identity.

        Args:
            provider: The name of the provider.
            code: The code that the provider has issued; ``None`` without one.
            state: The state that the browser brought.
            state_cookie: The state that its cookie kept.
            context: The request.
            issuer: The ``iss`` that the browser brought.
            error: The provider's reason for sending no code, for the log.
            access_token: The access token that the browser brought, with which a link must agree.

        Raises:
            OAuthFailed: The provider or the hook refused, the state is not one of this browser and provider,
                the account changed meanwhile, or the login that has asked for a link has ended.
            OAuthEmailMismatch: An account has the address, and it is not this identity's; another account has
                the identity that was to be linked.
            EmailNotVerified: The account's address is not verified.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
            MfaNotConfigured: The account has a second factor, and mfa is not configured.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        found = self.providers.named(provider)
        if code is None or error is not None:
            self.providers.note_refusal(found.name, error)
            raise OAuthFailed
        arrival = _Arrival(
            provider=found,
            code=code,
            state=state,
            cookie=state_cookie,
            issuer=issuer,
            access_token=access_token,
            context=context,
        )
        # A state that was consumed leads to its end, whether or not the browser waits for it.
        return await self.background.shielded(self._finish(arrival))

    async def _finish(self, arrival: "_Arrival") -> OAuthOutcome:
        """Consume the state, and do what it stands for with the person whom the provider names."""
        record = await self.states.take(arrival.state, arrival.cookie, arrival.provider.name)
        if record is None:
            raise OAuthFailed
        if isinstance(record, OAuthLinkState):
            self.links.require_own_browser(record, arrival.access_token)
            profile = await self._profile(arrival, record.code_verifier)
            return await self.links.finish(record, profile, arrival.context)
        profile = await self._profile(arrival, record.code_verifier)
        existing = await self._of_identity(profile.provider, profile.provider_id, record.tenant_id)
        return await self._admit(
            OAuthPerson(
                profile=profile, tenant_id=record.tenant_id, existing=existing, context=arrival.context
            )
        )

    async def _profile(self, arrival: "_Arrival", code_verifier: str) -> OAuthProfile:
        provider = arrival.provider
        user = await self.states.take_user(arrival.state) if provider.uses_form_post else None
        callback = CallbackParameters(code=arrival.code, issuer=arrival.issuer, user=user)
        nonce = nonce_of(code_verifier)
        return await self.providers.profile(provider, callback, code_verifier=code_verifier, nonce=nonce)

    async def _admit(self, person: OAuthPerson) -> AuthResult | MfaChallengeResult:
        existing, profile = person.existing, person.profile
        about = hook_context(
            person.context,
            user_id=None if existing is None else existing.id,
            email=profile.email,
            tenant_id=person.tenant_id,
        )
        safe = None if existing is None else SafeAuthUser.from_user(existing)
        decision = await self.hooks.on_oauth_login(profile, safe, about)
        account = await self.accounts.of(person, decision)
        if isinstance(account, AccountMade):
            result = await self._sign_in(account.user, person, epoch=None)
            # Else the address was proven by somebody else since, or the id was another account's before.
            if not isinstance(result, Stale):
                return result
        result = await self._sign_in_known(account.user_id, person)
        if isinstance(result, Stale):
            raise OAuthFailed
        return result

    async def _sign_in_known(
        self, user_id: str, person: OAuthPerson
    ) -> AuthResult | MfaChallengeResult | Stale:
        subject = self.identifiers.subject(self.policy.realm, user_id, person.tenant_id)
        epoch = await self.revocation.current_epoch(subject)
        profile = person.profile
        current = await self._of_identity(profile.provider, profile.provider_id, person.tenant_id)
        if current is None or current.id != user_id:
            raise OAuthFailed
        return await self._sign_in(current, person, epoch=epoch)

    async def _of_identity(self, provider: str, provider_id: str, tenant_id: str) -> AuthUser | None:
        return await self.users.find_by_oauth_id(provider, provider_id, tenant_id=tenant_id)

    async def _sign_in(
        self, user: AuthUser, person: OAuthPerson, *, epoch: int | None
    ) -> AuthResult | MfaChallengeResult | Stale:
        self.status_gate.check(user.status)
        if not self.policy.verified(user):
            raise EmailNotVerified
        # The address at the provider may be another one, and not be verified.
        about = hook_context(person.context, user_id=user.id, email=user.email, tenant_id=user.tenant_id)
        outcome = await self.sign_ins.open(user, person.context, about, epoch=epoch)
        return cast("AuthResult | MfaChallengeResult | Stale", outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """A browser that returns from a provider."""

    provider: OAuthProvider
    code: str = field(repr=False)
    state: str = field(repr=False)
    cookie: str | None = field(repr=False)
    issuer: str | None
    access_token: str | None = field(repr=False)
    context: RequestContext

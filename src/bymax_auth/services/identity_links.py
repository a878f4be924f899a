"""
The end of a link: an identity of a provider becomes one of the account that has asked for it.

    the browser's own account? ─no─▶ refuse, before the provider is asked
      │ yes, or it says none
    account, verified, not blocked? ─no─▶ refuse
      │ yes
    same password, login goes on? ─no─▶ refuse
      │ yes
    before_identity_linked ─raises─▶ refuse
      │
    write, if the password is still stored ─another account's─▶ refuse
      │
    login goes on? ─no─▶ withdraw, refuse
      │ yes
    event, hook

Rule 1: whatever ends the login, or replaces the password, comes before the write, which is then refused or
withdrawn, or after it.  A thief's link in progress does not survive the owner who ends it.
Rule 2: an unverified account links nothing: whoever has registered somebody's address would keep a way in.
"""

from dataclasses import dataclass
from functools import partial

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.errors import (
    EmailNotVerified,
    OAuthEmailMismatch,
    OAuthFailed,
    RepositoryConflict,
    RepositoryValueRefused,
    TokenInvalid,
)
from bymax_auth.ports.accounts import LinkOutcome
from bymax_auth.ports.events import EventSink, IdentityLinked, IdentityLinkStale, OAuthProviderFailed
from bymax_auth.ports.oauth import ProviderFailure
from bymax_auth.ports.one_time import OAuthLinkState
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.accounts import TenantScopedUsers
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.login_bindings import LoginBinding, LoginBindings
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.services.tokens import AccessTokens
from bymax_auth.types.account import AuthUser, LinkedIdentity, SafeAuthUser
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm, Subject
from bymax_auth.types.oauth import OAuthProfile
from bymax_auth.types.results import IdentityInfo

__all__ = ["IdentityLinks", "identity_info"]


def identity_info(identifiers: Identifiers, subject: Subject, identity: LinkedIdentity) -> IdentityInfo:
    """Return an identity as its owner sees it; its id is derived, because it may be stored in two places."""
    return IdentityInfo(
        id=identifiers.linked_identity(subject, identity.provider, identity.provider_id),
        provider=identity.provider,
        provider_id=identity.provider_id,
        linked_at=identity.linked_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLinks:
    """Ends links."""

    users: TenantScopedUsers
    status_gate: StatusGate
    access_tokens: AccessTokens
    logins: LoginBindings
    proofs: ProofBindings
    identifiers: Identifiers
    hooks: HookRunner
    events: EventSink

    def require_own_browser(self, link: OAuthLinkState, access_token: str | None) -> None:
        """
        Raise if the browser is signed in, and not to the account of the link.

        Raises:
            OAuthFailed: Somebody else has signed in meanwhile.
        """
        if access_token is None:
            return
        try:
            claims = self.access_tokens.verify(access_token)
        except TokenInvalid:
            raise self._stale(link) from None
        is_own = isinstance(claims, DashboardClaims) and (claims.sub, claims.tenant_id) == (
            link.user_id,
            link.tenant_id,
        )
        if not is_own:
            raise self._stale(link)

    async def finish(
        self, link: OAuthLinkState, profile: OAuthProfile, context: RequestContext
    ) -> IdentityInfo:
        """
        Add the identity to the account, and return it; one that the account has already is returned as it is.

        Call it in a shielded task: an identity that was written is confirmed or withdrawn.

        Raises:
            OAuthFailed: The login of the link has ended, the account has changed or is gone, the hook
                refused, or the repository cannot hold what the provider says.
            OAuthEmailMismatch: Another account has the identity.
            EmailNotVerified: The account's address is not verified.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
            StoreUnavailable: A store did not answer.
            RepositoryBackendError: The repository failed.
        """
        subject = self.identifiers.subject(Realm.DASHBOARD, link.user_id, link.tenant_id)
        user = await self._user_of(link, subject)
        about = hook_context(context, user_id=user.id, email=user.email, tenant_id=user.tenant_id)
        safe = SafeAuthUser.from_user(user)
        await self.hooks.before_identity_linked(profile, safe, about)
        if await self._write(link, profile, user) is LinkOutcome.LINKED:
            await self._confirm(link, profile, subject)
            self.events.emit(
                IdentityLinked(user_id=user.id, tenant_id=user.tenant_id, provider=profile.provider)
            )
            hook = partial(self.hooks.hooks.after_identity_linked, safe, profile, about)
            self.hooks.notify("after_identity_linked", hook)
        return await self._listed(link, profile, subject)

    async def _user_of(self, link: OAuthLinkState, subject: Subject) -> AuthUser:
        user = await self.users.find_by_id(link.user_id, tenant_id=link.tenant_id)
        if user is None:
            raise self._stale(link)
        self.status_gate.check(user.status)
        if not user.email_verified:
            raise EmailNotVerified
        same_password = ct_eq_text(link.password_fingerprint, self.proofs.fingerprint(user))
        if not same_password or not await self._login_goes_on(link, subject):
            raise self._stale(link)
        return user

    async def _write(self, link: OAuthLinkState, profile: OAuthProfile, user: AuthUser) -> LinkOutcome:
        try:
            outcome = await self.users.link_oauth(
                user.id, profile.provider, profile.provider_id, tenant_id=user.tenant_id, as_seen=user
            )
        except RepositoryConflict:
            raise OAuthEmailMismatch from None
        except RepositoryValueRefused:
            kind = ProviderFailure.DECODE.value
            self.events.emit(OAuthProviderFailed(provider=profile.provider, kind=kind))
            raise OAuthFailed from None
        if outcome is LinkOutcome.REFUSED:
            raise self._stale(link)
        return outcome

    async def _confirm(self, link: OAuthLinkState, profile: OAuthProfile, subject: Subject) -> None:
        goes_on = False
        try:
            goes_on = await self._login_goes_on(link, subject)
        finally:
            if not goes_on:
                await self.users.unlink_oauth(
                    link.user_id, profile.provider, profile.provider_id, tenant_id=link.tenant_id
                )
        if not goes_on:
            raise self._stale(link)

    async def _login_goes_on(self, link: OAuthLinkState, subject: Subject) -> bool:
        return await self.logins.goes_on(subject, LoginBinding(link.login, link.epoch))

    async def _listed(self, link: OAuthLinkState, profile: OAuthProfile, subject: Subject) -> IdentityInfo:
        identity = (profile.provider, profile.provider_id)
        for one in await self.users.list_identities(link.user_id, tenant_id=link.tenant_id):
            if (one.provider, one.provider_id) == identity:
                return identity_info(self.identifiers, subject, one)
        raise self._stale(link)  # it was unlinked at this moment

    def _stale(self, link: OAuthLinkState) -> OAuthFailed:
        event = IdentityLinkStale(user_id=link.user_id, tenant_id=link.tenant_id, provider=link.provider)
        self.events.emit(event)
        return OAuthFailed()

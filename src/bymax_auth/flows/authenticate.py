"""
Authenticate: verify an access token and return its claims.

    access token ──signature, claims──▶ id not blacklisted, epoch current ──▶ claims and cached status
                       │ no                         │ no
                       └────────────────────────────┴──▶ refuse, with the realm's error

One read of the store returns blacklist, epoch and cached status, so a status check after this flow needs
no further read.
"""

from dataclasses import dataclass

from bymax_auth.errors import TokenInvalid, TokenRevoked
from bymax_auth.ports.accounts import Accounts
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.services.tokens import AccessTokens
from bymax_auth.types.account import AuthUser, OwnAccount, SafeAccount
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.results import Authenticated

__all__ = ["Authenticate", "Me"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """The verification of an access token."""

    policy: RealmPolicy
    access_tokens: AccessTokens
    identifiers: Identifiers
    revocation: RevocationStore

    async def __call__(self, access_token: str) -> Authenticated:
        """
        Return the token's claims, and the status that was cached at the time of the check.

        Raises:
            TokenInvalid: The token is malformed, forged, of another realm, expired or revoked.
            PlatformAuthRequired: The same, on the platform.
            StoreUnavailable: The store did not answer; the caller refuses the request.
        """
        try:
            claims = self.access_tokens.verify(access_token)
            tenant_id = claims.tenant_id if isinstance(claims, DashboardClaims) else None
            subject = self.identifiers.subject(self.policy.realm, claims.sub, tenant_id)
            state = await self.revocation.token_state(subject, claims.jti)
            if state.blacklisted or claims.epoch < state.epoch:
                raise TokenRevoked
        except TokenInvalid:
            if self.policy.refused_token is None:
                raise
            raise self.policy.refused_token from None
        return Authenticated(claims, state.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The reading of the caller's own account."""

    policy: RealmPolicy
    accounts: Accounts
    shows_profile: bool

    async def __call__(self, user_id: str, *, tenant_id: str | None = None) -> SafeAccount:
        """
        Return the account as it is now, whatever its status: a suspended user must see the reason.

        Raises:
            TokenInvalid: The account is gone.
            RepositoryBackendError: The repository failed.
        """
        account = await self.accounts.find(user_id, tenant_id=tenant_id)
        if account is None:
            raise TokenInvalid
        if self.shows_profile and isinstance(account, AuthUser):
            return OwnAccount.of(account)
        return self.policy.safe(account)

"""Access tokens of one realm: what they claim, and which are accepted."""

from dataclasses import dataclass, field
from datetime import timedelta

from bymax_auth.crypto.tokens import new_uuid
from bymax_auth.jwt.hs256 import Verification, sign, verify_access
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.ports.clock import Clock
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.types.account import Account
from bymax_auth.types.claims import AccessClaims, DashboardClaims, PlatformClaims

__all__ = ["AccessTokens"]


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """
    Signs and verifies the access tokens of one realm.

    An `issuer` or `audience` that is not empty is stamped on every token and required of it.
    """

    policy: RealmPolicy
    keys: KeyRing
    clock: Clock
    lifetime: timedelta
    issuer: str | None = None
    audience: str | None = None
    _rules: Verification = field(init=False, repr=False)
    _rules_of_the_past: Verification = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Frozen for its users; what every call would build again is built here.
        object.__setattr__(self, "_rules", self._verification(verify_exp=True))
        object.__setattr__(self, "_rules_of_the_past", self._verification(verify_exp=False))

    def issue(
        self,
        account: Account,
        *,
        epoch: int,
        mfa_verified: bool,
        status: str | None = None,
        role: str | None = None,
    ) -> str:
        """
        Return a token of the account, signed now.

        `epoch` is what the store replied when the session was written.  `status` and `role`
        replace the account's own where they are given.
        """
        issued_at = int(self.clock.now().timestamp())
        expires_at = issued_at + int(self.lifetime.total_seconds())
        tenant_id = self.policy.tenant_of(account)
        claims: AccessClaims
        if tenant_id is None:
            claims = PlatformClaims(
                sub=account.id,
                jti=new_uuid(),
                role=account.role if role is None else role,
                type="platform",
                mfa_enabled=account.mfa_enabled,
                mfa_verified=mfa_verified,
                iat=issued_at,
                exp=expires_at,
                epoch=epoch,
                iss=self._rules.issuer,
                aud=self._rules.audience,
            )
        else:
            claims = DashboardClaims(
                sub=account.id,
                jti=new_uuid(),
                tenant_id=tenant_id,
                role=account.role if role is None else role,
                type="dashboard",
                status=account.status if status is None else status,
                mfa_enabled=account.mfa_enabled,
                mfa_verified=mfa_verified,
                iat=issued_at,
                exp=expires_at,
                epoch=epoch,
                iss=self._rules.issuer,
                aud=self._rules.audience,
            )
        return sign(claims, self.keys)

    def verify(self, token: str) -> AccessClaims:
        """
        Return the claims of a token of this realm.

        Raises:
            TokenExpired: Everything is right, except that the token is over.
            TokenInvalid: The token is malformed, forged, of another type or bound to others.
        """
        return verify_access(token, self._rules, self.keys, self._now())

    def verify_ignoring_expiry(self, token: str) -> AccessClaims:
        """
        Return the claims of a token that this realm signed at any time; for signing out only.

        Raises:
            TokenInvalid: As `verify`.
        """
        return verify_access(token, self._rules_of_the_past, self.keys, self._now())

    def _now(self) -> int:
        return int(self.clock.now().timestamp())

    def _verification(self, *, verify_exp: bool) -> Verification:
        return Verification(
            expected_type=self.policy.token_type,
            verify_exp=verify_exp,
            issuer=self.issuer or None,
            audience=self.audience or None,
        )

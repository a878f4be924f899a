"""
The two tokens of a session.

The access token is signed and says who its holder is.  A refresh token is opaque: the first one of a login is
random, and each successor is derived from the token before it, so that whoever presents a token again can be
given the same successor.  Stores know a token by its digest only, and its text goes to nobody but the client.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Self

from bymax_auth.config.resolvers import ExtraClaimsResolver
from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.digest import KeyedDigest, sha256_hex
from bymax_auth.crypto.tokens import new_uuid
from bymax_auth.errors import ExtraClaimsFailed
from bymax_auth.jwt.hs256 import Verification, sign, verify_access
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.ports.clock import Clock
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.types.account import Account, AuthUser
from bymax_auth.types.claims import AccessClaims, DashboardClaims, PlatformClaims
from bymax_auth.types.extra_claims import NO_EXTRA_CLAIMS, FrozenObject, freeze_extra_claims
from bymax_auth.types.identity import TokenRef

__all__ = ["AccessTokens", "ExtraClaimsReader", "SuccessorTokens"]

_GREATEST_EPOCH: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class ExtraClaimsReader:
    """Asks the host for its claims about a user."""

    resolver: ExtraClaimsResolver
    failures: FailureReporter

    def of(self, user: AuthUser, require_room: Callable[[AuthUser, FrozenObject], None]) -> FrozenObject:
        """
        Return the claims.

        Raises:
            ExtraClaimsFailed: The host failed, or returned what a token cannot hold.
        """
        try:
            ext = freeze_extra_claims(self.resolver(user))
            if ext:
                require_room(user, ext)
        except Exception as error:  # noqa: BLE001 - a host's function may raise anything
            raise self.failures.stand_in("extra_claims", error, ExtraClaimsFailed()) from None
        return ext


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
    extra: ExtraClaimsReader | None = None
    _rules: Verification = field(init=False, repr=False)
    _rules_without_expiry: Verification = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # The class is frozen; values that every call would build again are built once here.
        object.__setattr__(self, "_rules", self._verification(verify_exp=True))
        object.__setattr__(self, "_rules_without_expiry", self._verification(verify_exp=False))

    def ext_of(self, account: Account) -> FrozenObject:
        """
        Return the host's claims about an account, to be passed to `issue` once the session is stored.

        Raises:
            ExtraClaimsFailed: The host failed, or returned what a token cannot hold.
        """
        if self.extra is None or not isinstance(account, AuthUser):
            return NO_EXTRA_CLAIMS
        return self.extra.of(account, self._require_room)

    def _require_room(self, account: AuthUser, ext: FrozenObject) -> None:
        """Raise `ValueError` when a token with the greatest epoch would be too long."""
        self.issue(account, epoch=_GREATEST_EPOCH, mfa_verified=False, ext=ext)

    def issue(
        self,
        account: Account,
        *,
        epoch: int,
        mfa_verified: bool,
        status: str | None = None,
        role: str | None = None,
        ext: FrozenObject = NO_EXTRA_CLAIMS,
    ) -> str:
        """
        Return a signed token of the account, issued now.

        `epoch` is the store's reply to the write of the session.  `status` and `role`
        replace those of the account when given.  `ext` is what `ext_of` returned.
        """
        issued_at = self.clock.unix_seconds()
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
                ext=ext,
            )
        return sign(claims, self.keys)

    def verify(self, token: str) -> AccessClaims:
        """
        Return the claims of a token of this realm.

        Raises:
            TokenExpired: The token is valid, except that it has expired.
            TokenInvalid: The token is malformed, forged, of another type, issuer or audience.
        """
        return verify_access(token, self._rules, self.keys, self.clock.unix_seconds())

    def verify_ignoring_expiry(self, token: str) -> AccessClaims:
        """
        Return the claims of a token that this realm signed, expired or not; for sign-out only.

        Raises:
            TokenInvalid: As `verify`.
        """
        return verify_access(token, self._rules_without_expiry, self.keys, self.clock.unix_seconds())

    def _verification(self, *, verify_exp: bool) -> Verification:
        return Verification(
            expected_type=self.policy.token_type,
            verify_exp=verify_exp,
            issuer=self.issuer or None,
            audience=self.audience or None,
        )


@dataclass(frozen=True, slots=True)
class SuccessorTokens:
    """
    Derives the successor of a refresh token: HMAC-SHA-256 of its text, in its own format.

    The first digest derives new successors; the others recognise those of retired keys.
    """

    digests: tuple[KeyedDigest, ...]

    @classmethod
    def of_keys(cls, keys: Iterable[bytes]) -> Self:
        """Return the successors under these keys, the current one first."""
        return cls(tuple(map(KeyedDigest, keys)))

    def of(self, token: str, ref: TokenRef) -> tuple[str, TokenRef]:
        """Return the successor of a token, and the successor's reference."""
        return _successor(self.digests[0], token, ref)

    def recognise(self, token: str, ref: TokenRef, successor_hash: str) -> tuple[str, TokenRef] | None:
        """Return the successor that has this hash, ``None`` when it was not derived from the token."""
        for digest in self.digests:
            successor = _successor(digest, token, ref)
            if ct_eq_text(successor[1].hash, successor_hash):
                return successor
        return None


def _successor(digest: KeyedDigest, token: str, ref: TokenRef) -> tuple[str, TokenRef]:
    route = ref.route or ""
    successor = (route + digest.hex(token))[: len(token)]
    return successor, TokenRef(sha256_hex(successor), ref.route)

"""
The temporary token between a proven password and the second factor.

    issue     sign, with the epoch that was read before the account ──▶ keep a marker for five minutes
    verify    signature, realm, marker, epoch ──any wrong──▶ refuse, nothing was consumed

The marker is consumed together with the code, never by a wrong one, so a typing error can be corrected.
"""

from dataclasses import dataclass, field
from typing import Final

from bymax_auth.config.constants import MFA_TEMP_TOKEN_TTL
from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.tokens import new_uuid
from bymax_auth.errors import MfaTempTokenInvalid, TokenInvalid
from bymax_auth.jwt.hs256 import Verification, sign, verify_mfa_temp
from bymax_auth.jwt.keys import KeyRing
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import EventSink, FactorRealmMismatch
from bymax_auth.ports.mfa import MfaStore
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.types.claims import MfaTempClaims
from bymax_auth.types.identity import Subject
from bymax_auth.types.results import MfaChallengeResult

__all__ = ["Challenge", "ChallengeTokens"]

_FLOW: Final = "mfa_challenge"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A valid temporary token: whose it is, its marker, and the account's epoch as it was read with it."""

    subject: Subject
    jti_hash: str = field(repr=False)
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeTokens:
    """Issues and verifies the temporary tokens of one realm."""

    policy: RealmPolicy
    store: MfaStore
    identifiers: Identifiers
    keys: KeyRing
    clock: Clock
    events: EventSink
    issuer: str | None
    audience: str | None

    async def issue(self, subject: Subject, epoch: int) -> MfaChallengeResult:
        """
        Return a token with which the second factor can be shown; `epoch` was read before the account.

        Raises:
            StoreUnavailable: The store did not answer, or is full.
        """
        issued_at = self.clock.unix_seconds()
        claims = MfaTempClaims(
            sub=subject.user_id,
            jti=new_uuid(),
            type="mfa_challenge",
            context=self.policy.token_type,
            tenant_id=subject.tenant_id,
            epoch=epoch,
            iat=issued_at,
            exp=issued_at + int(MFA_TEMP_TOKEN_TTL.total_seconds()),
            iss=self.issuer or None,
            aud=self.audience or None,
        )
        token = sign(claims, self.keys)
        await self.store.put_temp(subject, sha256_hex(claims.jti), MFA_TEMP_TOKEN_TTL)
        return MfaChallengeResult(mfa_temp_token=token)

    async def verify(self, token: str) -> Challenge:
        """
        Return whose second factor the token asks for.  It stays usable.

        Raises:
            MfaTempTokenInvalid: It is malformed, forged, expired, used, of the other realm, or older than the
                end of the account's sessions.
            StoreUnavailable: The store did not answer.
        """
        claims = self._claims_of(token)
        subject = self.identifiers.subject(self.policy.realm, claims.sub, claims.tenant_id)
        jti_hash = sha256_hex(claims.jti)
        state = await self.store.temp_state(subject, jti_hash)
        is_theirs = state.user_id is not None and ct_eq_text(state.user_id, claims.sub)
        if not is_theirs or claims.epoch < state.epoch:
            raise MfaTempTokenInvalid
        return Challenge(subject, jti_hash, state.epoch)

    def _claims_of(self, token: str) -> MfaTempClaims:
        rules = Verification(
            expected_type="mfa_challenge", issuer=self.issuer or None, audience=self.audience or None
        )
        try:
            claims = verify_mfa_temp(token, rules, self.keys, self.clock.unix_seconds())
        except TokenInvalid:
            raise MfaTempTokenInvalid from None
        if claims.context != self.policy.token_type:
            self.events.emit(
                FactorRealmMismatch(
                    realm=self.policy.realm, user_id=claims.sub, tenant_id=claims.tenant_id, flow=_FLOW
                )
            )
            raise MfaTempTokenInvalid
        return claims

"""
Random tokens that prove a password reset, each for one account, address and password.

A token holds the fingerprint of the password that it may replace.  Several may be valid; the first one
used changes the password, which invalidates the others.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bymax_auth.config.constants import VERIFIED_TOKEN_TTL
from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.tokens import is_opaque_token, secure_token
from bymax_auth.ports.one_time import (
    PROOF_GENERATION,
    ProofGeneration,
    ProofKind,
    ProofStore,
    ResetContext,
)
from bymax_auth.services.addresses import strip_white_space
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.types.account import AuthUser
from bymax_auth.types.identity import Realm, Subject

__all__ = ["ResetProofs"]

# The proof that ends last may be a token for which a code was exchanged in its last moment.
_GENERATION_OUTLIVES_PROOFS: Final = VERIFIED_TOKEN_TTL + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ResetProofs:
    """Issues and redeems reset tokens; a store keeps only their digests."""

    store: ProofStore
    identifiers: Identifiers
    longest: timedelta

    async def mint(self, kind: ProofKind[ResetContext], user: AuthUser, email: str, ttl: timedelta) -> str:
        """Return a token with which the password that `user` has now may be replaced."""
        token = secure_token()
        await self.bind(kind, sha256_hex(token), user, email, ttl)
        return token

    async def bind(
        self, kind: ProofKind[ResetContext], digest: str, user: AuthUser, email: str, ttl: timedelta
    ) -> None:
        """Record under a proof's digest that the password which `user` has now may be replaced."""
        context = ResetContext(
            user_id=user.id,
            email=email,
            tenant_id=user.tenant_id,
            password_fingerprint=_fingerprint(user),
            generation=await self._generation(user),
        )
        await self.store.put(kind, digest, context, ttl)

    async def renew(self, kind: ProofKind[ResetContext], context: ResetContext, ttl: timedelta) -> str:
        """Return a token that stands for what a consumed proof stood for, and ends with what ends that."""
        token = secure_token()
        await self.store.put(kind, sha256_hex(token), context, ttl)
        return token

    async def redeem(self, kind: ProofKind[ResetContext], token: str) -> ResetContext | None:
        """Return what the token stands for, and consume it."""
        if not is_opaque_token(token):
            return None
        return await self.take(kind, sha256_hex(token))

    async def take(self, kind: ProofKind[ResetContext], digest: str) -> ResetContext | None:
        """Return what is recorded under a proof's digest, and delete it."""
        return await self.store.consume(kind, digest)

    async def forget(self, kind: ProofKind[ResetContext], token: str) -> None:
        """Delete the token.  Idempotent."""
        await self.store.delete(kind, sha256_hex(token))

    async def end_all(self, subject: Subject) -> None:
        """End every outstanding proof of the account.  Idempotent."""
        lifetime = self.longest + _GENERATION_OUTLIVES_PROOFS
        await self.store.put(PROOF_GENERATION, subject.hash, ProofGeneration(secure_token()), lifetime)

    async def fits(self, context: ResetContext, user: AuthUser) -> bool:
        """Say whether the user still has the address and the password of the proof, and it was not ended."""
        bound = context.password_fingerprint
        same_password = bound is None or ct_eq_text(bound, _fingerprint(user))
        # A host's own rows need not be canonical.
        same_address = ct_eq_text(context.email, strip_white_space(user.email).lower())
        # The record of a generation ends after every proof that was issued before it.
        current = await self._generation(user)
        not_ended = current is None or ct_eq_text(context.generation or "", current)
        return same_password and same_address and not_ended

    async def _generation(self, user: AuthUser) -> str | None:
        subject = self.identifiers.subject(Realm.DASHBOARD, user.id, user.tenant_id)
        record = await self.store.read(PROOF_GENERATION, subject.hash)
        return None if record is None else record.generation


def _fingerprint(user: AuthUser) -> str:
    return "" if user.password_hash is None else sha256_hex(user.password_hash)

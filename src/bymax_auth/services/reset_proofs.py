"""
Random tokens that prove a password reset, each for one account, address and password.

A token holds the fingerprint of the password that it may replace.  Several may be valid; the first one
used changes the password, which invalidates the others.
"""

from dataclasses import dataclass
from datetime import timedelta

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.tokens import is_opaque_token, secure_token
from bymax_auth.ports.one_time import ProofKind, ProofStore, ResetContext
from bymax_auth.services.addresses import stored_address
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.types.account import AuthUser

__all__ = ["ResetProofs"]


@dataclass(frozen=True, slots=True)
class ResetProofs:
    """Issues and redeems reset tokens; a store keeps only their digests."""

    store: ProofStore
    bindings: ProofBindings

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
            password_fingerprint=self.bindings.fingerprint(user),
            generation=await self.bindings.generation(user),
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

    async def fits(self, context: ResetContext, user: AuthUser) -> bool:
        """Say whether the user still has the address and the password of the proof, and it was not ended."""
        same_address = ct_eq_text(context.email, stored_address(user))
        return await self.bindings.hold(context, user) and same_address

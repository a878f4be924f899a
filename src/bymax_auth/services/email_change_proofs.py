"""
Random tokens that prove a new address, each for one account, password and address.

Several may be outstanding; the first one used ends the others.
"""

from dataclasses import dataclass
from datetime import timedelta

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.tokens import is_opaque_token, secure_token
from bymax_auth.ports.one_time import EMAIL_CHANGE, EmailChangeContext, ProofStore
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.types.account import AuthUser

__all__ = ["EmailChangeProofs"]


@dataclass(frozen=True, slots=True)
class EmailChangeProofs:
    """Issues and redeems email-change tokens; a store keeps only their digests."""

    store: ProofStore
    bindings: ProofBindings
    ttl: timedelta

    async def mint(self, user: AuthUser, new_email: str) -> str:
        """Return a token with which `user` may get the canonical address `new_email`."""
        token = secure_token()
        context = EmailChangeContext(
            user_id=user.id,
            new_email=new_email,
            tenant_id=user.tenant_id,
            password_fingerprint=self.bindings.fingerprint(user),
            generation=await self.bindings.generation(user),
        )
        await self.store.put(EMAIL_CHANGE, sha256_hex(token), context, self.ttl)
        return token

    async def redeem(self, token: str) -> EmailChangeContext | None:
        """Return what the token stands for, and consume it."""
        if not is_opaque_token(token):
            return None
        return await self.store.consume(EMAIL_CHANGE, sha256_hex(token))

    async def forget(self, token: str) -> None:
        """Delete the token.  Idempotent."""
        await self.store.delete(EMAIL_CHANGE, sha256_hex(token))

    async def fits(self, context: EmailChangeContext, user: AuthUser) -> bool:
        """Say whether the user still has the password of the proof, and it was not ended."""
        return await self.bindings.hold(context, user)

    async def end_all(self, user: AuthUser) -> None:
        """End every outstanding proof of the user, those of a reset too.  Idempotent."""
        await self.bindings.end_all_of(user)

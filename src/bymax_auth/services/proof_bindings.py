"""
What binds a mailed proof to its account, besides an address: the password and the generation of that time.

A change of the password ends every proof by its fingerprint.  What else ends them, such as a block or a
change of address, gives the account another generation.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bymax_auth.config.constants import VERIFIED_TOKEN_TTL
from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.tokens import secure_token
from bymax_auth.ports.one_time import (
    PROOF_GENERATION,
    EmailChangeContext,
    ProofGeneration,
    ProofStore,
    ResetContext,
)
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.types.account import AuthUser
from bymax_auth.types.identity import Realm, Subject

__all__ = ["ProofBindings"]

# The proof that ends last may be a token for which a code was exchanged in its last moment.
_GENERATION_OUTLIVES_PROOFS: Final = VERIFIED_TOKEN_TTL + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ProofBindings:
    """Binds proofs to accounts; `longest` is the longest lifetime of a proof."""

    store: ProofStore
    identifiers: Identifiers
    longest: timedelta

    def fingerprint(self, user: AuthUser) -> str:
        """Return that of the password that `user` has, ``""`` without one."""
        return "" if user.password_hash is None else sha256_hex(user.password_hash)

    async def generation(self, user: AuthUser) -> str | None:
        """Return that of the user's proofs, ``None`` when none were ended recently."""
        record = await self.store.read(PROOF_GENERATION, self._subject(user).hash)
        return None if record is None else record.generation

    async def hold(self, context: ResetContext | EmailChangeContext, user: AuthUser) -> bool:
        """Say whether the user still has the password of the proof, and it was not ended."""
        bound = context.password_fingerprint
        same_password = bound is None or ct_eq_text(bound, self.fingerprint(user))
        # The record of a generation ends after every proof that was issued before it.
        current = await self.generation(user)
        not_ended = current is None or ct_eq_text(context.generation or "", current)
        return same_password and not_ended

    async def end_all(self, subject: Subject) -> None:
        """End every outstanding proof of the account.  Idempotent."""
        lifetime = self.longest + _GENERATION_OUTLIVES_PROOFS
        await self.store.put(PROOF_GENERATION, subject.hash, ProofGeneration(secure_token()), lifetime)

    async def end_all_of(self, user: AuthUser) -> None:
        """End every outstanding proof of the user.  Idempotent."""
        await self.end_all(self._subject(user))

    def _subject(self, user: AuthUser) -> Subject:
        return self.identifiers.subject(Realm.DASHBOARD, user.id, user.tenant_id)

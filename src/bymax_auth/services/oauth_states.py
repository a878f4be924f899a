"""
The state of a sign-in with a provider, or of a link: what binds a browser's return to its departure.

    issue    state, verifier ──▶ keep provider, tenant and verifier under the state's digest; for a link, also
             account, login, epoch and password
    take     64 hex digits? the cookie's value? ─no─▶ nobody, and nothing is consumed
               │ yes
             consume ──▶ of this provider? ─no─▶ nobody

Rule 1: the cookie is compared before the state is consumed, so a page of another site that sends somebody to
the callback cannot end a sign-in in progress.
Rule 2: a state of a link is a proof of its own kind, which signs nobody in.
Rule 3: a state works once, for one provider, and the tenant is the one that it was issued for.
"""

from dataclasses import dataclass, field

from bymax_auth.config.constants import OAUTH_STATE_BYTES, OAUTH_STATE_TTL, OAUTH_VERIFIER_BYTES
from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.pkce import new_verifier
from bymax_auth.crypto.tokens import is_opaque_token, secure_token
from bymax_auth.ports.one_time import (
    OAUTH_FORM_USER,
    OAUTH_LINK,
    OAUTH_STATE,
    OAuthFormUser,
    OAuthLinkState,
    OAuthState,
    ProofStore,
)

__all__ = ["NewState", "OAuthStates"]


@dataclass(frozen=True, slots=True)
class NewState:
    """A state that was not kept yet, and the verifier that belongs to it."""

    state: str = field(repr=False)
    code_verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthStates:
    """Issues and takes states; a store keeps only their digests."""

    store: ProofStore

    def new(self) -> NewState:
        """Return a new state."""
        return NewState(secure_token(OAUTH_STATE_BYTES), new_verifier(OAUTH_VERIFIER_BYTES))

    async def keep(self, issued: NewState, provider: str, tenant_id: str) -> None:
        """
        Keep a state for ten minutes.

        Raises:
            StoreUnavailable: The store did not answer, or is full.
        """
        record = OAuthState(provider=provider, tenant_id=tenant_id, code_verifier=issued.code_verifier)
        await self.store.put(OAUTH_STATE, sha256_hex(issued.state), record, OAUTH_STATE_TTL)

    async def keep_link(self, issued: NewState, link: OAuthLinkState) -> None:
        """
        Keep a state of a link for ten minutes.

        Raises:
            StoreUnavailable: The store did not answer, or is full.
        """
        await self.store.put(OAUTH_LINK, sha256_hex(issued.state), link, OAUTH_STATE_TTL)

    async def take(self, state: str, cookie: str | None, provider: str) -> OAuthState | OAuthLinkState | None:
        """
        Return what the state of this browser stands for, and consume it.

        ``None`` if it is not good here: one of another browser is not consumed.
        """
        if not is_opaque_token(state) or cookie is None or not ct_eq_text(state, cookie):
            return None
        key = sha256_hex(state)
        record: OAuthState | OAuthLinkState | None = await self.store.consume(OAUTH_STATE, key)
        if record is None:
            record = await self.store.consume(OAUTH_LINK, key)
        return record if record is not None and ct_eq_text(record.provider, provider) else None

    async def keep_user(self, state: str, provider: str, user: str) -> None:
        """
        Keep what a provider's form says about the person, if the state is one of this provider.

        Raises:
            StoreUnavailable: The store did not answer, or is full.
        """
        if not is_opaque_token(state):
            return
        key = sha256_hex(state)
        record: OAuthState | OAuthLinkState | None = await self.store.read(OAUTH_STATE, key)
        if record is None:
            record = await self.store.read(OAUTH_LINK, key)
        if record is not None and ct_eq_text(record.provider, provider):
            await self.store.put(OAUTH_FORM_USER, key, OAuthFormUser(user), OAUTH_STATE_TTL)

    async def take_user(self, state: str) -> str | None:
        """Return what a form has said under this state, and consume it."""
        record = await self.store.consume(OAUTH_FORM_USER, sha256_hex(state))
        return None if record is None else record.user

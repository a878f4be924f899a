"""
Logout: end the session that a refresh token names.

    presented token ──snapshot──▶ Live ──▶ end the session
                                  InGrace, GraceSpent, Consumed ──▶ end the login it descends from
                                  UnknownToken ──▶ delete what may be left of it
    access token ──signature──▶ blacklist its id

Possession of the refresh token authorises; a live access token is not needed.  A token that was
exchanged already still identifies its login, and the caller asked to end that login, so this is no
replay.  Every failure is an event and nothing more: sign-out always succeeds for the client.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from bymax_auth.errors import TokenInvalid
from bymax_auth.jwt.hs256 import CLOCK_TOLERANCE_SECONDS
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import EventSink, LogoutCleanupFailed, LogoutSucceeded
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import (
    Consumed,
    GraceSpent,
    InGrace,
    Live,
    SessionSnapshot,
    SessionStore,
)
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.opaque_tokens import opaque_token_ref
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.services.tokens import AccessTokens
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import KeyLayout, Subject, TokenRef
from bymax_auth.types.session import SessionRecord

__all__ = ["Logout"]

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """The sign-out flow."""

    policy: RealmPolicy
    sessions: SessionStore
    revocation: RevocationStore
    access_tokens: AccessTokens
    identifiers: Identifiers
    hooks: HookRunner
    background: BackgroundTasks
    events: EventSink
    clock: Clock
    layout: KeyLayout

    async def __call__(
        self, access_token: str | None, refresh_token: str | None, context: RequestContext | None = None
    ) -> str | None:
        """
        Return the id of the account whose session has ended, ``None`` when no session was named.

        Never raises.  Idempotent.
        """
        owner = await self.background.shielded(self._end(access_token, refresh_token))
        if owner is None:
            return None
        self.events.emit(LogoutSucceeded(realm=owner.realm, user_id=owner.user_id, tenant_id=owner.tenant_id))
        about = hook_context(context or RequestContext(), user_id=owner.user_id, tenant_id=owner.tenant_id)
        self.hooks.notify("after_logout", partial(self.hooks.hooks.after_logout, owner.user_id, about))
        return owner.user_id

    async def _end(self, access_token: str | None, refresh_token: str | None) -> Subject | None:
        ref = opaque_token_ref(refresh_token or "", self.layout)
        owner, _ = await asyncio.gather(
            self._reporting_failure("session", self._end_session(ref)),
            self._reporting_failure("blacklist", self._blacklist_access_token(access_token or "")),
        )
        return owner

    async def _end_session(self, ref: TokenRef | None) -> Subject | None:
        """Return the owner of the session."""
        if ref is None:
            return None
        snapshot = await self.sessions.snapshot(self.policy.realm, ref)
        if isinstance(snapshot, Live):
            owner = self._owner(snapshot.record)
            revoke = self._revoke_first if snapshot.record.family_id is None else self._revoke
            if await revoke(owner, ref.hash, ref):
                return owner
            # A concurrent refresh exchanged this token: the session that it led to must end.
            snapshot = await self.sessions.snapshot(self.policy.realm, ref)
        match snapshot:
            case InGrace(family_id=None):
                return await self._end_without_family(snapshot, ref)
            case InGrace(family_id=str(family_id)) | GraceSpent(str(family_id)) | Consumed(family_id):
                ended = await self.sessions.revoke_family(
                    self.policy.realm,
                    family_id,
                    ref.route,
                    self.identifiers.subject_factory(self.policy.realm),
                )
                return ended.owner
            case _:
                await self.sessions.drop_grace(self.policy.realm, ref)
                return None

    async def _end_without_family(self, seen: InGrace, ref: TokenRef) -> Subject:
        """End what an exchanged token has led to; only grace pointers lead there."""
        owner = self._owner(seen.record)
        snapshot: SessionSnapshot = seen
        while isinstance(snapshot, InGrace) and not await self._revoke(owner, snapshot.successor, ref):
            snapshot = await self.sessions.snapshot(
                self.policy.realm, TokenRef(snapshot.successor, ref.route)
            )
        return owner

    async def _revoke(self, owner: Subject, session_hash: str, ref: TokenRef) -> bool:
        """End one session and the grace of the presented token; ``False`` when it was gone already."""
        ended, _ = await asyncio.gather(
            self._reporting_failure("session", self.sessions.revoke(owner, session_hash)),
            self._reporting_failure("grace", self.sessions.drop_grace(self.policy.realm, ref)),
        )
        return ended is not False

    async def _revoke_first(self, owner: Subject, session_hash: str, ref: TokenRef) -> bool:
        """As `_revoke`, for a token without a family: while it may be exchanged, only its grace leads on."""
        ended = await self._reporting_failure("session", self.sessions.revoke(owner, session_hash))
        if ended is False:
            return False
        await self._reporting_failure("grace", self.sessions.drop_grace(self.policy.realm, ref))
        return True

    async def _blacklist_access_token(self, access_token: str) -> None:
        """Blacklist the token's id.  Without a check of the signature anyone could revoke another's token."""
        try:
            claims = self.access_tokens.verify_ignoring_expiry(access_token)
        except TokenInvalid:
            return
        tenant_id = claims.tenant_id if isinstance(claims, DashboardClaims) else None
        subject = self.identifiers.subject(self.policy.realm, claims.sub, tenant_id)
        # The token must not outlive the entry on a host whose clock is behind, nor by the rounded second.
        left = claims.exp - self.clock.unix_seconds()
        ttl = timedelta(seconds=left + CLOCK_TOLERANCE_SECONDS + 1)
        if ttl > timedelta(0):
            await self.revocation.blacklist(subject, claims.jti, ttl)

    def _owner(self, record: SessionRecord) -> Subject:
        return self.identifiers.subject(self.policy.realm, record.user_id, record.tenant_id)

    async def _reporting_failure(self, step: str, work: Awaitable[ResultT]) -> ResultT | None:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - a host's repository or store may raise anything
            self.events.emit(
                LogoutCleanupFailed(realm=self.policy.realm, origin=step, exception=type(error).__qualname__)
            )
            return None

"""
Creation of a session: the only place where a proven credential becomes tokens.

    cap ──▶ store, if the epoch is as expected ──Stale──▶ back to the flow, nothing was written
                     │ Created
                     ▼
            sign with the stored epoch ──▶ call hooks ──▶ tokens

The access token is signed after the session is stored, because only the store knows the epoch
that the two must share.  Recent authentication is recorded here and never by a rotation: a stolen
session can be rotated without end.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bymax_auth.config.resolvers import MaxSessionsResolver
from bymax_auth.crypto.tokens import new_uuid
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import CapResolverFailed
from bymax_auth.ports.sessions import Created, NewSession, SessionStore, Stale
from bymax_auth.services.failures import FailureReporter, class_name
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.mail import Mailer, Recipient
from bymax_auth.services.opaque_tokens import mint_opaque_token
from bymax_auth.services.privacy import clip_ip, device_label
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.services.tokens import AccessTokens
from bymax_auth.types.account import Account, AuthUser, SafeAuthUser
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import KeyLayout
from bymax_auth.types.results import SessionResult
from bymax_auth.types.session import SessionInfo, SessionRecord

__all__ = ["SessionCap", "SessionIssuer"]

_SHORT_HASH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCap:
    """The number of live sessions that an account may have."""

    default: int
    resolver: MaxSessionsResolver | None
    timeout: timedelta
    failures: FailureReporter

    async def of(self, user: AuthUser) -> int:
        """Return the cap, at least 1; when the resolver fails, the default applies."""
        if self.resolver is None:
            return max(1, self.default)
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                resolved: object = await self.resolver.resolve(user)
            if type(resolved) is not int:
                raise TypeError("A session cap is an int.")
        except Exception as error:  # noqa: BLE001 - a host's resolver may raise anything
            event = CapResolverFailed(origin="max_sessions_resolver", exception=class_name(error))
            self.failures.note(event, error)
            return max(1, self.default)
        return max(1, resolved)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionIssuer:
    """
    Creates the sessions of one realm.

    `cap` is ``None`` where sessions are neither capped for each user nor announced.  `ceiling` bounds the
    logins of every account, because listing and revoking take time for each.
    """

    policy: RealmPolicy
    sessions: SessionStore
    layout: KeyLayout
    identifiers: Identifiers
    access_tokens: AccessTokens
    clock: Clock
    lifetime: timedelta
    hooks: HookRunner
    mailer: Mailer
    ceiling: int
    cap: SessionCap | None
    new_session_alerts: bool

    async def issue(
        self,
        account: Account,
        context: RequestContext,
        *,
        mfa_verified: bool,
        expected_epoch: int | None,
        alert: bool = True,
    ) -> SessionResult | Stale:
        """
        Return a session's tokens, or `Stale` when the epoch has moved past `expected_epoch`.

        Without `alert` no mail about the session is sent: its owner has just created the account.

        Raises:
            ExtraClaimsFailed: The host's claims cannot be put into a token.  Nothing was stored.
            StoreUnavailable: The session store did not answer, or is full.
        """
        subject = self.identifiers.subject(self.policy.realm, account.id, self.policy.tenant_of(account))
        ext = self.access_tokens.ext_of(account)  # before anything is stored: it may fail
        refresh_token, ref = mint_opaque_token(self.layout, subject.route)
        record = self._record(account, context)
        new = NewSession(
            ref=ref,
            record=record,
            lifetime=self.lifetime,
            expected_epoch=expected_epoch,
            recent_auth=self.policy.recent_auth,
            cap=await self._cap_of(account),
        )
        outcome = await self.sessions.create(subject, new)
        if isinstance(outcome, Stale):
            return outcome

        access_token = self.access_tokens.issue(
            account, epoch=outcome.epoch, mfa_verified=mfa_verified, ext=ext
        )
        if self.cap is not None and isinstance(account, AuthUser):
            info = SessionInfo(device=record.device, ip=record.ip, session_hash=ref.hash[:_SHORT_HASH])
            self._announce(account, info, outcome, context)
            if alert and self.new_session_alerts:
                self.mailer.new_session(Recipient(account, account.email, context), info)
        return self.policy.result(account, access_token, refresh_token)

    async def _cap_of(self, account: Account) -> int:
        if self.cap is None or not isinstance(account, AuthUser):
            return self.ceiling
        return min(await self.cap.of(account), self.ceiling)

    def _record(self, account: Account, context: RequestContext) -> SessionRecord:
        now = self.clock.now()
        return SessionRecord(
            user_id=account.id,
            tenant_id=self.policy.tenant_of(account),
            role=account.role,
            device=device_label(context.user_agent),
            ip=clip_ip(context.ip),
            created_at=now,
            mfa_enabled=account.mfa_enabled,
            family_id=new_uuid(),
            family_created_at=now,
        )

    def _announce(self, user: AuthUser, info: SessionInfo, created: Created, context: RequestContext) -> None:
        about = hook_context(context, user_id=user.id, email=user.email, tenant_id=user.tenant_id)
        hooks = self.hooks.hooks
        for evicted in created.evicted:
            self.hooks.notify(
                "on_session_evicted", partial(hooks.on_session_evicted, user.id, evicted[:_SHORT_HASH], about)
            )
        self.hooks.notify(
            "on_new_session", partial(hooks.on_new_session, SafeAuthUser.from_user(user), info, about)
        )

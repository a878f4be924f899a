"""
Refresh: exchange a refresh token for a new pair.

    presented token ──snapshot──▶ Live ──────▶ account still allowed? ──▶ rotate to the derived successor
                                  InGrace ───▶ account still allowed? ──▶ successor derived? ──no──▶ recover
                                  │                                             │ yes
                                  │                                           reissue
                                  │
                                  │    Rotated, Reissued, Recovered ──▶ new pair
                                  │    SuccessorExchanged ──▶ the same for the successor, three times at most
                                  │    Gone ──▶ new snapshot, three times at most
                                  │    SuccessorDead ──▶ as Consumed
                                  │    RevokedSinceRotation ──▶ refuse
                                  Consumed ──▶ revoke the login, call the hook ──▶ refuse
                                  GraceSpent, UnknownToken ──▶ refuse

Rule 1: nothing is consumed before the account was read and allowed, so the retries of a refused account
never count as replays.
Rule 2: the new pair carries the current values of the account, and the epoch that the exchange returned.
Rule 3: whoever presents a token inside its grace window gets the one successor that it was exchanged for, as
often as it is presented.  Only a successor that another server made cannot be derived; it is replaced, once.
Rule 4: every refusal of the token is the same `RefreshTokenInvalid`; its holder learns only that
they must sign in again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from bymax_auth.errors import AuthError, EmailNotVerified, RefreshTokenInvalid, ValidationFailed
from bymax_auth.ports.accounts import Accounts
from bymax_auth.ports.clock import Clock
from bymax_auth.ports.events import (
    EventSink,
    RefreshFamilyRevoked,
    RefreshLifetimeExceeded,
    RefreshRefused,
    RefreshReuseDetected,
)
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import (
    EXCHANGES_FOLLOWED,
    Consumed,
    Gone,
    GraceSpent,
    InGrace,
    Live,
    Recovered,
    Recovery,
    Reissued,
    RevokedSinceRotation,
    Rotated,
    Rotation,
    SessionStore,
    SuccessorDead,
    SuccessorExchanged,
    UnknownToken,
)
from bymax_auth.services.account_status import StatusGate
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.hooks import HookRunner, hook_context
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.opaque_tokens import mint_opaque_token, opaque_token_ref
from bymax_auth.services.privacy import clip_ip, device_label
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.services.tokens import AccessTokens, SuccessorTokens
from bymax_auth.types.account import Account
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import KeyLayout, Subject, TokenRef
from bymax_auth.types.results import RefreshedSession, RotatedTokens
from bymax_auth.types.session import SessionRecord

__all__ = ["Refresh", "RefreshLimits"]

_ROUNDS = 3
"""How many snapshots are taken when concurrent requests keep exchanging the token first."""

_Token = tuple[str, TokenRef]
_Issued = tuple[str, int]
"""A refresh token to answer with, and the epoch of the access token beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshLimits:
    """Lifetimes of refresh tokens, their grace window and a login; `absolute` is ``None`` for no limit."""

    lifetime: timedelta
    grace: timedelta
    absolute: timedelta | None
    reuse_bumps_epoch: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """The refresh flow."""

    policy: RealmPolicy
    accounts: Accounts
    sessions: SessionStore
    revocation: RevocationStore
    access_tokens: AccessTokens
    successors: SuccessorTokens
    identifiers: Identifiers
    status_gate: StatusGate
    hooks: HookRunner
    background: BackgroundTasks
    events: EventSink
    clock: Clock
    layout: KeyLayout
    limits: RefreshLimits

    async def __call__(self, refresh_token: str, context: RequestContext) -> RefreshedSession:
        """
        Return a new pair; `refresh_token` is exchanged for the new refresh token.

        Requests that present one token within the grace window get the same refresh token, each
        with an access token of its own.

        Source: RFC 9700 §4.14.2 (refresh token rotation).

        Raises:
            RefreshTokenInvalid: The token is malformed, unknown, used up, revoked or too old, or
                its administrator no longer exists.
            TokenInvalid: The token's user no longer exists.
            AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is
                blocked.  All its sessions have been ended.
            EmailNotVerified: The address is not verified.  The token stays usable.
            StoreUnavailable: A store did not answer.  Retrying within the grace window is safe.
            RepositoryBackendError: The repository failed.  Nothing was consumed.
            ExtraClaimsFailed: The host's claims cannot be put into a token.  Nothing was consumed.
        """
        ref = opaque_token_ref(refresh_token, self.layout)
        if ref is None:
            raise RefreshTokenInvalid
        for _ in range(_ROUNDS):
            seen = await self.sessions.snapshot(self.policy.realm, ref)
            match seen:
                case Live() | InGrace():
                    exchanged = await self._exchange((refresh_token, ref), seen, context)
                    if exchanged is None:
                        continue
                    return exchanged
                case Consumed(family_id):
                    await self.background.shielded(self._revoke_login(ref, family_id, context))
                    raise RefreshTokenInvalid
                case GraceSpent():
                    raise self._refused("grace_spent")
                case UnknownToken():
                    raise self._refused("unknown")
                case _:
                    assert_never(seen)
        raise self._refused("contended")

    async def _exchange(
        self, presented: _Token, seen: Live | InGrace, context: RequestContext
    ) -> RefreshedSession | None:
        """Return a new pair, or ``None`` when the token is no longer as it was seen."""
        now = self.clock.now()
        subject = self._owner_of(seen.record, now)
        account = await self._require_allowed(subject)
        ext = self.access_tokens.ext_of(account)  # before the token is consumed: it may fail
        record = SessionRecord(
            user_id=seen.record.user_id,
            tenant_id=subject.tenant_id,
            role=account.role,
            device=device_label(context.user_agent),
            ip=clip_ip(context.ip),
            created_at=now,
            mfa_enabled=account.mfa_enabled,
            family_id=seen.record.family_id,
            family_created_at=seen.record.family_created_at,
        )
        if isinstance(seen, Live):
            issuing = self._rotate(subject, presented, seen, record)
        else:
            issuing = self._repeat(subject, presented, seen, record, context)
        issued = await self.background.shielded(issuing)
        if issued is None:
            return None
        token, epoch = issued
        access_token = self.access_tokens.issue(account, epoch=epoch, mfa_verified=False, status="", ext=ext)
        tokens = RotatedTokens(access_token=access_token, refresh_token=token)
        return RefreshedSession(tokens, self.policy.safe(account))

    def _owner_of(self, record: SessionRecord, now: datetime) -> Subject:
        """Return the account of a login that is not too old."""
        login_at = record.family_created_at
        if (
            self.limits.absolute is not None
            and login_at is not None
            and now - login_at > self.limits.absolute
        ):
            self.events.emit(RefreshLifetimeExceeded(realm=self.policy.realm, user_id=record.user_id))
            raise RefreshTokenInvalid
        try:
            return self.identifiers.subject(self.policy.realm, record.user_id, record.tenant_id)
        except ValidationFailed:
            # A record without a valid owner can be neither used nor revoked.
            raise self._refused("ownerless") from None

    async def _require_allowed(self, subject: Subject) -> Account:
        """Return the account when it is allowed a new pair; end its sessions when it is gone or blocked."""
        account = await self.accounts.find(subject.user_id, tenant_id=subject.tenant_id)
        if account is None:
            await self.background.shielded(self.sessions.revoke_all(subject))
            raise self.policy.gone
        try:
            self.status_gate.check(account.status)
        except AuthError:
            await self.background.shielded(self.sessions.revoke_all(subject))
            raise
        if not self.policy.verified(account):
            raise EmailNotVerified
        return account

    def _replay_detected_for(self, record: SessionRecord, now: datetime) -> timedelta:
        """How long a replay is detected: at most the remaining lifetime of the login."""
        if self.limits.absolute is None or record.family_created_at is None:
            return self.limits.lifetime
        left = record.family_created_at + self.limits.absolute - now
        return min(self.limits.lifetime, max(left, timedelta(seconds=1)))

    async def _rotate(
        self, subject: Subject, presented: _Token, seen: Live, record: SessionRecord
    ) -> _Issued | None:
        # Without a window nobody presents the token again, so its successor need not be found again.
        derives = self.limits.grace > timedelta(0)
        token, successor = (
            self.successors.of(*presented) if derives else mint_opaque_token(self.layout, subject.route)
        )
        rotation = Rotation(
            presented=presented[1],
            successor=successor,
            record=record,
            session_created_at=seen.session_created_at,
            lifetime=self.limits.lifetime,
            grace=self.limits.grace,
            consumed_for=self._replay_detected_for(record, record.created_at),
        )
        outcome = await self.sessions.rotate(subject, rotation)
        return (token, outcome.epoch) if isinstance(outcome, Rotated) else None

    async def _repeat(
        self,
        subject: Subject,
        presented: _Token,
        seen: InGrace,
        record: SessionRecord,
        context: RequestContext,
    ) -> _Issued | None:
        """Return the live token that the presented one has led to."""
        for _ in range(EXCHANGES_FOLLOWED):
            token, ref = presented
            successor = self.successors.recognise(token, ref, seen.successor)
            if successor is None:
                return await self._recover(subject, ref, seen, record, context)
            outcome = await self.sessions.reissue(subject, ref, successor[1])
            match outcome:
                case Reissued(epoch):
                    return successor[0], epoch
                case Gone():
                    return None
                case SuccessorDead():
                    raise await self._successor_dead(ref, seen, context)
                case SuccessorExchanged():
                    next_seen = await self.sessions.snapshot(self.policy.realm, successor[1])
                case _:
                    assert_never(outcome)
            if isinstance(next_seen, GraceSpent):
                raise self._refused("grace_spent")
            if not isinstance(next_seen, InGrace):
                return None
            presented, seen = successor, next_seen
        raise self._refused("exchanged_too_often")

    async def _recover(
        self, subject: Subject, ref: TokenRef, seen: InGrace, record: SessionRecord, context: RequestContext
    ) -> _Issued | None:
        """Replace a successor that another server made."""
        token, successor = mint_opaque_token(self.layout, subject.route)
        recovery = Recovery(
            presented=ref, seen=seen, successor=successor, record=record, lifetime=self.limits.lifetime
        )
        outcome = await self.sessions.recover(subject, recovery)
        match outcome:
            case Recovered(epoch):
                return token, epoch
            case Gone():
                return None
            case SuccessorDead():
                raise await self._successor_dead(ref, seen, context)
            case RevokedSinceRotation():
                raise self._refused("revoked_since_rotation")
            case _:
                assert_never(outcome)

    async def _successor_dead(
        self, ref: TokenRef, seen: InGrace, context: RequestContext
    ) -> RefreshTokenInvalid:
        """End the login of a token whose successor was revoked, and return the refusal."""
        if seen.family_id is None:
            return self._refused("successor_dead")
        await self._revoke_login(ref, seen.family_id, context)
        return RefreshTokenInvalid()

    async def _revoke_login(self, ref: TokenRef, family_id: str, context: RequestContext) -> None:
        """End the login of a replayed token; its owner and whoever replayed it must both sign in again."""
        realm = self.policy.realm
        self.events.emit(RefreshReuseDetected(realm=realm, family_id=family_id))
        revoked = await self.sessions.revoke_family(
            realm, family_id, ref.route, self.identifiers.subject_factory(realm)
        )
        owner = revoked.owner
        self.events.emit(
            RefreshFamilyRevoked(
                realm=realm,
                family_id=family_id,
                owner_id="<unknown>" if owner is None else owner.user_id,
                removed=revoked.removed,
            )
        )
        if owner is None:
            return
        if self.limits.reuse_bumps_epoch and revoked.removed:
            await self.revocation.bump_epoch(owner)
        presenter = hook_context(
            replace(context, sanitized_headers={}), user_id=owner.user_id, tenant_id=owner.tenant_id
        )
        self.hooks.notify(
            "on_refresh_token_reuse_detected",
            partial(self.hooks.hooks.on_refresh_token_reuse_detected, owner.user_id, family_id, presenter),
        )

    def _refused(self, why: str) -> RefreshTokenInvalid:
        self.events.emit(RefreshRefused(realm=self.policy.realm, why=why))
        return RefreshTokenInvalid()

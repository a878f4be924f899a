"""
Sessions: what an account's owner sees of its sessions, and how they end.

    list            every live login, newest first, with the caller's own marked
    revoke one      that login ──▶ every access token of the account
    revoke others   the caller's token is live, or led to a live one inside its grace window? ──no──▶ refuse
                      │ yes
                    every other login, every grace pointer, every access token
    revoke all      the same, without exception

A session is a login: every live token that descends from one sign-in.  Requests that race can leave a
login with two live tokens, and its owner knows one device.

A session's hash does not identify its access token, so ending another session revokes every access
token of the account; devices with a live session recover by refreshing, and the ended one cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bymax_auth.crypto.compare import ct_eq_text
from bymax_auth.crypto.tokens import is_opaque_token
from bymax_auth.errors import FieldError, SessionNotFound, ValidationFailed
from bymax_auth.ports.events import EventSink, OtherSessionsRevoked
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.ports.sessions import Missing, SessionStore
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.services.opaque_tokens import opaque_token_ref
from bymax_auth.services.proof_bindings import ProofBindings
from bymax_auth.services.realm import RealmPolicy
from bymax_auth.services.waiting import together
from bymax_auth.types.identity import KeyLayout, Subject
from bymax_auth.types.session import ActiveSessionInfo, SessionDetail

__all__ = ["ListSessions", "RevokeAllSessions", "RevokeOtherSessions", "RevokeSession"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSessions:
    """The list of an account's sessions."""

    policy: RealmPolicy
    identifiers: Identifiers
    sessions: SessionStore
    layout: KeyLayout

    async def __call__(
        self, user_id: str, *, tenant_id: str | None = None, raw_refresh: str | None = None
    ) -> tuple[ActiveSessionInfo, ...]:
        """
        Return the live logins, newest first; the one of `raw_refresh` is the current one.

        Raises:
            StoreUnavailable: The store did not answer.
        """
        current = opaque_token_ref(raw_refresh or "", self.layout)
        presented = "" if current is None else current.hash
        details = await self.sessions.list(self.identifiers.subject(self.policy.realm, user_id, tenant_id))
        logins: dict[str, list[SessionDetail]] = {}
        for detail in details:
            logins.setdefault(detail.family_id or detail.session_hash, []).append(detail)
        rows = (_info_of(login, presented) for login in logins.values())
        return tuple(sorted(rows, key=lambda row: (-row.created_at, row.session_hash)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeSession:
    """The end of one login."""

    policy: RealmPolicy
    identifiers: Identifiers
    sessions: SessionStore
    revocation: RevocationStore
    background: BackgroundTasks

    async def __call__(self, user_id: str, session_hash: str, *, tenant_id: str | None = None) -> None:
        """
        End the login of a session, and every access token of the account.

        A hash whose token was rotated since it was listed still names its login.

        Raises:
            ValidationFailed: `session_hash` is not 64 lower-case hexadecimal characters.
            SessionNotFound: The account has no such session.
            StoreUnavailable: The store did not answer.
        """
        if not is_opaque_token(session_hash):
            message = "must be 64 lower-case hexadecimal characters"
            raise ValidationFailed(fields=(FieldError("sessionHash", message),))
        subject = self.identifiers.subject(self.policy.realm, user_id, tenant_id)
        await self.background.shielded(self._revoke(subject, session_hash))

    async def _revoke(self, subject: Subject, session_hash: str) -> None:
        """Revoke access tokens last, so that after a failure a retry is possible."""
        if not await self.sessions.revoke(subject, session_hash):
            raise SessionNotFound
        await self.revocation.bump_epoch(subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeOtherSessions:
    """The end of every session except the caller's."""

    policy: RealmPolicy
    identifiers: Identifiers
    sessions: SessionStore
    background: BackgroundTasks
    events: EventSink
    layout: KeyLayout

    async def __call__(self, user_id: str, *, tenant_id: str | None = None, raw_refresh: str | None) -> None:
        """
        End every login except the one of `raw_refresh`, and every access token.

        Raises:
            SessionNotFound: `raw_refresh` is no live session of this account, and has not just led to
                one: to keep a session that does not exist would end the caller's own.
            StoreUnavailable: The store did not answer.
        """
        current = opaque_token_ref(raw_refresh or "", self.layout)
        if current is None:
            raise SessionNotFound
        subject = self.identifiers.subject(self.policy.realm, user_id, tenant_id)
        outcome = await self.background.shielded(
            self.sessions.revoke_all_except(subject, current.hash, must_exist=True)
        )
        if isinstance(outcome, Missing):
            raise SessionNotFound
        self.events.emit(
            OtherSessionsRevoked(realm=self.policy.realm, user_id=user_id, tenant_id=subject.tenant_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeAllSessions:
    """The end of every session of an account, for a host that bans, demotes or deletes it."""

    policy: RealmPolicy
    identifiers: Identifiers
    sessions: SessionStore
    revocation: RevocationStore
    proofs: ProofBindings | None
    background: BackgroundTasks

    async def __call__(self, user_id: str, *, tenant_id: str | None = None) -> None:
        """
        End every session, access token and outstanding reset proof, and delete the cached status.

        Raises:
            StoreUnavailable: The store did not answer.
        """
        subject = self.identifiers.subject(self.policy.realm, user_id, tenant_id)
        await self.background.shielded(self._revoke(subject))

    async def _revoke(self, subject: Subject) -> None:
        if self.policy.caches_status:
            await together(self.sessions.revoke_all(subject), self.revocation.forget_status(subject))
        else:
            await self.sessions.revoke_all(subject)
        # Last: without proofs a host still ends the sessions of a thief.
        if self.proofs is not None:
            await self.proofs.end_all(subject)


def _info_of(login: Sequence[SessionDetail], presented: str) -> ActiveSessionInfo:
    latest = max(login, key=lambda detail: (detail.last_activity_at, detail.session_hash))
    return ActiveSessionInfo(
        id=latest.session_hash[:8],
        session_hash=latest.session_hash,
        device=latest.device,
        ip=latest.ip,
        is_current=any(ct_eq_text(detail.session_hash, presented) for detail in login),
        created_at=int(min(detail.created_at for detail in login).timestamp() * 1000),
        last_activity_at=int(latest.last_activity_at.timestamp() * 1000),
    )

"""
Refresh sessions: the store, with the transitions that create, rotate and recover them.

Revocation is in `session_revocation`.  An account's index is not a table: it consists of the account's rows
in `sessions` and `grace`, and exists while there is one.  A family has a row of its own: it outlives the
session that began it, and its absence means that it was revoked.
"""

import logging
import sqlite3
from typing import Final

from bymax_auth.ports.sessions import (
    Consumed,
    Created,
    CreateOutcome,
    FamilyRevoked,
    Gone,
    GraceSpent,
    InGrace,
    Live,
    Missing,
    NewSession,
    Recovered,
    RecoverOutcome,
    Recovery,
    Reissued,
    ReissueOutcome,
    RevokedAll,
    RevokedSinceRotation,
    Rotated,
    RotateOutcome,
    Rotation,
    SessionSnapshot,
    Stale,
    SuccessorDead,
    SuccessorExchanged,
    UnknownToken,
)
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.embedded import session_revocation
from bymax_auth.stores.embedded.database import Database
from bymax_auth.stores.embedded.epochs import epoch_for_token
from bymax_auth.stores.embedded.expiring_values import has_value, set_value
from bymax_auth.stores.records import (
    decode_session_record,
    encode_session_detail,
    encode_session_record,
    session_created_at,
    unix_milliseconds,
)
from bymax_auth.stores.revocation_listeners import RevocationListeners
from bymax_auth.stores.session_details import HANDLED_AT_ONCE, listed_detail
from bymax_auth.types.identity import Realm, Subject, SubjectFactory, TokenRef
from bymax_auth.types.session import SessionDetail

__all__ = ["EmbeddedSessionStore"]

_logger: Final = logging.getLogger("bymax_auth")


class EmbeddedSessionStore:
    """Implements `SessionStore`."""

    __slots__ = ("_database", "_listeners")

    def __init__(self, database: Database, listeners: RevocationListeners) -> None:
        self._database = database
        self._listeners = listeners

    async def create(self, subject: Subject, new: NewSession) -> CreateOutcome:
        return await self._database.grow(_create, subject, new)

    async def snapshot(self, realm: Realm, ref: TokenRef) -> SessionSnapshot:
        seen = await self._database.read(_snapshot, realm, ref.hash)
        if seen is None:
            _logger.warning("A session record that cannot be read was deleted.")
            await self._database.change(session_revocation.discard, realm, ref.hash)
            return UnknownToken()
        return seen

    async def rotate(self, subject: Subject, rotation: Rotation) -> RotateOutcome:
        return await self._database.change(_rotate, subject, rotation)

    async def recover(self, subject: Subject, recovery: Recovery) -> RecoverOutcome:
        return await self._database.change(_recover, subject, recovery)

    async def reissue(self, subject: Subject, presented: TokenRef, successor: TokenRef) -> ReissueOutcome:
        return await self._database.change(_reissue, subject, presented.hash, successor.hash)

    async def list(self, subject: Subject) -> tuple[SessionDetail, ...]:
        return await self._database.read(_list, subject)

    async def revoke(self, subject: Subject, session_hash: str) -> bool:
        return await self._database.change(session_revocation.revoke, subject, session_hash)

    async def revoke_all(self, subject: Subject) -> RevokedAll:
        revoked = await self._database.change(session_revocation.revoke_all, subject)
        self._listeners.notify(subject.hash)
        return revoked

    async def revoke_all_except(
        self, subject: Subject, keep: str, *, must_exist: bool
    ) -> RevokedAll | Missing:
        outcome = await self._database.change(
            session_revocation.revoke_all_except, subject, keep, must_exist=must_exist
        )
        self._listeners.notify(subject.hash)
        return outcome

    async def revoke_family(
        self,
        realm: Realm,
        family_id: str,
        route: str | None,
        subject_of: SubjectFactory,
    ) -> FamilyRevoked:
        return await self._database.change(session_revocation.revoke_family, realm, family_id, subject_of)

    async def drop_grace(self, realm: Realm, ref: TokenRef) -> None:
        await self._database.change(session_revocation.drop_grace, realm, ref.hash)

    async def has_recent_auth(self, subject: Subject) -> bool:
        return await self._database.read(has_value, _recent_auth_key(subject))


def _create(cursor: sqlite3.Cursor, now: int, subject: Subject, new: NewSession) -> CreateOutcome:
    epoch = epoch_for_token(cursor, now, subject.hash)
    if new.expected_epoch is not None and new.expected_epoch != epoch:
        return Stale(epoch)
    _insert(cursor, now, subject, new)
    if (recent := milliseconds(new.recent_auth)) > 0:
        set_value(cursor, now, _recent_auth_key(subject), "1", recent)
    cap = new.cap or 0
    created = new.record.family_id or new.ref.hash
    evicted = _evict(cursor, now, subject, created, cap) if cap > 0 else ()
    return Created(epoch, evicted)


def _insert(cursor: sqlite3.Cursor, now: int, subject: Subject, new: NewSession) -> None:
    record = new.record
    expires = now + milliseconds(new.lifetime)
    cursor.execute(
        """INSERT INTO sessions (realm, hash, subject, family, record, detail, created_ms, exp_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            subject.realm,
            new.ref.hash,
            subject.hash,
            record.family_id,
            encode_session_record(record),
            encode_session_detail(record, record.created_at),
            unix_milliseconds(record.created_at),
            expires,
        ),
    )
    _extend_family(cursor, subject.realm, record.family_id, expires)


def _evict(cursor: sqlite3.Cursor, now: int, subject: Subject, created: str, cap: int) -> tuple[str, ...]:
    """Remove the oldest logins beyond the cap, never the one just created; return one hash of each."""
    # Of too many the oldest are read: what is beyond the cap in a part is beyond it in the whole.
    rows = cursor.execute(
        """SELECT coalesce(family, hash), hash FROM sessions
           WHERE subject = ? AND exp_ms > ? AND coalesce(family, hash) <> ?
           ORDER BY created_ms, hash LIMIT ?""",
        (subject.hash, now, created, max(HANDLED_AT_ONCE, 4 * cap)),
    ).fetchall()
    oldest: dict[str, str] = {}
    for login, session_hash in rows:
        oldest.setdefault(login, session_hash)
    evicted = tuple(oldest.items())[: max(len(oldest) + 1 - cap, 0)]
    for login, _ in evicted:
        session_revocation.delete_login(cursor, subject, login)
    return tuple(session_hash for _, session_hash in evicted)


def _snapshot(cursor: sqlite3.Cursor, now: int, realm: Realm, token: str) -> SessionSnapshot | None:
    """Return the state of the token, ``None`` when it is live and its record cannot be read."""
    record, detail, successor, pending, spent, family = cursor.execute(
        """SELECT s.record, s.detail, g.successor, g.record, g.spent, c.family FROM (SELECT 1)
           LEFT JOIN sessions s ON s.realm = ? AND s.hash = ? AND s.exp_ms > ?
           LEFT JOIN grace g ON g.realm = ? AND g.hash = ? AND g.exp_ms > ?
           LEFT JOIN consumed c ON c.realm = ? AND c.hash = ? AND c.exp_ms > ?""",
        (realm, token, now) * 3,
    ).fetchone()
    if record is not None:
        live = decode_session_record(record, realm)
        if live is None:
            return None
        return Live(live, session_created_at(detail, live))
    if spent is None:
        return UnknownToken() if family is None else Consumed(family)
    if spent:
        return GraceSpent(family)
    pending_record = decode_session_record(pending, realm)
    # In the grace window this is not a replay; without a readable record nothing can be recovered.
    if pending_record is None:
        return UnknownToken()
    return InGrace(_pointer(successor, pending), successor, pending_record, family)


def _rotate(cursor: sqlite3.Cursor, now: int, subject: Subject, rotation: Rotation) -> RotateOutcome:
    record, presented, successor = rotation.record, rotation.presented.hash, rotation.successor.hash
    text = encode_session_record(record)
    expires = now + milliseconds(rotation.lifetime)
    moved = cursor.execute(
        """UPDATE sessions SET hash = ?, family = ?, record = ?, detail = ?, created_ms = ?, exp_ms = ?
           WHERE realm = ? AND hash = ? AND subject = ? AND exp_ms > ?""",
        (
            successor,
            record.family_id,
            text,
            encode_session_detail(record, rotation.session_created_at),
            unix_milliseconds(rotation.session_created_at),
            expires,
            subject.realm,
            presented,
            subject.hash,
            now,
        ),
    ).rowcount
    if not moved:
        repeated = _leads_to(cursor, now, subject, presented, successor) and _is_live(
            cursor, now, subject, successor
        )
        return Rotated(epoch_for_token(cursor, now, subject.hash)) if repeated else Gone()
    if (grace := milliseconds(rotation.grace)) > 0:
        cursor.execute(
            """INSERT INTO grace (realm, hash, subject, successor, record, spent, exp_ms)
               VALUES (?, ?, ?, ?, ?, 0, ?)
               ON CONFLICT (realm, hash) DO UPDATE SET
                 subject = excluded.subject, successor = excluded.successor, record = excluded.record,
                 spent = 0, exp_ms = excluded.exp_ms""",
            (subject.realm, presented, subject.hash, successor, text, now + grace),
        )
    if record.family_id is not None:
        cursor.execute(
            """INSERT INTO consumed (realm, hash, family, exp_ms) VALUES (?, ?, ?, ?)
               ON CONFLICT (realm, hash) DO UPDATE SET family = excluded.family, exp_ms = excluded.exp_ms""",
            (subject.realm, presented, record.family_id, now + milliseconds(rotation.consumed_for)),
        )
        _extend_family(cursor, subject.realm, record.family_id, expires)
    return Rotated(epoch_for_token(cursor, now, subject.hash))


def _recover(cursor: sqlite3.Cursor, now: int, subject: Subject, recovery: Recovery) -> RecoverOutcome:
    row = cursor.execute(
        """SELECT successor, record, spent FROM grace
           WHERE realm = ? AND hash = ? AND subject = ? AND exp_ms > ?""",
        (subject.realm, recovery.presented.hash, subject.hash, now),
    ).fetchone()
    if row is None:
        return Gone()
    successor, pending, spent = row
    if spent:
        repeated = _is_live(cursor, now, subject, recovery.successor.hash)
        return Recovered(epoch_for_token(cursor, now, subject.hash)) if repeated else Gone()
    if _pointer(successor, pending) != recovery.seen.pointer:
        return Gone()
    _spend(cursor, subject.realm, recovery.presented.hash)
    if not _is_live(cursor, now, subject, successor):
        return SuccessorDead()
    # The live successor is a member of the account's index, so only the family can be missing.
    if not _has_family(cursor, now, subject.realm, recovery.record.family_id):
        return RevokedSinceRotation()
    new = NewSession(ref=recovery.successor, record=recovery.record, lifetime=recovery.lifetime)
    _insert(cursor, now, subject, new)
    return Recovered(epoch_for_token(cursor, now, subject.hash))


def _reissue(
    cursor: sqlite3.Cursor, now: int, subject: Subject, presented: str, successor: str
) -> ReissueOutcome:
    if not _leads_to(cursor, now, subject, presented, successor):
        return Gone()
    if _is_live(cursor, now, subject, successor):
        return Reissued(epoch_for_token(cursor, now, subject.hash))
    exchanged = cursor.execute(
        "SELECT 1 FROM grace WHERE realm = ? AND hash = ? AND exp_ms > ?", (subject.realm, successor, now)
    ).fetchone()
    if exchanged is not None:
        return SuccessorExchanged()
    _spend(cursor, subject.realm, presented)
    return SuccessorDead()


def _list(cursor: sqlite3.Cursor, now: int, subject: Subject) -> tuple[SessionDetail, ...]:
    rows = cursor.execute(
        """SELECT hash, record, detail FROM sessions WHERE subject = ? AND exp_ms > ?
           ORDER BY created_ms DESC, hash LIMIT ?""",
        (subject.hash, now, HANDLED_AT_ONCE),
    ).fetchall()
    return tuple(found for row in rows if (found := listed_detail(subject.realm, *row)) is not None)


def _leads_to(cursor: sqlite3.Cursor, now: int, subject: Subject, presented: str, successor: str) -> bool:
    """Say whether the token was exchanged for the successor, and is within its grace window."""
    found = cursor.execute(
        "SELECT 1 FROM grace WHERE realm = ? AND hash = ? AND subject = ? AND successor = ? AND exp_ms > ?",
        (subject.realm, presented, subject.hash, successor, now),
    ).fetchone()
    return found is not None


def _spend(cursor: sqlite3.Cursor, realm: Realm, presented: str) -> None:
    """Use a grace pointer up."""
    cursor.execute(
        "UPDATE grace SET spent = 1, successor = '', record = '' WHERE realm = ? AND hash = ?",
        (realm, presented),
    )


def _is_live(cursor: sqlite3.Cursor, now: int, subject: Subject, session_hash: str) -> bool:
    found = cursor.execute(
        "SELECT 1 FROM sessions WHERE realm = ? AND hash = ? AND subject = ? AND exp_ms > ?",
        (subject.realm, session_hash, subject.hash, now),
    ).fetchone()
    return found is not None


def _has_family(cursor: sqlite3.Cursor, now: int, realm: Realm, family_id: str | None) -> bool:
    """Say whether the family exists; a session without a family needs none."""
    if family_id is None:
        return True
    found = cursor.execute(
        "SELECT 1 FROM families WHERE realm = ? AND id = ? AND exp_ms > ?", (realm, family_id, now)
    ).fetchone()
    return found is not None


def _extend_family(cursor: sqlite3.Cursor, realm: Realm, family_id: str | None, expires: int) -> None:
    """Extend the family to the expiry of this member, unless another member expires later."""
    if family_id is not None:
        cursor.execute(
            """INSERT INTO families (realm, id, exp_ms) VALUES (?, ?, ?)
               ON CONFLICT (realm, id) DO UPDATE SET exp_ms = max(exp_ms, excluded.exp_ms)""",
            (realm, family_id, expires),
        )


def _pointer(successor: str, record: str) -> str:
    return f"{successor}:{record}"


def _recent_auth_key(subject: Subject) -> str:
    return "ra:" + subject.hash

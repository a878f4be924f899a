"""The transitions that take sessions away: one, all, all but one, one login's."""

import sqlite3

from bymax_auth.ports.sessions import FamilyRevoked, Missing, RevokedAll
from bymax_auth.stores.embedded.epochs import raise_epoch
from bymax_auth.stores.records import decode_session_record
from bymax_auth.types.identity import Realm, Subject, SubjectFactory

__all__ = ["discard", "drop_grace", "revoke", "revoke_all", "revoke_all_except", "revoke_family"]

_NOBODY = ""
"""No session has this hash."""


def revoke(cursor: sqlite3.Cursor, now: int, subject: Subject, session_hash: str) -> bool:
    """End one session of the account; say whether it had it."""
    cursor.execute(
        "DELETE FROM sessions WHERE realm = ? AND hash = ? AND subject = ? AND exp_ms > ?",
        (subject.realm, session_hash, subject.hash, now),
    )
    return cursor.rowcount == 1


def revoke_all(cursor: sqlite3.Cursor, now: int, subject: Subject) -> RevokedAll:
    """End every session and pointer of the account, and raise its epoch."""
    return _sweep(cursor, now, subject, _NOBODY)


def revoke_all_except(
    cursor: sqlite3.Cursor, now: int, subject: Subject, keep: str, *, must_exist: bool
) -> RevokedAll | Missing:
    """As `revoke_all`, sparing `keep`; the pointer that leads to it goes with the others."""
    if must_exist:
        kept = cursor.execute(
            "SELECT 1 FROM sessions WHERE realm = ? AND hash = ? AND subject = ? AND exp_ms > ?",
            (subject.realm, keep, subject.hash, now),
        ).fetchone()
        if kept is None:
            return Missing()
    return _sweep(cursor, now, subject, keep)


def revoke_family(
    cursor: sqlite3.Cursor, now: int, realm: Realm, family_id: str, subject_of: SubjectFactory
) -> FamilyRevoked:
    """End every session of one login, and name its owner when a record does."""
    members = cursor.execute(
        """SELECT record FROM sessions WHERE family = ? AND realm = ? AND exp_ms > ?
           ORDER BY created_ms, hash""",
        (family_id, realm, now),
    ).fetchall()
    cursor.execute("DELETE FROM sessions WHERE family = ? AND realm = ?", (family_id, realm))
    cursor.execute("DELETE FROM families WHERE realm = ? AND id = ?", (realm, family_id))
    readable = (found for row in members if (found := decode_session_record(row[0], realm)) is not None)
    first = next(readable, None)
    owner = None if first is None else subject_of(first.user_id, first.tenant_id)
    return FamilyRevoked(owner, len(members))


def drop_grace(cursor: sqlite3.Cursor, _now: int, realm: Realm, token: str) -> None:
    """Forget the pointer of an exchanged token."""
    cursor.execute("DELETE FROM grace WHERE realm = ? AND hash = ?", (realm, token))


def discard(cursor: sqlite3.Cursor, _now: int, realm: Realm, token: str) -> None:
    """Delete a session, whoever owns it."""
    cursor.execute("DELETE FROM sessions WHERE realm = ? AND hash = ?", (realm, token))


def _sweep(cursor: sqlite3.Cursor, now: int, subject: Subject, keep: str) -> RevokedAll:
    cursor.execute(
        "DELETE FROM sessions WHERE subject = ? AND hash <> ? AND exp_ms > ?", (subject.hash, keep, now)
    )
    removed = cursor.rowcount
    cursor.execute("DELETE FROM grace WHERE subject = ?", (subject.hash,))
    return RevokedAll(removed, raise_epoch(cursor, now, subject.hash))

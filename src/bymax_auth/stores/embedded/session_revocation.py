"""The transitions that revoke sessions: one, all, all but one, or those of one login."""

import sqlite3

from bymax_auth.ports.sessions import FamilyRevoked, Missing, RevokedAll
from bymax_auth.stores.embedded.epochs import raise_epoch
from bymax_auth.stores.records import decode_session_record
from bymax_auth.types.identity import Realm, Subject, SubjectFactory

__all__ = ["discard", "drop_grace", "revoke", "revoke_all", "revoke_all_except", "revoke_family"]

_NO_SESSION = ""
"""No session has this hash."""


def revoke(cursor: sqlite3.Cursor, now: int, subject: Subject, session_hash: str) -> bool:
    """Revoke one session of the account; say whether the account had it."""
    cursor.execute(
        "DELETE FROM sessions WHERE realm = ? AND hash = ? AND subject = ? AND exp_ms > ?",
        (subject.realm, session_hash, subject.hash, now),
    )
    return cursor.rowcount == 1


def revoke_all(cursor: sqlite3.Cursor, now: int, subject: Subject) -> RevokedAll:
    """Revoke every session and grace pointer of the account, and raise its epoch."""
    return _revoke_all(cursor, now, subject, _NO_SESSION)


def revoke_all_except(
    cursor: sqlite3.Cursor, now: int, subject: Subject, keep: str, *, must_exist: bool
) -> RevokedAll | Missing:
    """Revoke as `revoke_all` does, except `keep`; the grace pointer to it is deleted with the others."""
    if must_exist:
        kept = cursor.execute(
            "SELECT 1 FROM sessions WHERE realm = ? AND hash = ? AND subject = ? AND exp_ms > ?",
            (subject.realm, keep, subject.hash, now),
        ).fetchone()
        if kept is None:
            return Missing()
    return _revoke_all(cursor, now, subject, keep)


def revoke_family(
    cursor: sqlite3.Cursor, now: int, realm: Realm, family_id: str, subject_of: SubjectFactory
) -> FamilyRevoked:
    """Revoke every session of one login, and return its owner when a record names one."""
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
    """Delete the grace pointer of a rotated token."""
    cursor.execute("DELETE FROM grace WHERE realm = ? AND hash = ?", (realm, token))


def discard(cursor: sqlite3.Cursor, _now: int, realm: Realm, token: str) -> None:
    """Delete a session, whoever owns it."""
    cursor.execute("DELETE FROM sessions WHERE realm = ? AND hash = ?", (realm, token))


def _revoke_all(cursor: sqlite3.Cursor, now: int, subject: Subject, keep: str) -> RevokedAll:
    cursor.execute(
        "DELETE FROM sessions WHERE subject = ? AND hash <> ? AND exp_ms > ?", (subject.hash, keep, now)
    )
    removed = cursor.rowcount
    cursor.execute("DELETE FROM grace WHERE subject = ?", (subject.hash,))
    return RevokedAll(removed, raise_epoch(cursor, now, subject.hash))

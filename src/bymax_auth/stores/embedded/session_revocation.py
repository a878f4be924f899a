"""The transitions that revoke sessions: one login, all, or all but one login."""

import sqlite3

from bymax_auth.ports.sessions import EXCHANGES_FOLLOWED, FamilyRevoked, Missing, RevokedAll
from bymax_auth.stores.embedded.epochs import raise_epoch
from bymax_auth.stores.records import decode_session_record
from bymax_auth.types.identity import Realm, Subject, SubjectFactory

__all__ = [
    "delete_login",
    "discard",
    "drop_grace",
    "revoke",
    "revoke_all",
    "revoke_all_except",
    "revoke_family",
]

_NO_LOGIN = ""
"""No login has this name."""


def revoke(cursor: sqlite3.Cursor, now: int, subject: Subject, session_hash: str) -> bool:
    """Revoke the login of one session of the account; say whether the account had it."""
    (login,) = cursor.execute(
        """SELECT coalesce((SELECT family FROM sessions WHERE realm = ?1 AND hash = ?2 AND subject = ?3),
                           (SELECT family FROM consumed WHERE realm = ?1 AND hash = ?2 AND exp_ms > ?4),
                           ?2)""",
        (subject.realm, session_hash, subject.hash, now),
    ).fetchone()
    (live,) = cursor.execute(
        """SELECT EXISTS (SELECT 1 FROM sessions
                          WHERE hash = ?2 AND realm = ?1 AND subject = ?3 AND exp_ms > ?4)
               OR EXISTS (SELECT 1 FROM sessions
                          WHERE family = ?2 AND realm = ?1 AND +subject = ?3 AND exp_ms > ?4)""",
        (subject.realm, login, subject.hash, now),
    ).fetchone()
    delete_login(cursor, subject, login)
    return bool(live)


def delete_login(cursor: sqlite3.Cursor, subject: Subject, login: str) -> None:
    """Delete the sessions of a family of the account, or its session of that hash, which has no family."""
    # One statement with both conditions would read every session of the realm.
    named = (login, subject.realm, subject.hash)
    cursor.execute("DELETE FROM sessions WHERE hash = ? AND realm = ? AND subject = ?", named)
    cursor.execute("DELETE FROM sessions WHERE family = ? AND realm = ? AND +subject = ?", named)


def revoke_all(cursor: sqlite3.Cursor, now: int, subject: Subject) -> RevokedAll:
    """Revoke every session and grace pointer of the account, and raise its epoch."""
    return _revoke_all(cursor, now, subject, _NO_LOGIN)


def revoke_all_except(
    cursor: sqlite3.Cursor, now: int, subject: Subject, keep: str, *, must_exist: bool
) -> RevokedAll | Missing:
    """Revoke as `revoke_all` does, except the login of `keep`; grace pointers to it are deleted too."""
    kept = _login_of(cursor, now, subject, keep)
    if kept == _NO_LOGIN and must_exist:
        return Missing()
    return _revoke_all(cursor, now, subject, kept)


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


def drop_grace(cursor: sqlite3.Cursor, now: int, realm: Realm, token: str) -> None:
    """Delete the grace pointer of a rotated token, and the expired sessions that the token names."""
    cursor.execute("DELETE FROM grace WHERE realm = ? AND hash = ?", (realm, token))
    cursor.execute(
        "DELETE FROM sessions WHERE realm = ? AND hash = ? AND exp_ms <= ?",
        (realm, token, now),
    )
    cursor.execute(
        """DELETE FROM sessions WHERE +realm = ?1 AND +exp_ms <= ?3
           AND family = (SELECT family FROM consumed WHERE realm = ?1 AND hash = ?2)""",
        (realm, token, now),
    )


def discard(cursor: sqlite3.Cursor, _now: int, realm: Realm, token: str) -> None:
    """Delete a session, whoever owns it."""
    cursor.execute("DELETE FROM sessions WHERE realm = ? AND hash = ?", (realm, token))


def _login_of(cursor: sqlite3.Cursor, now: int, subject: Subject, token: str) -> str:
    """Return the login of the live session that a token of the account is, or has just been exchanged for."""
    for _ in range(EXCHANGES_FOLLOWED + 1):
        login, successor = cursor.execute(
            """SELECT coalesce(s.family, s.hash), g.successor FROM (SELECT 1)
               LEFT JOIN sessions s ON s.realm = ?1 AND s.hash = ?2 AND s.subject = ?3 AND s.exp_ms > ?4
               LEFT JOIN grace g ON g.realm = ?1 AND g.hash = ?2 AND g.subject = ?3 AND g.exp_ms > ?4""",
            (subject.realm, token, subject.hash, now),
        ).fetchone()
        if login is not None:
            return str(login)
        if not successor:
            return _NO_LOGIN
        token = successor
    return _NO_LOGIN


def _revoke_all(cursor: sqlite3.Cursor, now: int, subject: Subject, kept: str) -> RevokedAll:
    # Expired sessions go as well: a clock that ran ahead and is put back would make them live again.
    (removed,) = cursor.execute(
        "SELECT count(*) FROM sessions WHERE subject = ? AND coalesce(family, hash) <> ? AND exp_ms > ?",
        (subject.hash, kept, now),
    ).fetchone()
    cursor.execute(
        "DELETE FROM sessions WHERE subject = ? AND coalesce(family, hash) <> ?", (subject.hash, kept)
    )
    cursor.execute("DELETE FROM grace WHERE subject = ?", (subject.hash,))
    return RevokedAll(removed, raise_epoch(cursor, now, subject.hash))

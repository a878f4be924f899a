"""
The state of the second factor: pending enrolments, temporary tokens, used codes and locks.

A used code is kept in `blacklist`, beside the revoked token ids: both go on being refused when the clock is
put back, whereas what `marks` holds of the second factor is then deleted.
"""

import logging
import sqlite3
from datetime import timedelta
from typing import Final

from bymax_auth.ports.mfa import MfaSetupRecord, MfaTempState
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.embedded.clock_steps import TOLERANCE_MS
from bymax_auth.stores.embedded.database import Database
from bymax_auth.stores.embedded.epochs import checked_epoch
from bymax_auth.stores.embedded.expiring_values import read_value, set_if_absent, set_value, take_value
from bymax_auth.stores.records import decode_mfa_setup, encode_mfa_setup
from bymax_auth.types.identity import Subject

__all__ = ["EmbeddedMfaStore"]

_logger: Final = logging.getLogger("bymax_auth")


class EmbeddedMfaStore:
    """Implements `MfaStore`."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_setup(self, subject: Subject, record: MfaSetupRecord, ttl: timedelta) -> bool:
        key, text = _setup_key(subject), encode_mfa_setup(record)
        return await self._database.grow(set_if_absent, key, milliseconds(ttl), text)

    async def read_setup(self, subject: Subject) -> MfaSetupRecord | None:
        text = await self._database.read(read_value, _setup_key(subject))
        return None if text is None else decode_mfa_setup(text)

    async def take_setup(self, subject: Subject) -> MfaSetupRecord | None:
        text = await self._database.change(take_value, _setup_key(subject))
        if text is None:
            return None
        record = decode_mfa_setup(text)
        if record is None:
            _logger.warning("A pending enrolment that cannot be read was deleted.")
        return record

    async def put_temp(self, subject: Subject, jti_hash: str, ttl: timedelta) -> None:
        await self._database.grow(set_value, _temp_key(jti_hash), subject.user_id, milliseconds(ttl))

    async def temp_state(self, subject: Subject, jti_hash: str) -> MfaTempState:
        return await self._database.read(_temp_state, subject.hash, _temp_key(jti_hash))

    async def delete_temp(self, subject: Subject, jti_hash: str) -> bool:
        return await self._database.change(take_value, _temp_key(jti_hash)) is not None

    async def mark_totp_used(self, subject: Subject, code_hash: str, ttl: timedelta) -> bool:
        return await self._database.grow(_use_code, _totp_key(code_hash), milliseconds(ttl))

    async def claim_recovery_code(self, subject: Subject, code_hash: str, ttl: timedelta) -> bool:
        return await self._database.grow(_use_code, "rcu:" + code_hash, milliseconds(ttl))

    async def consume_challenge(
        self, subject: Subject, code_hash: str, jti_hash: str, ttl: timedelta
    ) -> bool:
        code, temp = _totp_key(code_hash), _temp_key(jti_hash)
        return await self._database.grow(_consume_challenge, code, temp, milliseconds(ttl))

    async def acquire_lock(self, subject: Subject, nonce: str, ttl: timedelta) -> bool:
        return await self._database.grow(set_if_absent, _lock_key(subject), milliseconds(ttl), nonce)

    async def release_lock(self, subject: Subject, nonce: str) -> bool:
        return await self._database.change(_release_lock, _lock_key(subject), nonce)


def _temp_state(cursor: sqlite3.Cursor, now: int, subject: str, key: str) -> MfaTempState:
    user_id, epoch = cursor.execute(
        """SELECT (SELECT value FROM marks WHERE key = ? AND exp_ms > ? AND latest_ms - ? <= ?),
                  max(lowest_epoch,
                      coalesce((SELECT value FROM epochs WHERE subject = ? AND exp_ms > ?), 0))
           FROM clock""",
        (key, now, now, TOLERANCE_MS, subject, now),
    ).fetchone()
    return MfaTempState(user_id, checked_epoch(epoch))


def _use_code(cursor: sqlite3.Cursor, now: int, key: str, lifetime: int) -> bool:
    """Refuse a code from now on, and say whether it was unused."""
    cursor.execute(
        """INSERT INTO blacklist (jti, exp_ms) VALUES (?, ?)
           ON CONFLICT (jti) DO UPDATE SET exp_ms = excluded.exp_ms WHERE blacklist.exp_ms <= ?""",
        (key, now + lifetime, now),
    )
    return cursor.rowcount == 1


def _consume_challenge(cursor: sqlite3.Cursor, now: int, code: str, temp: str, lifetime: int) -> bool:
    """Use a code and a temporary token together: a code for a token that is gone stays unused."""
    if read_value(cursor, now, temp) is None or not _use_code(cursor, now, code, lifetime):
        return False
    take_value(cursor, now, temp)
    return True


def _release_lock(cursor: sqlite3.Cursor, now: int, key: str, nonce: str) -> bool:
    cursor.execute("DELETE FROM marks WHERE key = ? AND value = ? AND exp_ms > ?", (key, nonce, now))
    return cursor.rowcount == 1


def _setup_key(subject: Subject) -> str:
    return "mfa_setup:" + subject.hash


def _temp_key(jti_hash: str) -> str:
    return "mfa:" + jti_hash


def _totp_key(code_hash: str) -> str:
    return "tu:" + code_hash


def _lock_key(subject: Subject) -> str:
    return "mfalock:" + subject.hash

"""One-time codes by purpose and address."""

import hmac
import sqlite3
from datetime import timedelta

from bymax_auth.config.constants import OTP_MAX_WRONG_CODES
from bymax_auth.ports.one_time import OtpId, OtpVerdict
from bymax_auth.stores.attempt_limits import WRONG_CODES_WINDOW_MS
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.embedded.attempts import failure_key
from bymax_auth.stores.embedded.database import Database
from bymax_auth.stores.embedded.displacement import FAILURES, RESENDS
from bymax_auth.stores.embedded.expiring_values import set_if_absent
from bymax_auth.stores.embedded.fixed_window import current_count, increment

__all__ = ["EmbeddedOtpStore"]


class EmbeddedOtpStore:
    """Implements `OtpStore`."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, otp: OtpId, fingerprint: str, ttl: timedelta) -> None:
        await self._database.grow(_put, _key(otp), fingerprint, milliseconds(ttl))

    async def verify(self, otp: OtpId, fingerprint: str, max_attempts: int) -> OtpVerdict:
        failures = failure_key(otp.ceiling)
        return await self._database.displace(FAILURES, failures, _verify, otp, fingerprint, max_attempts)

    async def try_begin_resend(self, otp: OtpId, cooldown: timedelta) -> bool:
        key = RESENDS.prefix + _key(otp)
        return await self._database.displace(RESENDS, key, set_if_absent, key, milliseconds(cooldown))


def _put(cursor: sqlite3.Cursor, now: int, key: str, fingerprint: str, lifetime: int) -> None:
    cursor.execute(
        """INSERT INTO otps (key, code, attempts, exp_ms) VALUES (?, ?, 0, ?)
           ON CONFLICT (key) DO UPDATE SET code = excluded.code, attempts = 0, exp_ms = excluded.exp_ms""",
        (key, fingerprint, now + lifetime),
    )


def _verify(cursor: sqlite3.Cursor, now: int, otp: OtpId, fingerprint: str, max_attempts: int) -> OtpVerdict:
    wrong_codes, _ = current_count(cursor, now, failure_key(otp.ceiling))
    if wrong_codes >= OTP_MAX_WRONG_CODES:
        return OtpVerdict.MAX
    row = cursor.execute(
        "SELECT code, attempts FROM otps WHERE key = ? AND exp_ms > ?", (_key(otp), now)
    ).fetchone()
    if row is None:
        return OtpVerdict.EXPIRED
    code, attempts = row
    if attempts >= max_attempts:
        _delete(cursor, otp)
        return OtpVerdict.MAX
    if hmac.compare_digest(str(code).encode(), fingerprint.encode()):
        _delete(cursor, otp)
        return OtpVerdict.OK
    cursor.execute("UPDATE otps SET attempts = attempts + 1 WHERE key = ?", (_key(otp),))
    increment(cursor, now, failure_key(otp.ceiling), WRONG_CODES_WINDOW_MS)
    return OtpVerdict.WRONG


def _delete(cursor: sqlite3.Cursor, otp: OtpId) -> None:
    cursor.execute("DELETE FROM otps WHERE key = ?", (_key(otp),))


def _key(otp: OtpId) -> str:
    return f"{otp.purpose}:{otp.hash}"

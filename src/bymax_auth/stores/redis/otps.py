"""One-time codes by purpose and address."""

import hmac
from datetime import timedelta
from typing import Final

from bymax_auth.config.constants import OTP_MAX_WRONG_CODES
from bymax_auth.ports.one_time import OtpId, OtpVerdict
from bymax_auth.stores.attempt_limits import WRONG_CODES_WINDOW_MS
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.redis.replies import parse_reply
from bymax_auth.stores.redis.scripts.attempt_scripts import (
    OTP_PUT,
    OTP_VERIFY,
)
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor

__all__ = ["RedisOtpStore"]

_STORED: Final[dict[str, tuple[type, ...]]] = {"OK": ()}
_VERIFIED: Final = {"EXPIRED": (str,), "MAX": (str,), "PRESENT": (str,)}
_REFUSED: Final = {"EXPIRED": OtpVerdict.EXPIRED, "MAX": OtpVerdict.MAX}


class RedisOtpStore:
    """Implements `OtpStore`."""

    __slots__ = ("_executor",)

    def __init__(self, executor: ScriptExecutor) -> None:
        self._executor = executor

    async def put(self, otp: OtpId, fingerprint: str, ttl: timedelta) -> None:
        reply = await self._executor.run(
            OTP_PUT,
            OTP_PUT.keys(code=self._key("otp", otp)),
            OTP_PUT.arguments(fingerprint=fingerprint, lifetime_ms=milliseconds(ttl)),
        )
        parse_reply(reply, _STORED)

    async def verify(self, otp: OtpId, fingerprint: str, max_attempts: int) -> OtpVerdict:
        reply = await self._executor.run(
            OTP_VERIFY,
            OTP_VERIFY.keys(
                code=self._key("otp", otp),
                wrong_codes=self._executor.keys.key("lf", otp.ceiling, otp.hash[:4]),
            ),
            OTP_VERIFY.arguments(
                fingerprint=fingerprint,
                max_attempts=max_attempts,
                max_wrong_codes=OTP_MAX_WRONG_CODES,
                wrong_codes_window_ms=WRONG_CODES_WINDOW_MS,
            ),
        )
        outcome, stored = parse_reply(reply, _VERIFIED)
        if outcome in _REFUSED:
            return _REFUSED[outcome]
        # The script's comparison only decides what is counted; this one, in constant time, is the verdict.
        right = hmac.compare_digest(stored.encode(), fingerprint.encode())
        return OtpVerdict.OK if right else OtpVerdict.WRONG

    async def try_begin_resend(self, otp: OtpId, cooldown: timedelta) -> bool:
        key = self._key("resend", otp)
        return await self._executor.write("SET", key, "1", "NX", "PX", milliseconds(cooldown)) is not None

    def _key(self, prefix: str, otp: OtpId) -> str:
        return self._executor.keys.key(prefix, f"{otp.purpose}:{otp.hash}", otp.hash[:4])

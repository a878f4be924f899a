"""One-time codes by purpose and address."""

import hmac
from datetime import timedelta
from typing import Final

from bymax_auth.ports.one_time import OtpId, OtpVerdict
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.redis.script_replies import shaped
from bymax_auth.stores.redis.scripts.executor import RedisServer
from bymax_auth.stores.redis.scripts.script import script

__all__ = ["RedisOtpStore"]

_PUT: Final = script("otp_put")
_VERIFY: Final = script("otp_verify")

_WRONG_CODES_PER_DAY: Final = 50
_DAY_MS: Final = 86_400_000

_STORED: Final[dict[str, tuple[type, ...]]] = {"OK": ()}
_JUDGED: Final = {"EXPIRED": (str,), "MAX": (str,), "PRESENT": (str,)}
_REFUSED: Final = {"EXPIRED": OtpVerdict.EXPIRED, "MAX": OtpVerdict.MAX}


class RedisOtpStore:
    """Implements `OtpStore`."""

    __slots__ = ("_server",)

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def put(self, otp: OtpId, fingerprint: str, ttl: timedelta) -> None:
        reply = await self._server.run(_PUT, [self._key("otp", otp)], [fingerprint, milliseconds(ttl)])
        shaped(reply, _STORED)

    async def verify(self, otp: OtpId, fingerprint: str, max_attempts: int) -> OtpVerdict:
        reply = await self._server.run(
            _VERIFY,
            [self._key("otp", otp), self._server.keys.key("lf", otp.ceiling, otp.hash[:4])],
            [fingerprint, max_attempts, _WRONG_CODES_PER_DAY, _DAY_MS],
        )
        outcome, stored = shaped(reply, _JUDGED)
        if outcome in _REFUSED:
            return _REFUSED[outcome]
        # The script's own comparison only decides what is counted; this one, in constant time, decides.
        right = hmac.compare_digest(stored.encode(), fingerprint.encode())
        return OtpVerdict.OK if right else OtpVerdict.WRONG

    async def try_begin_resend(self, otp: OtpId, cooldown: timedelta) -> bool:
        key = self._key("resend", otp)
        return await self._server.write("SET", key, "1", "NX", "PX", milliseconds(cooldown)) is not None

    def _key(self, prefix: str, otp: OtpId) -> str:
        return self._server.keys.key(prefix, f"{otp.purpose}:{otp.hash}", otp.hash[:4])

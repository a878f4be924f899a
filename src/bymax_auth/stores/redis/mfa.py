"""
The state of the second factor: pending enrolments, temporary tokens, used codes and locks.

Both realms share the prefixes: an account's digest names its realm, and so does that of a code.
"""

import logging
import secrets
from datetime import timedelta
from typing import Any, Final

from bymax_auth.ports.mfa import MfaSetupRecord, MfaTempState
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.records import decode_mfa_setup, encode_mfa_setup
from bymax_auth.stores.redis.keys import PREFIXES
from bymax_auth.stores.redis.replies import parse_count, parse_reply
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.scripts.mfa_scripts import MFA_CHALLENGE, RELEASE_LOCK
from bymax_auth.types.identity import Subject

__all__ = ["RedisMfaStore"]

_logger: Final = logging.getLogger("bymax_auth")

_CONSUMED: Final[dict[str, tuple[type, ...]]] = {"OK": (), "USED": ()}
_RELEASED: Final[dict[str, tuple[type, ...]]] = {"OK": (), "LOST": ()}


class RedisMfaStore:
    """Implements `MfaStore`."""

    __slots__ = ("_executor",)

    def __init__(self, executor: ScriptExecutor) -> None:
        self._executor = executor

    async def put_setup(self, subject: Subject, record: MfaSetupRecord, ttl: timedelta) -> bool:
        return await self._set_if_absent(self._setup_key(subject), encode_mfa_setup(record), ttl)

    async def read_setup(self, subject: Subject) -> MfaSetupRecord | None:
        text = await self._executor.read("GET", self._setup_key(subject))
        return decode_mfa_setup(text) if isinstance(text, str) else None

    async def take_setup(self, subject: Subject) -> MfaSetupRecord | None:
        text = await self._executor.write("GETDEL", self._setup_key(subject), durable=True)
        if not isinstance(text, str):
            return None
        record = decode_mfa_setup(text)
        if record is None:
            _logger.warning("A pending enrolment that cannot be read was deleted.")
        return record

    async def put_temp(self, subject: Subject, jti_hash: str, ttl: timedelta) -> None:
        key = self._key("mfa", jti_hash, subject)
        await self._executor.write("SET", key, subject.user_id, "PX", milliseconds(ttl))

    async def temp_state(self, subject: Subject, jti_hash: str) -> MfaTempState:
        epoch_key = self._key(PREFIXES[subject.realm].epoch, subject.hash, subject)
        found: Any = await self._executor.read("MGET", self._key("mfa", jti_hash, subject), epoch_key)
        user_id, epoch = found
        return MfaTempState(user_id, parse_count(epoch))

    async def delete_temp(self, subject: Subject, jti_hash: str) -> bool:
        return await self._executor.write("DEL", self._key("mfa", jti_hash, subject), durable=True) == 1

    async def mark_totp_used(self, subject: Subject, code_hash: str, ttl: timedelta) -> bool:
        return await self._set_if_absent(self._key("tu", code_hash, subject), "1", ttl, durable=True)

    async def claim_recovery_code(self, subject: Subject, code_hash: str, ttl: timedelta) -> bool:
        return await self._set_if_absent(self._key("rcu", code_hash, subject), "1", ttl, durable=True)

    async def consume_challenge(
        self, subject: Subject, code_hash: str, jti_hash: str, ttl: timedelta
    ) -> bool:
        reply = await self._executor.run(
            MFA_CHALLENGE,
            MFA_CHALLENGE.keys(
                code=self._key("tu", code_hash, subject), temp_token=self._key("mfa", jti_hash, subject)
            ),
            MFA_CHALLENGE.arguments(lifetime_ms=milliseconds(ttl), nonce=secrets.token_hex(16)),
            durable=True,
        )
        return parse_reply(reply, _CONSUMED)[0] == "OK"

    async def acquire_lock(self, subject: Subject, nonce: str, ttl: timedelta) -> bool:
        return await self._set_if_absent(self._lock_key(subject), nonce, ttl)

    async def release_lock(self, subject: Subject, nonce: str) -> bool:
        reply = await self._executor.run(
            RELEASE_LOCK,
            RELEASE_LOCK.keys(lock=self._lock_key(subject)),
            RELEASE_LOCK.arguments(nonce=nonce),
        )
        return parse_reply(reply, _RELEASED)[0] == "OK"

    async def _set_if_absent(self, key: str, value: str, ttl: timedelta, *, durable: bool = False) -> bool:
        command = ("SET", key, value, "NX", "PX", milliseconds(ttl))
        return await self._executor.write(*command, durable=durable) is not None

    def _setup_key(self, subject: Subject) -> str:
        return self._key("mfa_setup", subject.hash, subject)

    def _lock_key(self, subject: Subject) -> str:
        return self._key("mfalock", subject.hash, subject)

    def _key(self, prefix: str, identifier: str, subject: Subject) -> str:
        return self._executor.keys.key(prefix, identifier, subject.route)

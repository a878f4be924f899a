"""Single-use proofs, by the hash of their token."""

import logging
from datetime import timedelta
from typing import Final

from bymax_auth.ports.one_time import PayloadT, ProofKind
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.proof_records import decode_proof, encode_proof
from bymax_auth.stores.redis.scripts.attempt_scripts import PROOF_PUT
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor

__all__ = ["RedisProofStore"]

_logger: Final = logging.getLogger("bymax_auth")


class RedisProofStore:
    """Implements `ProofStore`."""

    __slots__ = ("_executor",)

    def __init__(self, executor: ScriptExecutor) -> None:
        self._executor = executor

    async def put(
        self, kind: ProofKind[PayloadT], token_hash: str, payload: PayloadT, ttl: timedelta
    ) -> None:
        key, text, lifetime_ms = self._key(kind, token_hash), encode_proof(kind, payload), milliseconds(ttl)
        if not kind.kept_when_full:
            await self._executor.write("SET", key, text, "PX", lifetime_ms)
            return
        await self._executor.run(
            PROOF_PUT,
            PROOF_PUT.keys(proof=key),
            PROOF_PUT.arguments(payload=text, lifetime_ms=lifetime_ms),
            durable=True,
        )

    async def consume(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        text = await self._executor.write("GETDEL", self._key(kind, token_hash), durable=True)
        if not isinstance(text, str):
            return None
        payload = decode_proof(kind, text)
        if payload is None:
            _logger.warning("A proof that cannot be read was consumed.")
        return payload

    async def read(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        text = await self._executor.read("GET", self._key(kind, token_hash))
        return decode_proof(kind, text) if isinstance(text, str) else None

    async def delete(self, kind: ProofKind[PayloadT], token_hash: str) -> None:
        await self._executor.write("DEL", self._key(kind, token_hash))

    def _key(self, kind: ProofKind[PayloadT], token_hash: str) -> str:
        return self._executor.keys.key(kind.prefix, token_hash, token_hash[:4])

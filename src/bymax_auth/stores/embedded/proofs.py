"""Single-use proofs, by the hash of their token."""

import logging
from datetime import timedelta
from typing import Final

from bymax_auth.ports.one_time import PayloadT, ProofKind
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.embedded.database import Database
from bymax_auth.stores.embedded.proof_rows import read_proof, set_proof, take_proof
from bymax_auth.stores.proof_records import decode_proof, encode_proof

__all__ = ["EmbeddedProofStore"]

_logger: Final = logging.getLogger("bymax_auth")


class EmbeddedProofStore:
    """Implements `ProofStore`."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self, kind: ProofKind[PayloadT], token_hash: str, payload: PayloadT, ttl: timedelta
    ) -> None:
        text = encode_proof(kind, payload)
        write = self._database.change if kind.kept_when_full else self._database.grow
        await write(set_proof, kind.prefix, token_hash, text, milliseconds(ttl))

    async def consume(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        text = await self._database.change(take_proof, kind.prefix, token_hash)
        if text is None:
            return None
        payload = decode_proof(kind, text)
        if payload is None:
            _logger.warning("A proof that cannot be read was consumed.")
        return payload

    async def read(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        text = await self._database.read(read_proof, kind.prefix, token_hash)
        return None if text is None else decode_proof(kind, text)

    async def delete(self, kind: ProofKind[PayloadT], token_hash: str) -> None:
        await self._database.change(take_proof, kind.prefix, token_hash)

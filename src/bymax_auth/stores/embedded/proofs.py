"""Single-use proofs, by the hash of their token."""

import logging
import sqlite3
from datetime import timedelta
from typing import Final

from bymax_auth.ports.one_time import PayloadT, ProofKind
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.embedded.clock_steps import TOLERANCE_MS
from bymax_auth.stores.embedded.database import Database
from bymax_auth.stores.records import decode_proof, encode_proof

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
        await write(_put, kind.prefix, token_hash, text, milliseconds(ttl))

    async def consume(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        text = await self._database.change(_take, kind.prefix, token_hash)
        if text is None:
            return None
        payload = decode_proof(kind, text)
        if payload is None:
            _logger.warning("A proof that cannot be read was consumed.")
        return payload

    async def read(self, kind: ProofKind[PayloadT], token_hash: str) -> PayloadT | None:
        text = await self._database.read(_read, kind.prefix, token_hash)
        return None if text is None else decode_proof(kind, text)

    async def delete(self, kind: ProofKind[PayloadT], token_hash: str) -> None:
        await self._database.change(_take, kind.prefix, token_hash)


def _put(cursor: sqlite3.Cursor, now: int, *row: str | int) -> None:
    prefix, token_hash, text, lifetime = row
    cursor.execute(
        """INSERT INTO proofs (kind, hash, payload, exp_ms) VALUES (?, ?, ?, ?)
           ON CONFLICT (kind, hash) DO UPDATE SET payload = excluded.payload, exp_ms = excluded.exp_ms""",
        (prefix, token_hash, text, now + int(lifetime)),
    )


def _read(cursor: sqlite3.Cursor, now: int, prefix: str, token_hash: str) -> str | None:
    row = cursor.execute(
        """SELECT payload FROM proofs, clock
           WHERE kind = ? AND hash = ? AND exp_ms > ? AND latest_ms - ? <= ?""",
        (prefix, token_hash, now, now, TOLERANCE_MS),
    ).fetchone()
    return None if row is None else row[0]


def _take(cursor: sqlite3.Cursor, now: int, prefix: str, token_hash: str) -> str | None:
    """Delete the proof and return its payload, ``None`` when it has expired."""
    row = cursor.execute(
        "DELETE FROM proofs WHERE kind = ? AND hash = ? RETURNING payload, exp_ms", (prefix, token_hash)
    ).fetchone()
    return row[0] if row is not None and row[1] > now else None

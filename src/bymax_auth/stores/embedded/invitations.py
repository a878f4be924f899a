"""Invitations: records among the proofs, and the index entries of invitees among the marks."""

import logging
import sqlite3
from datetime import timedelta
from typing import Final, NamedTuple

from bymax_auth.ports.invitations import InviteeId, PendingInvitation, StoredInvitation
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.embedded.clock_steps import TOLERANCE_MS
from bymax_auth.stores.embedded.database import Database
from bymax_auth.stores.embedded.expiring_values import set_value
from bymax_auth.stores.embedded.proof_rows import set_proof, take_proof
from bymax_auth.stores.records import decode_invitation, encode_invitation
from bymax_auth.types.identity import TokenRef

__all__ = ["EmbeddedInvitationStore"]

_logger: Final = logging.getLogger("bymax_auth")

_KIND: Final = "inv"


class _Row(NamedTuple):
    """The record of an invitation, and its lifetime in milliseconds."""

    token_hash: str
    text: str
    lifetime: int


class EmbeddedInvitationStore:
    """Implements `InvitationStore`."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read_pending(self, invitee: InviteeId) -> PendingInvitation | None:
        found = await self._database.read(_read_pending, _index(invitee))
        if found is None:
            return None
        token_hash, text = found
        return PendingInvitation(token_hash, None if text is None else decode_invitation(text))

    async def put(
        self,
        invitee: InviteeId,
        token: TokenRef,
        invitation: StoredInvitation,
        ttl: timedelta,
        *,
        seen: str | None,
    ) -> bool:
        row = _Row(token.hash, encode_invitation(invitation), milliseconds(ttl))
        return await self._database.grow(_put, _index(invitee), seen, row)

    async def take(self, token: TokenRef) -> StoredInvitation | None:
        text = await self._database.change(take_proof, _KIND, token.hash)
        if text is None:
            return None
        invitation = decode_invitation(text)
        if invitation is None:
            _logger.warning("An invitation that cannot be read was consumed.")
        return invitation

    async def revoke(self, invitee: InviteeId, seen: str) -> bool:
        return await self._database.change(_revoke, _index(invitee), seen)


def _read_pending(cursor: sqlite3.Cursor, now: int, index: str) -> tuple[str, str | None] | None:
    """Return the token hash and the record of an index entry; there is none if the clock was put back."""
    row: tuple[str, str | None] | None = cursor.execute(
        """SELECT marks.value, proofs.payload
           FROM clock, marks
           LEFT JOIN proofs ON proofs.kind = ? AND proofs.hash = marks.value AND proofs.exp_ms > ?
           WHERE marks.key = ? AND marks.exp_ms > ? AND latest_ms - ? <= ?""",
        (_KIND, now, index, now, now, TOLERANCE_MS),
    ).fetchone()
    return row


def _put(cursor: sqlite3.Cursor, now: int, index: str, seen: str | None, row: _Row) -> bool:
    if _current(cursor, now, index) != seen:
        return False
    if seen is not None:
        take_proof(cursor, now, _KIND, seen)
    set_proof(cursor, now, _KIND, row.token_hash, row.text, row.lifetime)
    set_value(cursor, now, index, row.token_hash, row.lifetime)
    return True


def _revoke(cursor: sqlite3.Cursor, now: int, index: str, seen: str) -> bool:
    if _current(cursor, now, index) != seen:
        return False
    cursor.execute("DELETE FROM marks WHERE key = ?", (index,))
    return take_proof(cursor, now, _KIND, seen) is not None


def _current(cursor: sqlite3.Cursor, now: int, index: str) -> str | None:
    """Return the token hash that an index entry names."""
    row = cursor.execute("SELECT value FROM marks WHERE key = ? AND exp_ms > ?", (index, now)).fetchone()
    return None if row is None else row[0]


def _index(invitee: InviteeId) -> str:
    return f"invidx:{invitee.hash}"

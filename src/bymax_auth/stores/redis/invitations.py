"""Invitations, and the index entry of each invitee."""

import logging
from datetime import timedelta
from typing import Final

from bymax_auth.ports.invitations import InviteeId, PendingInvitation, StoredInvitation
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.records import decode_invitation, encode_invitation
from bymax_auth.stores.redis.replies import parse_reply
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.scripts.invitation_scripts import INVITE_PUT, INVITE_REVOKE
from bymax_auth.types.identity import KeyLayout, TokenRef

__all__ = ["RedisInvitationStore"]

_logger: Final = logging.getLogger("bymax_auth")

_STORED: Final[dict[str, tuple[type, ...]]] = {"OK": (), "STALE": ()}
_REVOKED: Final[dict[str, tuple[type, ...]]] = {"OK": (int,), "STALE": ()}


class RedisInvitationStore:
    """Implements `InvitationStore`."""

    __slots__ = ("_executor",)

    def __init__(self, executor: ScriptExecutor) -> None:
        self._executor = executor

    async def read_pending(self, invitee: InviteeId) -> PendingInvitation | None:
        token_hash = await self._executor.read("GET", self._index(invitee))
        if not isinstance(token_hash, str):
            return None
        text = await self._executor.read("GET", self._record(token_hash, invitee.route))
        return PendingInvitation(token_hash, decode_invitation(text) if isinstance(text, str) else None)

    async def put(
        self,
        invitee: InviteeId,
        token: TokenRef,
        invitation: StoredInvitation,
        ttl: timedelta,
        *,
        seen: str | None,
    ) -> bool:
        reply = await self._executor.run(
            INVITE_PUT,
            INVITE_PUT.keys(
                invitee_index=self._index(invitee),
                record=self._record(token.hash, invitee.route),
                superseded=None if seen is None else self._record(seen, invitee.route),
            ),
            INVITE_PUT.arguments(
                seen=seen or "",
                token_hash=token.hash,
                payload=encode_invitation(invitation),
                lifetime_ms=milliseconds(ttl),
            ),
            durable=True,
        )
        return parse_reply(reply, _STORED)[0] == "OK"

    async def take(self, token: TokenRef) -> StoredInvitation | None:
        text = await self._executor.write("GETDEL", self._record(token.hash, token.route), durable=True)
        if not isinstance(text, str):
            return None
        invitation = decode_invitation(text)
        if invitation is None:
            _logger.warning("An invitation that cannot be read was consumed.")
        return invitation

    async def revoke(self, invitee: InviteeId, seen: str) -> bool:
        reply = await self._executor.run(
            INVITE_REVOKE,
            INVITE_REVOKE.keys(invitee_index=self._index(invitee), record=self._record(seen, invitee.route)),
            INVITE_REVOKE.arguments(seen=seen),
            durable=True,
        )
        _, *deleted = parse_reply(reply, _REVOKED)
        return deleted == [1]

    def _index(self, invitee: InviteeId) -> str:
        """Return the key of the index entry; servers that share the shared layout put the tenant into it."""
        keys = self._executor.keys
        if keys.layout is KeyLayout.TAGGED:
            return keys.key("invidx", invitee.hash, invitee.route)
        return keys.key("invidx", f"{invitee.tenant_id}:{invitee.email_hash}", None)

    def _record(self, token_hash: str, route: str | None) -> str:
        return self._executor.keys.key("inv", token_hash, route)

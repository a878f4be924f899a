"""
Revokes every session of an account on Redis, a bounded number of them in each step.

    script ──index small──▶ sessions deleted in the same step
       │
       └─────index large──▶ index renamed: every session in it has ended ──▶ deleted here, in slices

Nothing depends on the slices: a session counts only while its account's index names it.  When a process ends
before the last one, the next revocation of the account's sessions, or their expiry, removes what is left.
Another server of the wire that does not read the index accepts a refresh token until its slice is deleted.
"""

import logging
import secrets
from typing import Any, Final

from bymax_auth.errors import StoreError
from bymax_auth.ports.revocation import EPOCH_RETENTION
from bymax_auth.ports.sessions import EXCHANGES_FOLLOWED, Missing, RevokedAll
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.records import decode_session_record
from bymax_auth.stores.redis.feed.publisher import RevocationPublisher
from bymax_auth.stores.redis.keys import PREFIXES
from bymax_auth.stores.redis.replies import parse_reply
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.scripts.session_scripts import REVOKE_ALL
from bymax_auth.stores.session_details import HANDLED_AT_ONCE
from bymax_auth.types.identity import Subject

__all__ = ["NO_FAMILY", "AllSessions"]

_logger: Final = logging.getLogger("bymax_auth")

_MISSING: Final[dict[str, tuple[type, ...]]] = {"MISSING": ()}
_REVOKED: Final[dict[str, tuple[type, ...]]] = {"OK": (int, int, int)}
_RETENTION_MS: Final = milliseconds(EPOCH_RETENTION)

NO_FAMILY: Final = "-"
"""Names a key that the script does not use, so that it has the route of the others."""


class AllSessions:
    """All sessions of an account, as one thing to end."""

    __slots__ = ("_executor", "_key", "_publisher")

    def __init__(self, executor: ScriptExecutor, publisher: RevocationPublisher) -> None:
        self._executor = executor
        self._key = executor.keys.key
        self._publisher = publisher

    async def revoke(self, subject: Subject) -> RevokedAll:
        """
        End every session and grace pointer of the account, and raise its epoch.

        Raises:
            StoreUnavailable: Redis did not answer; the sessions may or may not have ended.
            StoreCorrupt: The epoch cannot be read; nothing was changed.
        """
        _, removed, epoch, aside = parse_reply(await self._end(subject, "", ""), _REVOKED)
        return await self._delete_ended(subject, removed, epoch, aside)

    async def revoke_except(
        self, subject: Subject, kept_hash: str, *, must_exist: bool
    ) -> RevokedAll | Missing:
        """
        As `revoke`, but keep the login of a session, live or just exchanged.

        With `must_exist` nothing happens without the session.

        Raises:
            StoreUnavailable: As `revoke`.
            StoreCorrupt: As `revoke`.
        """
        reply = await self._end(subject, kept_hash, "must" if must_exist else "")
        tag, *counts = parse_reply(reply, _REVOKED | _MISSING if must_exist else _REVOKED)
        return Missing() if tag == "MISSING" else await self._delete_ended(subject, *counts)

    async def _end(self, subject: Subject, kept_hash: str, kept_must_exist: str) -> list[Any]:
        names, route = PREFIXES[subject.realm], subject.route
        kept_live = self._key(names.live, kept_hash, route)
        family_id = await self._family_of(subject, kept_hash, kept_live) if kept_hash else NO_FAMILY
        ended, name = self._names_key(subject), secrets.token_hex(8)
        reply = await self._executor.run(
            REVOKE_ALL,
            REVOKE_ALL.keys(
                account_index=self._key(names.index, subject.hash, route),
                epoch=self._key(names.epoch, subject.hash, route),
                kept_live=kept_live,
                kept_family=self._key(names.family, family_id, route),
                ended=ended,
                ended_index=f"{ended}:{name}",
                feed=self._publisher.stream,
            ),
            REVOKE_ALL.arguments(
                key_prefix=self._executor.keys.head(route),
                live_prefix=names.live,
                detail_prefix=names.detail,
                epoch_retention_ms=_RETENTION_MS,
                kept_hash=kept_hash,
                kept_must_exist=kept_must_exist,
                feed_horizon_ms=self._publisher.horizon_ms,
                feed_nonce=self._publisher.new_nonce(),
                handled_at_once=HANDLED_AT_ONCE,
                ended_name=name,
                set_aside="",
                grace_prefix=names.grace,
                exchanges_followed=EXCHANGES_FOLLOWED,
            ),
            durable=True,
        )
        self._publisher.record_published()
        return reply

    async def _family_of(self, subject: Subject, token_hash: str, live: str) -> str:
        """Return the family of a token, which an exchange does not change."""
        consumed = self._key(PREFIXES[subject.realm].consumed, token_hash, subject.route)
        found: Any = await self._executor.read("MGET", live, consumed)
        text, family_id = found
        record = None if text is None else decode_session_record(text, subject.realm)
        return (family_id if record is None else record.family_id) or NO_FAMILY

    async def _delete_ended(self, subject: Subject, removed: int, epoch: int, aside: int) -> RevokedAll:
        """Delete what was only set aside, by this revocation and by earlier ones."""
        names_key, head = self._names_key(subject), PREFIXES[subject.realm].live + ":"
        try:
            names: Any = await self._executor.read("SRANDMEMBER", names_key, aside) if aside else ()
            for name in names:
                index = f"{names_key}:{name}"
                while members := await self._slice(index):
                    live = [member for member in members if member.startswith(head)]
                    removed += await self._delete_slice(subject, live, set(members) - set(live))
                    await self._executor.write("SREM", index, *members)
                await self._executor.write("SREM", names_key, name)
        except StoreError:
            _logger.warning("Revoked sessions of an account were not all deleted; they stay revoked.")
        return RevokedAll(removed, epoch)

    async def _slice(self, index: str) -> list[str]:
        members: Any = await self._executor.read("SRANDMEMBER", index, HANDLED_AT_ONCE)
        return list(members)

    async def _delete_slice(self, subject: Subject, live: list[str], others: set[str]) -> int:
        """Delete what members of an index name; return how many sessions were among it."""
        head, prefixes = self._executor.keys.head(subject.route), PREFIXES[subject.realm]
        deleted: Any = await self._executor.write("DEL", *(head + member for member in live)) if live else 0
        details = (head + prefixes.detail + member.removeprefix(prefixes.live) for member in live)
        await self._executor.write("DEL", *details, *(head + member for member in others))
        return int(deleted)

    def _names_key(self, subject: Subject) -> str:
        """Return the key of the set that names what was set aside."""
        return self._key(PREFIXES[subject.realm].ended, subject.hash, subject.route)

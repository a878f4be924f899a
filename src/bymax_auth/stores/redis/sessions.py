"""
Refresh sessions on Redis: the keys that are read, and the script of each change.

An account's index holds the *suffixes* of its keys, ``rt:<hash>`` for a live session and
``rp:<hash>`` for a grace pointer, so that a script can rebuild every key from a member.
"""

import logging
from typing import Any, Final

from bymax_auth.ports.revocation import EPOCH_RETENTION
from bymax_auth.ports.sessions import (
    Consumed,
    Created,
    CreateOutcome,
    FamilyRevoked,
    Gone,
    GraceSpent,
    InGrace,
    Live,
    Missing,
    NewSession,
    Recovered,
    RecoverOutcome,
    Recovery,
    Reissued,
    ReissueOutcome,
    RevokedAll,
    RevokedSinceRotation,
    Rotated,
    RotateOutcome,
    Rotation,
    SessionSnapshot,
    Stale,
    SuccessorDead,
    SuccessorExchanged,
    UnknownToken,
)
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.records import (
    decode_session_record,
    encode_session_detail,
    encode_session_record,
    session_created_at,
)
from bymax_auth.stores.redis.all_sessions import NO_FAMILY, AllSessions
from bymax_auth.stores.redis.feed.publisher import RevocationPublisher
from bymax_auth.stores.redis.keys import PREFIXES, suffix
from bymax_auth.stores.redis.replies import parse_reply
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.scripts.session_scripts import (
    INDEX_PRUNE,
    REFRESH_RECOVER,
    REFRESH_REISSUE,
    REFRESH_ROTATE,
    REVOKE_FAMILY,
    SESSION_CREATE,
    SESSION_REVOKE,
)
from bymax_auth.stores.session_details import HANDLED_AT_ONCE, listed_detail
from bymax_auth.types.identity import Realm, Subject, SubjectFactory, TokenRef
from bymax_auth.types.session import SessionDetail

__all__ = ["RedisSessionStore"]

_logger: Final = logging.getLogger("bymax_auth")

_ROTATED: Final = {"OK": (int,), "GONE": (int,)}
_RECOVERED: Final = _ROTATED | {"DEAD": (int,), "REVOKED": (int,)}
_REISSUED: Final = _ROTATED | {"EXCHANGED": (int,), "DEAD": (int,)}
_REVOKED: Final[dict[str, tuple[type, ...]]] = {"OK": (), "MISSING": ()}
_FAMILY_REVOKED: Final = {"OK": (int,)}

_RETENTION_MS: Final = milliseconds(EPOCH_RETENTION)
_PRUNE_EVERY: Final = 64
"""Rotations remove dead grace pointers whenever the number of index members is a multiple of this."""

_SPENT: Final = "spent"


class RedisSessionStore:
    """Implements `SessionStore`."""

    __slots__ = ("_all", "_executor", "_key")

    def __init__(self, executor: ScriptExecutor, publisher: RevocationPublisher | None = None) -> None:
        self._executor = executor
        self._all = AllSessions(executor, publisher or RevocationPublisher())
        self._key = executor.keys.key

    async def create(self, subject: Subject, new: NewSession) -> CreateOutcome:
        names, route, record = PREFIXES[subject.realm], subject.route, new.record
        reply = await self._executor.run(
            SESSION_CREATE,
            SESSION_CREATE.keys(
                live=self._key(names.live, new.ref.hash, route),
                account_index=self._key(names.index, subject.hash, route),
                detail=self._key(names.detail, new.ref.hash, route),
                family=self._key(names.family, record.family_id or NO_FAMILY, route),
                epoch=self._key(names.epoch, subject.hash, route),
                recent_auth=self._key("ra", subject.hash, route),
            ),
            SESSION_CREATE.arguments(
                record=encode_session_record(record),
                detail=encode_session_detail(record, record.created_at),
                lifetime_ms=milliseconds(new.lifetime),
                family_id=record.family_id or "",
                member=suffix(names.live, new.ref.hash),
                token_hash=new.ref.hash,
                expected_epoch="" if new.expected_epoch is None else new.expected_epoch,
                recent_auth_ms=max(milliseconds(new.recent_auth), 0),
                cap=new.cap or 0,
                key_prefix=self._executor.keys.head(route),
                live_prefix=names.live,
                detail_prefix=names.detail,
                epoch_retention_ms=_RETENTION_MS,
                handled_at_once=HANDLED_AT_ONCE,
            ),
        )
        tag, epoch, *evicted = parse_reply(reply, {"STALE": (int,), "OK": (int, *(str for _ in reply[2:]))})
        return Created(epoch, tuple(evicted)) if tag == "OK" else Stale(epoch)

    async def snapshot(self, realm: Realm, ref: TokenRef) -> SessionSnapshot:
        names = PREFIXES[realm]
        live, pointer, family, detail = await self._mget(
            self._key(names.live, ref.hash, ref.route),
            self._key(names.grace, ref.hash, ref.route),
            self._key(names.consumed, ref.hash, ref.route),
            self._key(names.detail, ref.hash, ref.route),
        )
        if live is not None:
            record = decode_session_record(live, realm)
            if record is None:
                return await self._discard(realm, ref)
            return Live(record, session_created_at(detail, record))
        if pointer is None:
            return UnknownToken() if family is None else Consumed(family)
        if pointer == _SPENT:
            return GraceSpent(family)
        successor, _, pending = pointer.partition(":")
        pending_record = decode_session_record(pending, realm)
        # In the grace window this is not a replay; without a readable record nothing can be recovered.
        if pending_record is None:
            return UnknownToken()
        return InGrace(pointer, successor, pending_record, family)

    async def rotate(self, subject: Subject, rotation: Rotation) -> RotateOutcome:
        names, route, record = PREFIXES[subject.realm], subject.route, rotation.record
        old, new = rotation.presented.hash, rotation.successor.hash
        reply = await self._executor.run(
            REFRESH_ROTATE,
            REFRESH_ROTATE.keys(
                old_live=self._key(names.live, old, route),
                new_live=self._key(names.live, new, route),
                old_grace=self._key(names.grace, old, route),
                old_consumed=self._key(names.consumed, old, route),
                family=self._key(names.family, record.family_id or NO_FAMILY, route),
                account_index=self._key(names.index, subject.hash, route),
                old_detail=self._key(names.detail, old, route),
                new_detail=self._key(names.detail, new, route),
                epoch=self._key(names.epoch, subject.hash, route),
            ),
            REFRESH_ROTATE.arguments(
                record=encode_session_record(record),
                detail=encode_session_detail(record, rotation.session_created_at),
                lifetime_ms=milliseconds(rotation.lifetime),
                grace_ms=max(milliseconds(rotation.grace), 0),
                family_id=record.family_id or "",
                old_hash=old,
                new_hash=new,
                key_prefix=self._executor.keys.head(route),
                live_prefix=names.live,
                grace_prefix=names.grace,
                prune_every=_PRUNE_EVERY,
                consumed_ms=max(milliseconds(rotation.consumed_for), 1),
                epoch_retention_ms=_RETENTION_MS,
            ),
        )
        tag, epoch = parse_reply(reply, _ROTATED)
        return Rotated(epoch) if tag == "OK" else Gone()

    async def recover(self, subject: Subject, recovery: Recovery) -> RecoverOutcome:
        names, route, record = PREFIXES[subject.realm], subject.route, recovery.record
        old, new = recovery.presented.hash, recovery.successor.hash
        reply = await self._executor.run(
            REFRESH_RECOVER,
            REFRESH_RECOVER.keys(
                old_grace=self._key(names.grace, old, route),
                successor_live=self._key(names.live, recovery.seen.successor, route),
                new_live=self._key(names.live, new, route),
                account_index=self._key(names.index, subject.hash, route),
                new_detail=self._key(names.detail, new, route),
                family=self._key(names.family, record.family_id or NO_FAMILY, route),
                epoch=self._key(names.epoch, subject.hash, route),
            ),
            REFRESH_RECOVER.arguments(
                pointer=recovery.seen.pointer,
                record=encode_session_record(record),
                detail=encode_session_detail(record, record.created_at),
                lifetime_ms=milliseconds(recovery.lifetime),
                family_id=record.family_id or "",
                new_hash=new,
                live_prefix=names.live,
                epoch_retention_ms=_RETENTION_MS,
                grace_prefix=names.grace,
                old_hash=old,
            ),
        )
        tag, epoch = parse_reply(reply, _RECOVERED)
        match tag:
            case "OK":
                return Recovered(epoch)
            case "DEAD":
                return SuccessorDead()
            case "REVOKED":
                return RevokedSinceRotation()
            case _:
                return Gone()

    async def reissue(self, subject: Subject, presented: TokenRef, successor: TokenRef) -> ReissueOutcome:
        names, route = PREFIXES[subject.realm], subject.route
        reply = await self._executor.run(
            REFRESH_REISSUE,
            REFRESH_REISSUE.keys(
                old_grace=self._key(names.grace, presented.hash, route),
                successor_live=self._key(names.live, successor.hash, route),
                successor_grace=self._key(names.grace, successor.hash, route),
                account_index=self._key(names.index, subject.hash, route),
                epoch=self._key(names.epoch, subject.hash, route),
            ),
            REFRESH_REISSUE.arguments(
                old_member=suffix(names.grace, presented.hash),
                successor_hash=successor.hash,
                live_prefix=names.live,
                epoch_retention_ms=_RETENTION_MS,
            ),
        )
        tag, epoch = parse_reply(reply, _REISSUED)
        match tag:
            case "OK":
                return Reissued(epoch)
            case "EXCHANGED":
                return SuccessorExchanged()
            case "DEAD":
                return SuccessorDead()
            case _:
                return Gone()

    async def list(self, subject: Subject) -> tuple[SessionDetail, ...]:
        names, route = PREFIXES[subject.realm], subject.route
        index = self._key(names.index, subject.hash, route)
        # The whole index, or a part of one that is too large to read at once.
        members: Any = await self._executor.read("SRANDMEMBER", index, HANDLED_AT_ONCE)
        if not members:
            return ()
        head = names.live + ":"
        hashes = [member.removeprefix(head) for member in members if member.startswith(head)]
        pointers = [member for member in members if not member.startswith(head)]
        values = await self._mget(
            *(self._key(names.live, name, route) for name in hashes),
            *(self._key(names.detail, name, route) for name in hashes),
            *(self._executor.keys.head(route) + pointer for pointer in pointers),
        )
        records, details = values[: len(hashes)], values[len(hashes) : 2 * len(hashes)]
        if None in records or None in values[2 * len(hashes) :]:
            await self._executor.run(
                INDEX_PRUNE,
                INDEX_PRUNE.keys(account_index=index),
                INDEX_PRUNE.arguments(
                    key_prefix=self._executor.keys.head(route), handled_at_once=HANDLED_AT_ONCE
                ),
            )
        listed = (listed_detail(subject.realm, *row) for row in zip(hashes, records, details, strict=True))
        found = [detail for detail in listed if detail is not None]
        found.sort(key=lambda detail: detail.session_hash)
        return tuple(sorted(found, key=lambda detail: detail.created_at, reverse=True))

    async def revoke(self, subject: Subject, session_hash: str) -> bool:
        names, route = PREFIXES[subject.realm], subject.route
        live, consumed = await self._mget(
            *(self._key(prefix, session_hash, route) for prefix in (names.live, names.consumed))
        )
        record = None if live is None else decode_session_record(live, subject.realm)
        family_id = consumed if record is None else record.family_id
        reply = await self._executor.run(
            SESSION_REVOKE,
            SESSION_REVOKE.keys(
                account_index=self._key(names.index, subject.hash, route),
                family=self._key(names.family, family_id or NO_FAMILY, route),
                live=self._key(names.live, session_hash, route),
                detail=self._key(names.detail, session_hash, route),
            ),
            SESSION_REVOKE.arguments(
                token_hash=session_hash,
                key_prefix=self._executor.keys.head(route),
                live_prefix=names.live,
                detail_prefix=names.detail,
            ),
            durable=True,
        )
        (tag,) = parse_reply(reply, _REVOKED)
        return tag == "OK"

    async def revoke_all(self, subject: Subject) -> RevokedAll:
        return await self._all.revoke(subject)

    async def revoke_all_except(
        self, subject: Subject, keep: str, *, must_exist: bool
    ) -> RevokedAll | Missing:
        return await self._all.revoke_except(subject, keep, must_exist=must_exist)

    async def revoke_family(
        self, realm: Realm, family_id: str, route: str | None, subject_of: SubjectFactory
    ) -> FamilyRevoked:
        names = PREFIXES[realm]
        family = self._key(names.family, family_id, route)
        members = sorted(await self._members(family))
        records = await self._mget(*(self._key(names.live, name, route) for name in members))
        readable = (decode_session_record(text, realm) for text in records if text is not None)
        first = next((record for record in readable if record is not None), None)
        owner = None if first is None else subject_of(first.user_id, first.tenant_id)
        reply = await self._executor.run(
            REVOKE_FAMILY,
            REVOKE_FAMILY.keys(
                family=family,
                account_index=None if owner is None else self._key(names.index, owner.hash, route),
            ),
            REVOKE_FAMILY.arguments(
                key_prefix=self._executor.keys.head(route),
                live_prefix=names.live,
                detail_prefix=names.detail,
            ),
            durable=True,
        )
        _, removed = parse_reply(reply, _FAMILY_REVOKED)
        return FamilyRevoked(owner, removed)

    async def drop_grace(self, realm: Realm, ref: TokenRef) -> None:
        await self._executor.write("DEL", self._key(PREFIXES[realm].grace, ref.hash, ref.route))

    async def has_recent_auth(self, subject: Subject) -> bool:
        return await self._executor.read("EXISTS", self._key("ra", subject.hash, subject.route)) == 1

    async def _discard(self, realm: Realm, ref: TokenRef) -> UnknownToken:
        names = PREFIXES[realm]
        _logger.warning("A session record that cannot be read was deleted.")
        await self._executor.write(
            "DEL",
            self._key(names.live, ref.hash, ref.route),
            self._key(names.detail, ref.hash, ref.route),
        )
        return UnknownToken()

    async def _members(self, key: str) -> tuple[str, ...]:
        found: Any = await self._executor.read("SMEMBERS", key)
        return tuple(found)

    async def _mget(self, *keys: str) -> tuple[str | None, ...]:
        if not keys:
            return ()
        found: Any = await self._executor.read("MGET", *keys)
        return tuple(found)

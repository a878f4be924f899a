"""
Refresh sessions on Redis: what is read, and which script decides.

An account's index holds the *suffixes* of its keys, ``rt:<hash>`` for a live session and
``rp:<hash>`` for a grace pointer, so that a script can rebuild every key from a member.
"""

import builtins
import logging
from datetime import datetime
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
    RevokedAll,
    RevokedSinceRotation,
    Rotated,
    RotateOutcome,
    Rotation,
    SessionSnapshot,
    Stale,
    SuccessorDead,
    UnknownToken,
)
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.records import (
    decode_session_detail,
    decode_session_record,
    encode_session_detail,
    encode_session_record,
    stand_in_detail,
)
from bymax_auth.stores.redis.feed.publisher import Announcer
from bymax_auth.stores.redis.keys import PREFIXES
from bymax_auth.stores.redis.script_replies import shaped
from bymax_auth.stores.redis.scripts.executor import RedisServer
from bymax_auth.stores.redis.scripts.script import script
from bymax_auth.types.identity import Realm, Subject, SubjectFactory, TokenRef
from bymax_auth.types.session import SessionDetail, SessionRecord

__all__ = ["RedisSessionStore"]

_logger: Final = logging.getLogger("bymax_auth")

_CREATE: Final = script("session_create")
_ROTATE: Final = script("refresh_rotate")
_RECOVER: Final = script("refresh_recover")
_REVOKE: Final = script("session_revoke")
_REVOKE_ALL: Final = script("revoke_all")
_REVOKE_FAMILY: Final = script("revoke_family")
_PRUNE: Final = script("index_prune")

_ROTATED: Final = {"OK": (int,), "GONE": (int,)}
_RECOVERED: Final = _ROTATED | {"DEAD": (int,), "SWEPT": (int,)}
_MISSING: Final[dict[str, tuple[type, ...]]] = {"MISSING": ()}
_REVOKED: Final = _MISSING | {"OK": ()}
_SWEPT: Final[dict[str, tuple[type, ...]]] = {"OK": (int, int)}
_FAMILY_REVOKED: Final = {"OK": (int,)}

_RETENTION_MS: Final = milliseconds(EPOCH_RETENTION)
_PRUNED_EVERY: Final = 64
"""Members that an index gains before an exchange looks for dead pointers."""

_SPENT: Final = "spent"
_NOBODY: Final = "-"
"""Stands where a key is not used, in the route of the others."""


class RedisSessionStore:
    """Implements `SessionStore`."""

    __slots__ = ("_announcer", "_key", "_server")

    def __init__(self, server: RedisServer, announcer: Announcer | None = None) -> None:
        self._announcer = announcer or Announcer()
        self._server = server
        self._key = server.keys.key

    async def create(self, subject: Subject, new: NewSession) -> CreateOutcome:
        names, route, record = PREFIXES[subject.realm], subject.route, new.record
        recent = milliseconds(new.recent_auth)
        reply = await self._server.run(
            _CREATE,
            [
                self._key(names.live, new.ref.hash, route),
                self._key(names.index, subject.hash, route),
                self._key(names.detail, new.ref.hash, route),
                self._key(names.family, record.family_id or _NOBODY, route),
                self._key(names.epoch, subject.hash, route),
                self._key("ra", subject.hash, route),
            ],
            [
                encode_session_record(record),
                _detail(new.ref, record, record.created_at),
                milliseconds(new.lifetime),
                record.family_id or "",
                f"{names.live}:{new.ref.hash}",
                new.ref.hash,
                "" if new.expected_epoch is None else new.expected_epoch,
                max(recent, 0),
                new.cap or 0,
                self._server.keys.head(route),
                names.live,
                names.detail,
                _RETENTION_MS,
            ],
        )
        tag, epoch, *evicted = shaped(reply, {"STALE": (int,), "OK": (int, *(str for _ in reply[2:]))})
        return Created(epoch, tuple(evicted)) if tag == "OK" else Stale(epoch)

    async def snapshot(self, realm: Realm, ref: TokenRef) -> SessionSnapshot:
        names = PREFIXES[realm]
        live, pointer, family, detail = await self._mget(
            *(
                self._key(prefix, ref.hash, ref.route)
                for prefix in (names.live, names.grace, names.consumed, names.detail)
            )
        )
        if live is not None:
            record = decode_session_record(live, realm)
            if record is None:
                return await self._discard(realm, ref)
            readable = None if detail is None else decode_session_detail(ref.hash, detail)
            return Live(record, readable or stand_in_detail(ref.hash, record))
        if pointer is None:
            return UnknownToken() if family is None else Consumed(family)
        if pointer == _SPENT:
            return GraceSpent(family)
        successor, _, pending = pointer.partition(":")
        pending_record = decode_session_record(pending, realm)
        # The window is open, so this is no replay; without a readable record there is nothing to recover.
        if pending_record is None:
            return UnknownToken()
        return InGrace(pointer, successor, pending_record, family)

    async def rotate(self, subject: Subject, rotation: Rotation) -> RotateOutcome:
        names, route, record = PREFIXES[subject.realm], subject.route, rotation.record
        old, new = rotation.presented.hash, rotation.successor.hash
        reply = await self._server.run(
            _ROTATE,
            [
                self._key(names.live, old, route),
                self._key(names.live, new, route),
                self._key(names.grace, old, route),
                self._key(names.consumed, old, route),
                self._key(names.family, record.family_id or _NOBODY, route),
                self._key(names.index, subject.hash, route),
                self._key(names.detail, old, route),
                self._key(names.detail, new, route),
                self._key(names.epoch, subject.hash, route),
            ],
            [
                encode_session_record(record),
                _detail(rotation.successor, record, rotation.session_created_at),
                milliseconds(rotation.lifetime),
                max(milliseconds(rotation.grace), 0),
                record.family_id or "",
                old,
                new,
                self._server.keys.head(route),
                names.live,
                names.grace,
                _PRUNED_EVERY,
                max(milliseconds(rotation.consumed_for), 1),
                _RETENTION_MS,
            ],
        )
        tag, epoch = shaped(reply, _ROTATED)
        return Rotated(epoch) if tag == "OK" else Gone()

    async def recover(self, subject: Subject, recovery: Recovery) -> RecoverOutcome:
        names, route, record = PREFIXES[subject.realm], subject.route, recovery.record
        new = recovery.successor.hash
        reply = await self._server.run(
            _RECOVER,
            [
                self._key(names.grace, recovery.presented.hash, route),
                self._key(names.live, recovery.seen.successor, route),
                self._key(names.live, new, route),
                self._key(names.index, subject.hash, route),
                self._key(names.detail, new, route),
                self._key(names.family, record.family_id or _NOBODY, route),
                self._key(names.epoch, subject.hash, route),
            ],
            [
                recovery.seen.pointer,
                encode_session_record(record),
                _detail(recovery.successor, record, record.created_at),
                milliseconds(recovery.lifetime),
                record.family_id or "",
                new,
                names.live,
                _RETENTION_MS,
                names.grace,
                recovery.presented.hash,
            ],
        )
        tag, epoch = shaped(reply, _RECOVERED)
        match tag:
            case "OK":
                return Recovered(epoch)
            case "DEAD":
                return SuccessorDead()
            case "SWEPT":
                return RevokedSinceRotation()
            case _:
                return Gone()

    async def list(self, subject: Subject) -> tuple[SessionDetail, ...]:
        names, route = PREFIXES[subject.realm], subject.route
        index = self._key(names.index, subject.hash, route)
        members = await self._members(index)
        if not members:
            return ()
        head = names.live + ":"
        hashes = [member.removeprefix(head) for member in members if member.startswith(head)]
        pointers = [member for member in members if not member.startswith(head)]
        values = await self._mget(
            *(self._key(names.live, name, route) for name in hashes),
            *(self._key(names.detail, name, route) for name in hashes),
            *(self._server.keys.head(route) + pointer for pointer in pointers),
        )
        records, details = values[: len(hashes)], values[len(hashes) : 2 * len(hashes)]
        if None in records or None in values[2 * len(hashes) :]:
            await self._server.run(_PRUNE, [index], [self._server.keys.head(route)])
        shown = (_listed(subject.realm, *known) for known in zip(hashes, records, details, strict=True))
        found = [detail for detail in shown if detail is not None]
        found.sort(key=lambda detail: detail.session_hash)
        return tuple(sorted(found, key=lambda detail: detail.created_at, reverse=True))

    async def revoke(self, subject: Subject, session_hash: str) -> bool:
        names, route = PREFIXES[subject.realm], subject.route
        reply = await self._server.run(
            _REVOKE,
            [
                self._key(names.index, subject.hash, route),
                self._key(names.live, session_hash, route),
                self._key(names.detail, session_hash, route),
            ],
            [f"{names.live}:{session_hash}"],
            durable=True,
        )
        (tag,) = shaped(reply, _REVOKED)
        return tag == "OK"

    async def revoke_all(self, subject: Subject) -> RevokedAll:
        _, removed, epoch = shaped(await self._sweep(subject, "", ""), _SWEPT)
        return RevokedAll(removed, epoch)

    async def revoke_all_except(
        self, subject: Subject, keep: str, *, must_exist: bool
    ) -> RevokedAll | Missing:
        reply = await self._sweep(subject, keep, "must" if must_exist else "")
        tag, *counts = shaped(reply, _SWEPT if not must_exist else _SWEPT | _MISSING)
        return Missing() if tag == "MISSING" else RevokedAll(*counts)

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
        reply = await self._server.run(
            _REVOKE_FAMILY,
            [family, *([] if owner is None else [self._key(names.index, owner.hash, route)])],
            [self._server.keys.head(route), names.live, names.detail],
            durable=True,
        )
        _, removed = shaped(reply, _FAMILY_REVOKED)
        return FamilyRevoked(owner, removed)

    async def drop_grace(self, realm: Realm, ref: TokenRef) -> None:
        await self._server.write("DEL", self._key(PREFIXES[realm].grace, ref.hash, ref.route))

    async def has_recent_auth(self, subject: Subject) -> bool:
        return await self._server.read("EXISTS", self._key("ra", subject.hash, subject.route)) == 1

    async def _sweep(self, subject: Subject, keep: str, mode: str) -> builtins.list[Any]:
        names, route = PREFIXES[subject.realm], subject.route
        head, words = self._server.keys.head(route), self._announcer.words()
        reply = await self._server.run(
            _REVOKE_ALL,
            [
                self._key(names.index, subject.hash, route),
                self._key(names.epoch, subject.hash, route),
                *self._announcer.keys(),
            ],
            [head, names.live, names.detail, _RETENTION_MS, keep, mode, *words],
            durable=True,
        )
        self._announcer.drain()
        return reply

    async def _discard(self, realm: Realm, ref: TokenRef) -> UnknownToken:
        names = PREFIXES[realm]
        _logger.warning("A session record that cannot be read was deleted.")
        await self._server.write(
            "DEL",
            self._key(names.live, ref.hash, ref.route),
            self._key(names.detail, ref.hash, ref.route),
        )
        return UnknownToken()

    async def _members(self, key: str) -> tuple[str, ...]:
        found: Any = await self._server.read("SMEMBERS", key)
        return tuple(found)

    async def _mget(self, *keys: str) -> tuple[str | None, ...]:
        if not keys:
            return ()
        found: Any = await self._server.read("MGET", *keys)
        return tuple(found)


def _listed(realm: Realm, session_hash: str, record: str | None, detail: str | None) -> SessionDetail | None:
    """Return the detail, or what the record says; a session with neither cannot be used either."""
    if record is None:
        return None
    if detail is not None and (readable := decode_session_detail(session_hash, detail)) is not None:
        return readable
    behind = decode_session_record(record, realm)
    return None if behind is None else stand_in_detail(session_hash, behind)


def _detail(ref: TokenRef, record: SessionRecord, session_created_at: datetime) -> str:
    return encode_session_detail(
        SessionDetail(
            session_hash=ref.hash,
            device=record.device,
            ip=record.ip,
            created_at=session_created_at,
            last_activity_at=record.created_at,
        )
    )

"""Blacklisted token ids, token epochs and cached statuses."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from bymax_auth.ports.revocation import EPOCH_RETENTION, TokenState
from bymax_auth.stores.moments import milliseconds
from bymax_auth.stores.redis.announcing import Announcer
from bymax_auth.stores.redis.counters import count_of
from bymax_auth.stores.redis.keys import PREFIXES
from bymax_auth.stores.redis.scripts import script
from bymax_auth.stores.redis.server import RedisServer, Word
from bymax_auth.stores.redis.shapes import shaped
from bymax_auth.types.identity import KeyLayout, Realm, Subject
from bymax_auth.types.session import CachedStatus

__all__ = ["RedisRevocationStore"]

_BLACKLIST: Final = script("blacklist")
_BUMP: Final = script("epoch_bump")
_REMEMBER: Final = script("status_put")

_RAISED: Final = {"OK": (int,)}
_RETENTION_MS: Final = milliseconds(EPOCH_RETENTION)

_UNESCAPED: Final = "-_.~!*'()"
"""What the sibling backend's key text leaves as it is."""

_VERIFIED: Final = {None: "", True: "1", False: "0"}
_SAYS: Final = {"1": True, "0": False}


class RedisRevocationStore:
    """Implements `RevocationStore`."""

    __slots__ = ("_announcer", "_key", "_server")

    def __init__(self, server: RedisServer, announcer: Announcer | None = None) -> None:
        self._announcer = announcer or Announcer()
        self._server = server
        self._key = server.keys.key

    async def token_state(self, subject: Subject, jti: str) -> TokenState:
        keys = [self._token(subject, jti), self._epoch(subject)]
        if subject.realm is Realm.DASHBOARD:
            keys += self._status(subject)
        found: Any = await self._server.read("MGET", *keys)
        blacklisted, epoch, *status = found
        return TokenState(blacklisted is not None, count_of(epoch), _cached(*status))

    async def blacklist(self, subject: Subject, jti: str, ttl: timedelta) -> None:
        if (lifetime := milliseconds(ttl)) > 0:
            keys = [self._token(subject, jti), *self._announcer.keys()]
            await self._server.run(_BLACKLIST, keys, [lifetime, *self._announcer.words()], durable=True)
            self._announcer.settle()

    async def current_epoch(self, subject: Subject) -> int:
        return count_of(await self._server.read("GET", self._epoch(subject)))

    async def bump_epoch(self, subject: Subject) -> int:
        keys = [self._epoch(subject), *self._announcer.keys()]
        words = [_RETENTION_MS, *self._announcer.words()]
        reply = await self._server.run(_BUMP, keys, words, durable=True)
        self._announcer.settle()
        _, epoch = shaped(reply, _RAISED)
        return count_of(epoch)

    async def remember_status(self, subject: Subject, status: CachedStatus, ttl: timedelta) -> None:
        if subject.realm is Realm.DASHBOARD:
            verified = _VERIFIED[status.email_verified]
            words: list[Word] = [status.status, verified, milliseconds(ttl)]
            await self._server.run(_REMEMBER, self._status(subject), words)

    async def forget_status(self, subject: Subject) -> None:
        await self._server.write("DEL", *self._status(subject))

    def _token(self, subject: Subject, jti: str) -> str:
        return self._key("rv", jti, subject.route)

    def _epoch(self, subject: Subject) -> str:
        return self._key(PREFIXES[subject.realm].epoch, subject.hash, subject.route)

    def _status(self, subject: Subject) -> list[str]:
        """The sibling backend spells these two by tenant and user, where the keys are shared with it."""
        name = subject.hash
        if self._server.keys.layout is KeyLayout.SHARED and subject.tenant_id is not None:
            name = f"{quote(subject.tenant_id, safe=_UNESCAPED)}:{quote(subject.user_id, safe=_UNESCAPED)}"
        return [self._key(prefix, name, subject.route) for prefix in ("us", "uev")]


def _cached(status: str | None = None, verified: str | None = None) -> CachedStatus | None:
    """A word that is neither yes nor no says nothing, so the gate asks the repository."""
    return None if status is None else CachedStatus(status, None if verified is None else _SAYS.get(verified))

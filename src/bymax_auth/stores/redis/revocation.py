"""Blacklisted token ids, token epochs and cached statuses."""

from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from bymax_auth.ports.revocation import EPOCH_RETENTION, TokenState
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.redis.counters import count_of
from bymax_auth.stores.redis.feed.publisher import Announcer
from bymax_auth.stores.redis.keys import PREFIXES
from bymax_auth.stores.redis.replies import Word
from bymax_auth.stores.redis.script_replies import shaped
from bymax_auth.stores.redis.scripts.executor import RedisServer
from bymax_auth.stores.redis.scripts.script import script
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

_SPELLED: Final = 4096
"""Accounts whose keys are kept, as spelled, until as many others have asked."""

_VERIFIED: Final = {None: "", True: "1", False: "0"}
_SAYS: Final = {"1": True, "0": False}


class _Keys(NamedTuple):
    """The keys of one account; those of its tokens begin with `tokens`."""

    tokens: str
    epoch: str
    status: tuple[str, str]
    read_together: tuple[str, ...]


class RedisRevocationStore:
    """Implements `RevocationStore`."""

    __slots__ = ("_announcer", "_key", "_server", "_spelled")

    def __init__(self, server: RedisServer, announcer: Announcer | None = None) -> None:
        self._announcer = announcer or Announcer()
        self._server = server
        self._key = server.keys.key
        self._spelled: dict[str, _Keys] = {}

    async def token_state(self, subject: Subject, jti: str) -> TokenState:
        keys = self._keys(subject)
        found: Any = await self._server.read("MGET", keys.tokens + jti, *keys.read_together)
        blacklisted, epoch, *status = found
        return TokenState(blacklisted is not None, count_of(epoch), _cached(*status))

    async def blacklist(self, subject: Subject, jti: str, ttl: timedelta) -> None:
        if (lifetime := milliseconds(ttl)) > 0:
            keys = [self._token(subject, jti), *self._announcer.keys()]
            await self._server.run(_BLACKLIST, keys, [lifetime, *self._announcer.words()], durable=True)
            self._announcer.drain()

    async def current_epoch(self, subject: Subject) -> int:
        return count_of(await self._server.read("GET", self._epoch(subject)))

    async def bump_epoch(self, subject: Subject) -> int:
        keys = [self._epoch(subject), *self._announcer.keys()]
        words = [_RETENTION_MS, *self._announcer.words()]
        reply = await self._server.run(_BUMP, keys, words, durable=True)
        self._announcer.drain()
        _, epoch = shaped(reply, _RAISED)
        return int(epoch)

    async def remember_status(self, subject: Subject, status: CachedStatus, ttl: timedelta) -> None:
        if subject.realm is Realm.DASHBOARD:
            verified = _VERIFIED[status.email_verified]
            words: list[Word] = [status.status, verified, milliseconds(ttl)]
            await self._server.run(_REMEMBER, self._status(subject), words)

    async def forget_status(self, subject: Subject) -> None:
        await self._server.write("DEL", *self._status(subject))

    def _token(self, subject: Subject, jti: str) -> str:
        return self._keys(subject).tokens + jti

    def _epoch(self, subject: Subject) -> str:
        return self._keys(subject).epoch

    def _status(self, subject: Subject) -> tuple[str, str]:
        return self._keys(subject).status

    def _keys(self, subject: Subject) -> _Keys:
        """Spell an account's keys once: every request of its owner asks for them again."""
        keys = self._spelled.get(subject.hash)
        if keys is None:
            if len(self._spelled) >= _SPELLED:
                self._spelled.clear()
            keys = self._spelled[subject.hash] = self._spell(subject)
        return keys

    def _spell(self, subject: Subject) -> _Keys:
        """The sibling backend spells a status by tenant and user, where the keys are shared with it."""
        name, route = subject.hash, subject.route
        if self._server.keys.layout is KeyLayout.SHARED and subject.tenant_id is not None:
            name = f"{quote(subject.tenant_id, safe=_UNESCAPED)}:{quote(subject.user_id, safe=_UNESCAPED)}"
        epoch = self._key(PREFIXES[subject.realm].epoch, subject.hash, route)
        status = self._key("us", name, route), self._key("uev", name, route)
        read_together = (epoch, *status) if subject.realm is Realm.DASHBOARD else (epoch,)
        return _Keys(self._key("rv", "", route), epoch, status, read_together)


def _cached(status: str | None = None, verified: str | None = None) -> CachedStatus | None:
    """A word that is neither yes nor no says nothing, so the gate asks the repository."""
    return None if status is None else CachedStatus(status, None if verified is None else _SAYS.get(verified))

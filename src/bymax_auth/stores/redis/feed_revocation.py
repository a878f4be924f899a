"""What takes access tokens back, answered from memory while the feed is fresh."""

from datetime import timedelta
from typing import Final

from bymax_auth.ports.revocation import TokenState
from bymax_auth.stores.redis.feed.feed import Feed
from bymax_auth.stores.redis.feed.publisher import Announcer
from bymax_auth.stores.redis.revocation import RedisRevocationStore
from bymax_auth.stores.redis.scripts.executor import RedisServer
from bymax_auth.stores.redis.scripts.script import script
from bymax_auth.types.identity import Realm, Subject
from bymax_auth.types.session import CachedStatus

__all__ = ["FeedRevocationStore"]

_FORGET: Final = script("status_forget")


class FeedRevocationStore(RedisRevocationStore):
    """Implements `RevocationStore`; cached statuses never leave the process."""

    __slots__ = ("_feed",)

    def __init__(self, server: RedisServer, announcer: Announcer, feed: Feed) -> None:
        super().__init__(server, announcer)
        self._feed = feed

    async def token_state(self, subject: Subject, jti: str) -> TokenState:
        memory = self._feed.memory()
        if memory is None:
            return await super().token_state(subject, jti)
        return TokenState(
            memory.value(self._token(subject, jti)) is not None,
            memory.value(self._epoch(subject)) or 0,
            memory.status(self._status(subject)[0], self._feed.monotonic()),
        )

    async def remember_status(self, subject: Subject, status: CachedStatus, ttl: timedelta) -> None:
        memory = self._feed.memory()
        if memory is not None and subject.realm is Realm.DASHBOARD:
            until = self._feed.monotonic() + ttl.total_seconds()
            memory.remember(self._status(subject)[0], status, until)

    async def forget_status(self, subject: Subject) -> None:
        keys = [*self._status(subject), *self._announcer.keys()]
        await self._server.run(_FORGET, keys, self._announcer.words())
        self._announcer.drain()

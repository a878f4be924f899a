"""Revocation of access tokens, answered from the process's cache while the feed is fresh."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from bymax_auth.ports.revocation import RevocationListener, TokenState
from bymax_auth.stores.redis.feed.feed import Feed
from bymax_auth.stores.redis.feed.publisher import RevocationPublisher
from bymax_auth.stores.redis.feed.revocation_cache import RevocationCache
from bymax_auth.stores.redis.revocation import RedisRevocationStore
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.scripts.revocation_scripts import (
    STATUS_FORGET,
)
from bymax_auth.types.identity import Realm, Subject
from bymax_auth.types.session import CachedStatus

__all__ = ["FeedRevocationStore"]


class FeedRevocationStore(RedisRevocationStore):
    """Implements `RevocationStore`; cached statuses stay in the memory of the process."""

    __slots__ = ("_feed",)

    def __init__(self, executor: ScriptExecutor, publisher: RevocationPublisher, feed: Feed) -> None:
        super().__init__(executor, publisher)
        self._feed = feed

    async def token_state(self, subject: Subject, jti: str) -> TokenState:
        cache = self._feed.current_cache()
        if cache is None:
            return await super().token_state(subject, jti)
        status = cache.status(self._account_keys(subject).status, self._feed.monotonic())
        return self._known(cache, subject, jti)._replace(status=status)

    async def token_states(self, tokens: Sequence[tuple[Subject, str]]) -> Sequence[TokenState]:
        cache = self._feed.current_cache()
        if cache is None:
            return await super().token_states(tokens)
        return [self._known(cache, subject, jti) for subject, jti in tokens]

    def listen(self, listener: RevocationListener) -> Callable[[], None]:
        return self._feed.listeners.add(listener)

    async def remember_status(self, subject: Subject, status: CachedStatus, ttl: timedelta) -> None:
        cache = self._feed.current_cache()
        if cache is not None and subject.realm is Realm.DASHBOARD:
            until = self._feed.monotonic() + ttl.total_seconds()
            cache.put_status(self._account_keys(subject).status, status, until)

    async def forget_status(self, subject: Subject) -> None:
        keys = self._account_keys(subject)
        await self._executor.run(
            STATUS_FORGET,
            STATUS_FORGET.keys(
                status=keys.status, email_verified=keys.email_verified, feed=self._publisher.stream
            ),
            STATUS_FORGET.arguments(
                feed_horizon_ms=self._publisher.horizon_ms, feed_nonce=self._publisher.new_nonce()
            ),
        )
        self._publisher.record_published()

    def _known(self, cache: RevocationCache, subject: Subject, jti: str) -> TokenState:
        keys = self._account_keys(subject)
        blacklisted = cache.value(keys.token_prefix + jti) is not None
        return TokenState(blacklisted, cache.value(keys.epoch) or 0, None)

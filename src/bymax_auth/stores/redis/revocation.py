"""Revoked token ids, token epochs and cached statuses."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from bymax_auth.errors import StoreCorrupt
from bymax_auth.ports.revocation import EPOCH_RETENTION, REVOKED, RevocationListener, TokenState
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.redis.feed.publisher import RevocationPublisher
from bymax_auth.stores.redis.keys import PREFIXES
from bymax_auth.stores.redis.replies import parse_count, parse_reply
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.scripts.revocation_scripts import (
    BLACKLIST,
    EPOCH_BUMP,
    STATUS_PUT,
)
from bymax_auth.types.identity import KeyLayout, Realm, Subject
from bymax_auth.types.session import CachedStatus

__all__ = ["RedisRevocationStore"]

_RAISED: Final = {"OK": (int,)}
_RETENTION_MS: Final = milliseconds(EPOCH_RETENTION)

_UNESCAPED: Final = "-_.~!*'()"
"""Characters that the sibling backend does not escape in keys."""

_MAX_CACHED_ACCOUNTS: Final = 4096
"""Accounts whose keys are cached; at the limit the cache is emptied."""

_VERIFIED_TO_TEXT: Final = {None: "", True: "1", False: "0"}
_TEXT_TO_VERIFIED: Final = {"1": True, "0": False}


class _AccountKeys(NamedTuple):
    """The keys of one account; those of its tokens begin with `token_prefix`."""

    token_prefix: str
    epoch: str
    status: str
    email_verified: str
    read_with_token: tuple[str, ...]


class RedisRevocationStore:
    """Implements `RevocationStore`."""

    __slots__ = ("_cached_keys", "_executor", "_key", "_publisher")

    def __init__(self, executor: ScriptExecutor, publisher: RevocationPublisher | None = None) -> None:
        self._publisher = publisher or RevocationPublisher()
        self._executor = executor
        self._key = executor.keys.key
        self._cached_keys: dict[str, _AccountKeys] = {}

    async def token_state(self, subject: Subject, jti: str) -> TokenState:
        keys = self._account_keys(subject)
        found: Any = await self._executor.read("MGET", keys.token_prefix + jti, *keys.read_with_token)
        blacklisted, epoch, *status = found
        return TokenState(blacklisted is not None, parse_count(epoch), _cached_status(*status))

    async def token_states(self, tokens: Sequence[tuple[Subject, str]]) -> Sequence[TokenState]:
        names: list[str] = []
        for subject, jti in tokens:
            keys = self._account_keys(subject)
            names += (keys.token_prefix + jti, keys.epoch)
        values = await self._executor.read_values(names)
        return [
            _state(blacklisted, epoch) for blacklisted, epoch in zip(values[::2], values[1::2], strict=True)
        ]

    def listen(self, listener: RevocationListener) -> Callable[[], None] | None:
        return None

    async def blacklist(self, subject: Subject, jti: str, ttl: timedelta) -> None:
        if (lifetime_ms := milliseconds(ttl)) > 0:
            await self._executor.run(
                BLACKLIST,
                BLACKLIST.keys(
                    token=self._account_keys(subject).token_prefix + jti, feed=self._publisher.stream
                ),
                BLACKLIST.arguments(
                    lifetime_ms=lifetime_ms,
                    feed_horizon_ms=self._publisher.horizon_ms,
                    feed_nonce=self._publisher.new_nonce(),
                ),
                durable=True,
            )
            self._publisher.record_published()

    async def current_epoch(self, subject: Subject) -> int:
        return parse_count(await self._executor.read("GET", self._account_keys(subject).epoch))

    async def bump_epoch(self, subject: Subject) -> int:
        reply = await self._executor.run(
            EPOCH_BUMP,
            EPOCH_BUMP.keys(epoch=self._account_keys(subject).epoch, feed=self._publisher.stream),
            EPOCH_BUMP.arguments(
                epoch_retention_ms=_RETENTION_MS,
                feed_horizon_ms=self._publisher.horizon_ms,
                feed_nonce=self._publisher.new_nonce(),
            ),
            durable=True,
        )
        self._publisher.record_published()
        _, epoch = parse_reply(reply, _RAISED)
        return int(epoch)

    async def remember_status(self, subject: Subject, status: CachedStatus, ttl: timedelta) -> None:
        if subject.realm is Realm.DASHBOARD:
            keys = self._account_keys(subject)
            await self._executor.run(
                STATUS_PUT,
                STATUS_PUT.keys(status=keys.status, email_verified=keys.email_verified),
                STATUS_PUT.arguments(
                    status=status.status,
                    email_verified=_VERIFIED_TO_TEXT[status.email_verified],
                    lifetime_ms=milliseconds(ttl),
                ),
            )

    async def forget_status(self, subject: Subject) -> None:
        keys = self._account_keys(subject)
        await self._executor.write("DEL", keys.status, keys.email_verified)

    def _account_keys(self, subject: Subject) -> _AccountKeys:
        """Return an account's keys, cached because every request of its owner needs them."""
        keys = self._cached_keys.get(subject.hash)
        if keys is None:
            if len(self._cached_keys) >= _MAX_CACHED_ACCOUNTS:
                self._cached_keys.clear()
            keys = self._cached_keys[subject.hash] = self._build_keys(subject)
        return keys

    def _build_keys(self, subject: Subject) -> _AccountKeys:
        """Build an account's keys; in the shared layout the status has the sibling's key."""
        name, route = subject.hash, subject.route
        if self._executor.keys.layout is KeyLayout.SHARED and subject.tenant_id is not None:
            name = f"{quote(subject.tenant_id, safe=_UNESCAPED)}:{quote(subject.user_id, safe=_UNESCAPED)}"
        epoch = self._key(PREFIXES[subject.realm].epoch, subject.hash, route)
        status, email_verified = self._key("us", name, route), self._key("uev", name, route)
        read_with_token = (epoch, status, email_verified) if subject.realm is Realm.DASHBOARD else (epoch,)
        return _AccountKeys(self._key("rv", "", route), epoch, status, email_verified, read_with_token)


def _state(blacklisted: str | None, epoch: str | None) -> TokenState:
    try:
        return TokenState(blacklisted is not None, parse_count(epoch), None)
    except StoreCorrupt:
        return REVOKED


def _cached_status(status: str | None = None, verified: str | None = None) -> CachedStatus | None:
    """Return the cached status; any text of `verified` but 1 and 0 counts as unknown."""
    if status is None:
        return None
    return CachedStatus(status, None if verified is None else _TEXT_TO_VERIFIED.get(verified))

"""
The Redis stores, ready to pass to the engine.

    stores = RedisStores.from_url("redis://localhost:6379/0")
    stores = RedisStores.from_url("redis+cluster://localhost:7000", layout="tagged")
"""

import logging
import os
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Self

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from bymax_auth.config.problems import ConfigError, problem
from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.durations import milliseconds
from bymax_auth.stores.redis.attempts import RedisAttemptStore
from bymax_auth.stores.redis.connection.connect import Client, Limits, Replicas, connect
from bymax_auth.stores.redis.connection.driver_errors import (
    DRIVER_ERRORS,
    map_driver_errors,
    store_error,
)
from bymax_auth.stores.redis.feed.feed import Feed, FeedLimits
from bymax_auth.stores.redis.feed.publisher import RevocationPublisher
from bymax_auth.stores.redis.feed_revocation import FeedRevocationStore
from bymax_auth.stores.redis.invitations import RedisInvitationStore
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.mfa import RedisMfaStore
from bymax_auth.stores.redis.otps import RedisOtpStore
from bymax_auth.stores.redis.proofs import RedisProofStore
from bymax_auth.stores.redis.rate_limits import RedisRateLimitStore
from bymax_auth.stores.redis.revocation import RedisRevocationStore
from bymax_auth.stores.redis.scripts.declared_keys import DeclaredKeysExecutor
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.server_checks import check_server
from bymax_auth.stores.redis.sessions import RedisSessionStore
from bymax_auth.stores.ws_tickets import ProofWsTicketStore
from bymax_auth.types.identity import KeyLayout

__all__ = ["RedisStores"]

Revocation = FeedLimits | str

_logger: Final = logging.getLogger("bymax_auth")

_OUT_OF_MEMORY: Final = ("OOM", "OutOfMemory")
"""Redis's name of the error, and that of the driver's class, which does not keep the other."""


class RedisStores:
    """Implements `AuthStores` on one Redis or a Redis Cluster.  Belongs to one event loop until closed."""

    def __init__(  # noqa: PLR0913 - a deployment is described in one call
        self,
        client: Client,
        *,
        namespace: str = "auth",
        layout: KeyLayout | str = KeyLayout.SHARED,
        limits: Limits | None = None,
        wait_replicas: int = 0,
        wait_timeout_ms: int = 100,
        wait_strict: bool = False,
        declare_all_keys: bool = False,
        strict: bool = False,
        revocation: Revocation = "read_through",
        reopen: Callable[[], Client] | None = None,
    ) -> None:
        """
        Use the host's own client, which stays open when these stores are closed.

        Args:
            client: The client; nothing is sent before `start` or the first use.
            namespace: What every key begins with.
            layout: The layout of keys; a Cluster needs ``"tagged"``.
            limits: How many requests may wait for Redis, and how long.
            wait_replicas: How many replicas a revocation waits for.  Not on a Cluster, whose client
                cannot send WAIT on the connection that wrote.
            wait_timeout_ms: How long it waits for them, in milliseconds.
            wait_strict: Raise `StoreUnavailable` when fewer have it by then, instead of warning.
                The revocation is in force in either case.
            declare_all_keys: Declare every key that a script accesses, for a service that requires it.
            strict: Refuse to start on a Redis that may evict keys, instead of warning.
            revocation: Whether requests read revocations from Redis (``"read_through"``), or from the
                cache of a feed, with its default limits (``"feed"``) or with others.
            reopen: Returns another client, for a forked process or another event loop; a Cluster's needs it.

        Raises:
            ConfigError: The namespace, the layout or the revocation is invalid.
        """
        keys = KeyBuilder(namespace, _layout(layout))
        if isinstance(client, RedisCluster):
            _check_cluster_options(keys.layout, wait_replicas)
        self.layout = keys.layout
        self.volatile = self.allow_in_production = False
        feed_limits = _feed_limits(revocation)
        self.longest_access_ttl = None if feed_limits is None else feed_limits.longest_access_ttl
        self._owned = False
        self._strict = strict
        replicas = Replicas(wait_replicas, wait_timeout_ms, wait_strict)
        executor_class = DeclaredKeysExecutor if declare_all_keys else ScriptExecutor
        executor = executor_class(client, keys, replicas=replicas, limits=limits, reopen=reopen)
        self._executor = executor
        self.feed, publisher = _feed(client, keys, feed_limits)
        self.sessions = RedisSessionStore(executor, publisher)
        self.revocation = _revocation(executor, publisher, self.feed)
        self.attempts = RedisAttemptStore(executor)
        self.rate_limits = RedisRateLimitStore(executor)
        self.otps = RedisOtpStore(executor)
        self.proofs = RedisProofStore(executor)
        self.invitations = RedisInvitationStore(executor)
        self.mfa = RedisMfaStore(executor)
        self.ws_tickets = ProofWsTicketStore(self.proofs)

    @classmethod
    def from_url(  # noqa: PLR0913 - a deployment is described in one call
        cls,
        url: str,
        *,
        namespace: str = "auth",
        layout: KeyLayout | str = KeyLayout.SHARED,
        limits: Limits | None = None,
        wait_replicas: int = 0,
        wait_timeout_ms: int = 100,
        wait_strict: bool = False,
        declare_all_keys: bool = False,
        strict: bool = False,
        revocation: Revocation = "read_through",
    ) -> Self:
        """
        Return stores on the Redis at `url`, with their own client.

        Args:
            url: ``redis://``, ``rediss://``, ``unix://``, ``redis+cluster://``,
                ``rediss+cluster://`` or ``redis+sentinel://host:26379,…/master/0``.
            namespace: What every key begins with.
            layout: The layout of keys; a Cluster needs ``"tagged"``.
            limits: How many requests may wait for Redis, and how long.
            wait_replicas: How many replicas a revocation waits for.
            wait_timeout_ms: How long it waits for them, in milliseconds.
            wait_strict: Raise `StoreUnavailable` when fewer have it by then, instead of warning.
            declare_all_keys: Declare every key that a script accesses, for a service that requires it.
            strict: Refuse to start on a Redis that may evict keys, instead of warning.
            revocation: Whether requests read revocations from Redis (``"read_through"``), or from the
                cache of a feed, with its default limits (``"feed"``) or with others.

        Raises:
            ConfigError: The URL, the namespace, the layout or the revocation is invalid.
        """
        stores = cls(
            connect(url, limits or Limits()),
            namespace=namespace,
            layout=layout,
            limits=limits,
            wait_replicas=wait_replicas,
            wait_timeout_ms=wait_timeout_ms,
            wait_strict=wait_strict,
            declare_all_keys=declare_all_keys,
            strict=strict,
            revocation=revocation,
            reopen=partial(connect, url, limits or Limits()),
        )
        stores._owned = True
        return stores

    @classmethod
    def from_env(cls) -> Self:
        """
        Return stores configured by ``BYMAX_AUTH_REDIS__URL``, ``__NAMESPACE``, ``__LAYOUT``,
        ``__REVOCATION`` and ``__LIMITS__…``.

        Raises:
            ConfigError: The URL is missing, or one of them is invalid.
        """
        url = os.environ.get("BYMAX_AUTH_REDIS__URL", "")
        if not url:
            hint = "Set {env} to redis://host:6379/0."
            raise ConfigError([problem("redis_url_invalid", "redis.url", "is not set", hint)])
        return cls.from_url(
            url,
            namespace=os.environ.get("BYMAX_AUTH_REDIS__NAMESPACE") or "auth",
            layout=os.environ.get("BYMAX_AUTH_REDIS__LAYOUT") or KeyLayout.SHARED,
            revocation=os.environ.get("BYMAX_AUTH_REDIS__REVOCATION") or "read_through",
            limits=Limits.from_env(os.environ),
        )

    async def start(self) -> None:
        """
        Check that Redis answers and may hold security records.

        Raises:
            StoreUnavailable: It does not answer, is older than 6.2, or evicts keys in `strict` mode.
        """
        self._executor.open()
        client = self._executor.client
        await check_server(client, strict=self._strict)
        if self.feed is not None:
            await self.feed.start()
        elif isinstance(client, Redis):
            await _delete_stream(client, _stream(self._executor.keys))

    async def has_room(self) -> bool:
        """
        Say whether a sign-in finds room: Redis accepts a write that needs memory.

        Raises:
            StoreUnavailable: Redis did not answer.
        """
        try:
            await self._executor.write("SET", self._executor.keys.key("room", "probe", "0000"), "1", "PX", 1)
        except StoreUnavailable as error:
            if any(name in str(error) for name in _OUT_OF_MEMORY):
                return False
            raise
        return True

    async def aclose(self) -> None:
        """Close what these stores opened; later use raises `StoreUnavailable`.  Idempotent."""
        closable = await self._executor.aclose()
        if self.feed is not None:
            await self.feed.aclose()
        if self._owned and closable:
            try:
                await self._executor.client.aclose()
            except DRIVER_ERRORS as error:
                # Every connection was closed on this side; a slow one must not fail a shutdown.
                _logger.warning("A connection to Redis was not closed in time: %s.", type(error).__name__)


def _feed_limits(revocation: Revocation) -> FeedLimits | None:
    if isinstance(revocation, FeedLimits):
        return revocation
    if revocation not in ("read_through", "feed"):
        message, hint = (
            "is neither read_through nor feed",
            "Leave it out to read from Redis at every request.",
        )
        raise ConfigError([problem("redis_revocation_invalid", "redis.revocation", message, hint)])
    return FeedLimits() if revocation == "feed" else None


def _feed(
    client: Client, keys: KeyBuilder, limits: FeedLimits | None
) -> tuple[Feed | None, RevocationPublisher]:
    if limits is None:
        return None, RevocationPublisher()
    if not isinstance(client, Redis):
        message, hint = "a feed cannot follow a Redis Cluster", 'Leave it at "read_through".'
        raise ConfigError([problem("feed_needs_one_redis", "redis.revocation", message, hint)])
    publisher = RevocationPublisher(_stream(keys), milliseconds(limits.horizon))
    return Feed(client, publisher, limits), publisher


def _revocation(
    executor: ScriptExecutor, publisher: RevocationPublisher, feed: Feed | None
) -> RedisRevocationStore | FeedRevocationStore:
    if feed is None:
        return RedisRevocationStore(executor)
    return FeedRevocationStore(executor, publisher, feed)


async def _delete_stream(client: Any, stream: str) -> None:
    """Delete a stream that will lack what this process revokes: a feed that finds it would trust it."""
    try:
        with map_driver_errors():
            if await client.exists(stream):
                _logger.warning("This process does not use the feed of others, which begins anew.")
                await client.delete(stream)
    except DRIVER_ERRORS as error:
        raise store_error(error) from None


def _stream(keys: KeyBuilder) -> str:
    return keys.key("feed", "revocations", "feed")


def _layout(name: str) -> KeyLayout:
    try:
        return KeyLayout(name)
    except ValueError:
        message, hint = "is neither shared nor tagged", "Use tagged on a Cluster, shared or tagged elsewhere."
        raise ConfigError([problem("redis_layout_invalid", "redis.layout", message, hint)]) from None


def _check_cluster_options(layout: KeyLayout, wait_replicas: int) -> None:
    if layout is not KeyLayout.TAGGED:
        hint = 'Pass layout="tagged": it keeps the keys of one account in one hash slot.'
        message = "a Redis Cluster cannot serve the shared layout"
        raise ConfigError([problem("cluster_needs_tagged_layout", "redis.layout", message, hint)])
    if wait_replicas:
        hint = "Leave it out, and set min-replicas-to-write on the Cluster's masters."
        message = "a Redis Cluster's client cannot send WAIT on the connection that wrote"
        raise ConfigError([problem("cluster_cannot_wait", "redis.wait_replicas", message, hint)])

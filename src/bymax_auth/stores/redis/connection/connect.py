"""
What connects to Redis, from an address alone.

    redis://host:6379/0                     one Redis
    rediss://host:6379/0                    the same over TLS
    unix:///run/redis.sock                  the same over a socket file
    redis+cluster://host:6379               a Redis Cluster (rediss+cluster:// over TLS)
    redis+sentinel://a:26379,b:26379/name   the master that these Sentinels name
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bymax_auth.config.problems import ConfigError, problem
from bymax_auth.stores.redis.connection.sentinels import Sentinels

__all__ = ["Client", "Limits", "Replicas", "connect"]

Client = Redis | RedisCluster

_CLUSTERS: Final = {"redis+cluster": "redis", "rediss+cluster": "rediss"}
_FOR_CLUSTERS: Final[dict[str, Any]] = (
    {"cluster_error_retry_attempts": 0} if redis.__version__.startswith("5.") else {}
)
"""Older releases of the driver ask a Cluster again whatever their client's policy is."""
_PLAIN: Final = ("redis", "rediss", "unix")


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How long a request may wait for Redis, in seconds, and on how many connections.

    `connect` and `answer` bound one command; `queue` bounds the wait for a free connection.
    One Redis is asked over one shared connection, by at most `waiting` requests at once.
    """

    connect: float = 2.0
    answer: float = 2.0
    queue: float = 1.0
    connections: int = 50
    waiting: int = 10_000


@dataclass(frozen=True, slots=True)
class Replicas:
    """How many replicas a revocation waits for, how long, and whether too few of them are an outage."""

    count: int = 0
    patience_ms: int = 100
    strict: bool = False


def connect(url: str, limits: Limits) -> Client:
    """
    Return a client that connects when it is first used.

    The client never repeats a command by itself: a repeated one that had run would count twice.

    Raises:
        ConfigError: The address has another scheme, names no master, or is none.
    """
    try:
        return _client_of(url, limits)
    except (TypeError, ValueError):
        # Their text may quote a part of the password.
        raise _refused("is no address of a Redis, or has an unknown option") from None


def _client_of(url: str, limits: Limits) -> Client:
    scheme = urlsplit(url).scheme
    if scheme in _CLUSTERS:
        return RedisCluster.from_url(
            _CLUSTERS[scheme] + url.removeprefix(scheme),
            max_connections=limits.connections,
            **_settings(limits),
            **_FOR_CLUSTERS,
        )
    if scheme == "redis+sentinel":
        return _behind_sentinels(url, limits)
    if scheme not in _PLAIN:
        raise _refused("has a scheme that is none of redis, rediss, unix, redis+cluster and redis+sentinel")
    pools: Any = BlockingConnectionPool
    pool: Any = pools.from_url(
        url,
        max_connections=limits.connections,
        timeout=limits.queue,
        **_settings(limits),
    )
    # Nothing is sent; what the driver does not know shows now, and not at the first sign-in.
    pool.make_connection()
    return Redis.from_pool(pool)


def _behind_sentinels(url: str, limits: Limits) -> Redis:
    address = urlsplit(url)
    credentials, _, hosts = address.netloc.rpartition("@")
    name, _, database = address.path.strip("/").partition("/")
    if not name:
        raise _refused("names no master after the Sentinels")
    user, _, password = credentials.partition(":")
    nodes = [_sentinel(host) for host in hosts.split(",")]
    settings = _settings(limits)
    sentinels: Any = Sentinels(nodes, settings)
    master: Redis = sentinels.master_for(
        name,
        db=int(database or 0),
        username=unquote(user) or None,
        password=unquote(password) or None,
        max_connections=limits.connections,
        **settings,
    )
    return master


def _sentinel(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    if not (host and port.isdecimal()):
        raise _refused("names a Sentinel without its port")
    return host, int(port)


def _settings(limits: Limits) -> dict[str, Any]:
    return {
        "socket_connect_timeout": limits.connect,
        "socket_timeout": limits.answer,
        "health_check_interval": 30,
        "client_name": "bymax-auth",
        "protocol": 2,
        "retry": Retry(NoBackoff(), 0),
    }


def _refused(message: str) -> ConfigError:
    hint = "Write it as redis://:password@host:6379/0; in a password / is %2F, ? is %3F and # is %23."
    return ConfigError([problem("redis_url_invalid", "redis.url", message, hint)])

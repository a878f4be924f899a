"""
The driver's client for the address of a Redis, and the limits of waiting.

    redis://host:6379/0                     one Redis
    rediss://host:6379/0                    the same over TLS
    unix:///run/redis.sock                  the same over a socket file
    redis+cluster://host:6379               a Redis Cluster (rediss+cluster:// over TLS)
    redis+sentinel://a:26379,b:26379/name   the current master of `name`, by these Sentinels
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bymax_auth.config.problems import ConfigError, problem
from bymax_auth.stores.exceeded_bounds import Bound
from bymax_auth.stores.redis.connection.sentinels import Sentinels

__all__ = ["Client", "Limits", "Replicas", "connect", "option_of", "time_bound"]

Client = Redis | RedisCluster

_CLUSTERS: Final = {"redis+cluster": "redis", "rediss+cluster": "rediss"}
_CLUSTER_SETTINGS: Final[dict[str, Any]] = (
    {"cluster_error_retry_attempts": 0} if redis.__version__.startswith("5.") else {}
)
"""Release 5 of the driver retries on a Cluster whatever its client's retry policy is."""
_NO_CERTIFICATE: Final = ("none", "cert_none")
_CERTIFICATE_REQUIREMENT: Final = re.compile("[?&]ssl_cert_reqs=([^&]*)")
_ENVIRONMENT: Final = "BYMAX_AUTH_REDIS__LIMITS__"
_COUNTS: Final = frozenset({"connections", "waiting"})
_LIMIT_HINT: Final = "Set {env} to seconds, such as 2.5, or to a whole number where it counts."
_SINGLE_SERVER: Final = ("redis", "rediss", "unix")


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How long a request may wait for Redis, in seconds, and how many may wait.

    Attributes:
        connect: Seconds to open a connection.
        answer: Seconds until a command's reply.
        queue: Seconds to wait for a connection that another request uses or opens.
        connections: Connections of the client; on a Cluster also the commands that run at once.
        waiting: Commands that may be pending at once on the shared connection to one Redis.
    """

    connect: float = 2.0
    answer: float = 2.0
    queue: float = 1.0
    connections: int = 50
    waiting: int = 10_000

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """
        Return the limits that ``BYMAX_AUTH_REDIS__LIMITS__CONNECT`` and its siblings set.

        Raises:
            ConfigError: A value is not a number above zero; it names every one.
        """
        given = {field.name: environ.get(f"{_ENVIRONMENT}{field.name.upper()}", "") for field in fields(cls)}
        limits: dict[str, Any] = {name: _limit(name, text) for name, text in given.items() if text}
        if invalid := [name for name, limit in limits.items() if limit is None]:
            raise ConfigError(
                problem(
                    "redis_limit_invalid", f"redis.limits.{name}", "is not a number above zero", _LIMIT_HINT
                )
                for name in invalid
            )
        return cls(**limits)


def _limit(name: str, text: str) -> float | None:
    """Return the number in a variable's text, ``None`` unless it is finite and above zero."""
    try:
        limit = int(text) if name in _COUNTS else float(text)
    except ValueError:
        return None
    return limit if 0 < limit < math.inf else None


def option_of(*names: str) -> str:
    """Return how these fields of `Limits` are raised, in a program and in the environment."""
    options = ", ".join(f"{name}=..." for name in names)
    variables = ", ".join(f"{_ENVIRONMENT}{name.upper()}" for name in names)
    return f"RedisStores(limits=Limits({options})) or {variables}"


def time_bound(limits: Limits, *names: str, of_driver: bool = False) -> Bound:
    """
    Return the bound that these fields of `limits` set together, in seconds.

    Args:
        limits: The limits of the stores.
        names: The fields.
        of_driver: Whether the driver's client applied the bound; a host's own client has its own.
    """
    seconds: float = sum(getattr(limits, name) for name in names)
    option = option_of(*names)
    if of_driver:
        option += ", or the timeout of a client of your own,"
    return Bound(" + ".join(names), f"{seconds:g} s", option)


@dataclass(frozen=True, slots=True)
class Replicas:
    """How many replicas a revocation waits for, how long, and whether fewer are an error."""

    count: int = 0
    timeout_ms: int = 100
    strict: bool = False


def connect(url: str, limits: Limits) -> Client:
    """
    Return a client that connects on first use.

    The client never retries a command: a retried one that had run would count twice.

    Raises:
        ConfigError: The URL is invalid, has another scheme, or names no master.
    """
    try:
        return _client(url, limits)
    except (TypeError, ValueError):
        # The error text may contain a part of the password.
        raise _invalid_url("is not a Redis URL, or has an unknown option") from None


def _client(url: str, limits: Limits) -> Client:
    scheme = urlsplit(url).scheme
    if scheme in _CLUSTERS:
        return RedisCluster.from_url(
            _CLUSTERS[scheme] + url.removeprefix(scheme),
            max_connections=limits.connections,
            **_settings(limits),
            **_tls_settings(url),
            **_CLUSTER_SETTINGS,
        )
    if scheme == "redis+sentinel":
        return _sentinel_client(url, limits)
    if scheme not in _SINGLE_SERVER:
        raise _invalid_url("has a scheme other than redis, rediss, unix, redis+cluster and redis+sentinel")
    pools: Any = BlockingConnectionPool
    pool: Any = pools.from_url(
        url,
        max_connections=limits.connections,
        timeout=limits.queue,
        **_settings(limits),
        **_tls_settings(url),
    )
    # Nothing is sent; an option that the driver does not know fails here and not at the first sign-in.
    pool.make_connection()
    return Redis.from_pool(pool)


def _sentinel_client(url: str, limits: Limits) -> Redis:
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    name, _, database = parts.path.strip("/").partition("/")
    if not name:
        raise _invalid_url("names no master after the Sentinels")
    user, _, password = credentials.partition(":")
    addresses = [_sentinel_address(host) for host in hosts.split(",")]
    settings = _settings(limits)
    sentinels: Any = Sentinels(addresses, settings)
    master: Redis = sentinels.master_for(
        name,
        db=int(database or 0),
        username=unquote(user) or None,
        password=unquote(password) or None,
        max_connections=limits.connections,
        **settings,
    )
    return master


def _sentinel_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal()):
        raise _invalid_url("names a Sentinel without its port")
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


def _tls_settings(url: str) -> dict[str, Any]:
    """
    Return that the certificate's host name is checked, which releases before 6 of the driver leave off.

    What the URL says wins.  A URL that asks for no certificate has no name to check.
    """
    if not url.startswith("rediss"):
        return {}
    (wanted,) = ["required", *_CERTIFICATE_REQUIREMENT.findall(url)][-1:]
    return {"ssl_check_hostname": wanted.lower() not in _NO_CERTIFICATE}


def _invalid_url(message: str) -> ConfigError:
    hint = "Write it as redis://:password@host:6379/0; in a password / is %2F, ? is %3F and # is %23."
    return ConfigError([problem("redis_url_invalid", "redis.url", message, hint)])

"""Whether a Redis is fit to hold security records, asked once at the start."""

import logging
from typing import Any, Final

from redis.asyncio.cluster import RedisCluster
from redis.exceptions import ResponseError

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis.connection.connect import Client
from bymax_auth.stores.redis.connection.driver_errors import OUTAGES, driving
from bymax_auth.stores.redis.scripts.executor import failed

__all__ = ["assert_fit"]

_logger: Final = logging.getLogger("bymax_auth")

_OLDEST: Final = (6, 2)
_KEEPS_EVERYTHING: Final = "noeviction"
_POLICY: Final = "maxmemory-policy"


async def assert_fit(client: Client, *, strict: bool) -> None:
    """
    Pass when Redis answers, is new enough, and evicts nothing; warn of a client that repeats commands.

    Every key here has a lifetime, so what an evicting Redis forgets are revocations and lockouts.

    Raises:
        StoreUnavailable: It does not answer, or is too old; with `strict` also when it may evict.
    """
    asked: Any = client
    if _repeats(asked):
        _logger.warning("The Redis client may repeat a command that has run, which then counts twice.")
    try:
        with driving():
            facts = await asked.info("server")
            policy = await _policy(asked)
    except OUTAGES as error:
        raise failed(error) from None
    version = str(facts["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        raise StoreUnavailable(f"Redis {version} is too old: 6.2 is needed.")
    if policy != _KEEPS_EVERYTHING:
        message = f"Redis may evict revocations and lockouts: its {_POLICY} is {policy}."
        if strict:
            raise StoreUnavailable(message)
        _logger.warning(message)


def _repeats(client: Any) -> bool:
    """Say whether the client sends a command again by itself; its releases spell that differently."""
    if isinstance(client, RedisCluster):
        policy, again = getattr(client, "retry", None), getattr(client, "cluster_error_retry_attempts", 0)
    else:
        settings = client.connection_pool.connection_kwargs
        policy = settings.get("retry")
        again = settings.get("retry_on_timeout") or settings.get("retry_on_error")
    return bool(again or getattr(policy, "_retries", 0))


async def _policy(asked: Any) -> str:
    """Return what Redis does when it is full; one that does not say is taken at its best."""
    try:
        settings = await asked.config_get(_POLICY)
    except ResponseError:
        return _KEEPS_EVERYTHING
    return next((_text(value) for value in settings.values()), _KEEPS_EVERYTHING)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)

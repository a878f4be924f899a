"""Checks at start: whether a Redis may hold security records."""

import logging
from typing import Any, Final

import redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import Connection, SSLConnection
from redis.exceptions import ResponseError

from bymax_auth.errors import StoreUnavailable
from bymax_auth.stores.redis.connection.connect import Client
from bymax_auth.stores.redis.connection.driver_errors import (
    DRIVER_ERRORS,
    map_driver_errors,
    store_error,
)

__all__ = ["check_server"]

_logger: Final = logging.getLogger("bymax_auth")

_OLDEST_VERSION: Final = (6, 2)
_CHECKED_BY_DEFAULT: Final = not redis.__version__.startswith("5.")
_KEEPS_EVERYTHING: Final = "noeviction"
_POLICY: Final = "maxmemory-policy"


async def check_server(client: Client, *, strict: bool) -> None:
    """
    Pass when Redis answers, is new enough and evicts nothing; warn when the client retries commands.

    Every key of the stores has a lifetime, so what Redis evicts first are revocations and lockouts.

    Raises:
        StoreUnavailable: It does not answer, or is too old; with `strict` also when it may evict.
    """
    driver: Any = client
    if _retries(driver):
        _logger.warning("The Redis client may retry a command that has run, which then counts twice.")
    if _trusts_any_host(driver):
        _logger.warning(
            "The Redis client accepts a certificate for another host: set its option ssl_check_hostname."
        )
    try:
        with map_driver_errors():
            server_info = await driver.info("server")
            policy = await _eviction_policy(driver)
    except DRIVER_ERRORS as error:
        raise store_error(error) from None
    version = str(server_info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_VERSION:
        raise StoreUnavailable(f"Redis {version} is too old: 6.2 is needed.")
    if policy != _KEEPS_EVERYTHING:
        message = f"Redis may evict revocations and lockouts: its {_POLICY} is {policy}."
        if strict:
            raise StoreUnavailable(message)
        _logger.warning(message)


def _retries(client: Any) -> bool:
    """Say whether the client retries commands; the option's name depends on the driver's release."""
    if isinstance(client, RedisCluster):
        policy, retries = getattr(client, "retry", None), getattr(client, "cluster_error_retry_attempts", 0)
    else:
        settings = client.connection_pool.connection_kwargs
        policy = settings.get("retry")
        retries = settings.get("retry_on_timeout") or settings.get("retry_on_error")
    return bool(retries or getattr(policy, "_retries", 0))


def _trusts_any_host(client: Any) -> bool:
    """Say whether the client uses TLS and checks no host name, the default of the driver before release 6."""
    if isinstance(client, RedisCluster):
        settings = client.connection_kwargs
        encrypts = issubclass(settings.get("connection_class", Connection), SSLConnection)
    else:
        settings = client.connection_pool.connection_kwargs
        encrypts = issubclass(client.connection_pool.connection_class, SSLConnection)
    return encrypts and not settings.get("ssl_check_hostname", _CHECKED_BY_DEFAULT)


async def _eviction_policy(driver: Any) -> str:
    """Return what Redis does when its memory is full; without permission to read it, assume no eviction."""
    try:
        settings = await driver.config_get(_POLICY)
    except ResponseError:
        return _KEEPS_EVERYTHING
    return next((_text(value) for value in settings.values()), _KEEPS_EVERYTHING)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)

"""What a driver raises when Redis does not do what it was asked, and what else may come through it."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from redis.exceptions import RedisClusterException, RedisError

__all__ = ["OUTAGES", "driving"]

_logger: Final = logging.getLogger("bymax_auth")

OUTAGES: Final = (RedisError, RedisClusterException, OSError, TimeoutError, UnicodeDecodeError)
"""What a client raises when Redis does not do what it was asked."""

_THE_CALLERS: Final = UnicodeEncodeError
"""Text that cannot be sent at all."""


@contextmanager
def driving() -> Generator[None, None, None]:
    """
    Make an outage of whatever a driver raises while it may connect.

    A host's own source of passwords fails in its own words, and the driver passes them on.

    Raises:
        ConnectionAbortedError: Something else than one of `OUTAGES` came through the driver.
    """
    try:
        yield
    except (*OUTAGES, _THE_CALLERS):
        raise
    except Exception as error:
        _logger.warning("The Redis client could not connect: %s.", type(error).__name__)
        raise ConnectionAbortedError from error

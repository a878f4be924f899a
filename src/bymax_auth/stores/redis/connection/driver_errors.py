"""The errors of the Redis driver, and how they become this library's own."""

import logging
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from redis.exceptions import RedisClusterException, RedisError, ResponseError

from bymax_auth.errors import StoreCorrupt, StoreError, StoreUnavailable

__all__ = ["DRIVER_ERRORS", "map_driver_errors", "store_error"]

_logger: Final = logging.getLogger("bymax_auth")

DRIVER_ERRORS: Final = (RedisError, RedisClusterException, OSError, TimeoutError, UnicodeDecodeError)
"""What the driver raises when a command fails, or its reply cannot be decoded."""

_CALLER_ERROR: Final = UnicodeEncodeError
"""The caller's text cannot be encoded."""

_CODE: Final = re.compile(r"[A-Z]+\b")
_WRONG_TYPE: Final = "WRONGTYPE"


@contextmanager
def map_driver_errors() -> Generator[None, None, None]:
    """
    Turn any other exception that the driver passes on while it may connect into a connection error.

    A host's credential provider raises exceptions of its own, and the driver passes them on.

    Raises:
        ConnectionAbortedError: An exception that is none of `DRIVER_ERRORS`.
    """
    try:
        yield
    except (*DRIVER_ERRORS, _CALLER_ERROR):
        raise
    except Exception as error:
        _logger.warning("The Redis client could not connect: %s.", type(error).__name__)
        raise ConnectionAbortedError from error


def store_error(error: BaseException) -> StoreError:
    """
    Return the driver's error as one of this library's.

    The driver's text may repeat keys and records, so only Redis's error code is kept: the first word.
    """
    if isinstance(error, UnicodeDecodeError) or _WRONG_TYPE in str(error):
        return StoreCorrupt("A key of the Redis stores holds a value of another type.")
    code = _CODE.match(str(error)) if isinstance(error, ResponseError) else None
    name = type(error).__name__ if code is None else code.group()
    return StoreUnavailable(f"A Redis command failed: {name}.")

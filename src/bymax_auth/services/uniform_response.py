"""A request that reveals nothing about an account: one response, after one duration, whatever happened."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bymax_auth.config.constants import ANTI_ENUMERATION_MINIMUM
from bymax_auth.errors import AuthError, InternalError, ValidationFailed
from bymax_auth.ports.clock import Clock
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.waiting import MinimumDuration

__all__ = ["uniform_response"]


@asynccontextmanager
async def uniform_response(clock: Clock, failures: FailureReporter, origin: str) -> AsyncGenerator[None]:
    """
    End the block normally after the minimum duration, whether it is done, refused or failed.

    A failure is reported as one of `origin`.

    Raises:
        ValidationFailed: The block raised it; it says nothing about an account.
    """
    async with MinimumDuration(clock, ANTI_ENUMERATION_MINIMUM.total_seconds()):
        try:
            yield
        except ValidationFailed:
            raise
        except AuthError:
            return
        except InternalError as error:
            failures.report(origin, error)

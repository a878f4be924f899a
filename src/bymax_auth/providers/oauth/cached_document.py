"""
A document of a provider, kept for an hour and fetched once for all who need it.

Rules, which live nowhere else: one fetch at a time, and everybody who needs the document meanwhile gets its
outcome, a failure as well; a failed fetch is not kept; `renewed` fetches again at most once a minute,
whatever comes of it; a cancelled fetch is begun again by one of those who wait.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, Generic, TypeVar

from bymax_auth.ports.clock import Clock
from bymax_auth.ports.oauth import OAuthProviderError, ProviderFailure

__all__ = ["CachedDocument"]

DocumentT = TypeVar("DocumentT")

_MAX_AGE: Final = timedelta(hours=1).total_seconds()
_RENEWAL_INTERVAL: Final = timedelta(minutes=1).total_seconds()


class CachedDocument(Generic[DocumentT]):
    """What `fetch` returns, or the `OAuthProviderError` that it raises."""

    __slots__ = ("_clock", "_document", "_fetch", "_fetched_at", "_in_flight", "_renewed_at")

    def __init__(self, fetch: Callable[[], Awaitable[DocumentT]], clock: Clock) -> None:
        self._fetch: Final = fetch
        self._clock: Final = clock
        self._document: DocumentT | None = None
        self._fetched_at = 0.0
        self._renewed_at: float | None = None
        self._in_flight: asyncio.Future[DocumentT | OAuthProviderError] | None = None

    async def get(self) -> DocumentT:
        """
        Return the document, not older than an hour.

        Raises:
            OAuthProviderError: It could not be fetched.
        """
        if self._document is not None and self._clock.monotonic() - self._fetched_at < _MAX_AGE:
            return self._document
        return await self._shared_fetch()

    async def renewed(self) -> DocumentT:
        """
        Return the document, fetched again unless that was done within the last minute.

        Raises:
            OAuthProviderError: It could not be fetched.
        """
        now = self._clock.monotonic()
        if self._flight() is None:
            if self._renewed_at is not None and now - self._renewed_at < _RENEWAL_INTERVAL:
                return await self.get()
            self._renewed_at = now
        return await self._shared_fetch()

    def _flight(self) -> asyncio.Future[DocumentT | OAuthProviderError] | None:
        flight = self._in_flight
        # A loop that was closed in the middle of a fetch never ends it.
        return flight if flight is not None and flight.get_loop() is asyncio.get_running_loop() else None

    async def _shared_fetch(self) -> DocumentT:
        while (flight := self._flight()) is not None:
            await asyncio.wait([flight])
            if not flight.cancelled():
                return _unwrapped(flight.result())
        return await self._fetch_for_all()

    async def _fetch_for_all(self) -> DocumentT:
        self._in_flight = flight = asyncio.get_running_loop().create_future()
        try:
            document = await self._fetch()
        except OAuthProviderError as failure:
            flight.set_result(failure)
            raise
        except Exception:
            # A defect of a client.  Whoever has met it reports it; for the others it is an outage.
            flight.set_result(OAuthProviderError(ProviderFailure.TRANSPORT, "the fetch failed"))
            raise
        except BaseException:
            flight.cancel()
            raise
        finally:
            self._in_flight = None
        self._document, self._fetched_at = document, self._clock.monotonic()
        flight.set_result(document)
        return document


def _unwrapped(outcome: DocumentT | OAuthProviderError) -> DocumentT:
    if isinstance(outcome, OAuthProviderError):
        raise OAuthProviderError(outcome.kind, str(outcome), status=outcome.status)
    return outcome

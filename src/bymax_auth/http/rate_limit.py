"""Rate limits: how often one client may call one route."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import StoreError, TooManyRequests
from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from bymax_auth.http.config import AuthHttpConfig, RateLimit
from bymax_auth.http.request import RequestView
from bymax_auth.ports.attempts import RateLimitStore
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.identifiers import Identifiers

__all__ = ["RouteLimit", "rate_limit_store"]

_SHORTEST_WAIT: Final = timedelta(seconds=1)

_AGGREGATES: Final = (("56", 4), ("48", 16))
"""The wider networks of an IPv6 client, and how many times the limit of one /64 all clients in it have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLimit:
    """
    The limit of one counter; routes with the same `counter` share it.

    While the store is unavailable requests are refused; with `outages`, they are reported to it and admitted.
    """

    counter: str
    limit: RateLimit
    store: RateLimitStore
    identifiers: Identifiers
    source: PeerAddress | TrustedForwardedFor
    outages: FailureReporter | None = None

    async def spend(self, view: RequestView) -> None:
        """
        Count this request against the limit.

        Raises:
            TooManyRequests: The client, or the network that it belongs to, has reached its limit; the
                window ends after `retry_after`.
            StoreUnavailable: The store is unavailable; not with `outages`.
        """
        ip = self.source.resolve(view)
        await self._hit(self.counter, self.identifiers.rate_bucket(ip), 1)
        # One after another: a request that a narrow bucket refuses must not use up what its neighbours share.
        wider = self.identifiers.wider_rate_buckets(ip)
        for (name, factor), bucket in zip(_AGGREGATES, wider, strict=False):
            await self._hit(f"{self.counter}:{name}", bucket, factor)

    async def _hit(self, counter: str, bucket: str, factor: int) -> None:
        window = timedelta(seconds=self.limit.window_seconds)
        try:
            verdict = await self.store.hit(counter, bucket, self.limit.requests * factor, window)
        except StoreError as outage:
            if self.outages is None:
                raise
            self.outages.report(f"rate_limit.{self.counter}", outage)
            return
        if not verdict.allowed:
            raise TooManyRequests(retry_after=max(verdict.retry_after, _SHORTEST_WAIT))


def rate_limit_store(http: AuthHttpConfig, engine: AuthEngine) -> RateLimitStore:
    """Return the store that counts requests: the configured one, else the engine's."""
    given = http.rate_limit_store
    return engine.rate_limits if given is None else given

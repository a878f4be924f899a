"""
What a worker measures, for Prometheus.

The client library writes every number into a file of the process, in the folder that `metrics_server` names;
it reads the folder's name when it is imported, so nothing that the parent process imports may import this.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bymax_auth.ports.telemetry import Ended, WaitingWork
from bymax_auth.services.telemetry import STORE_DURATION_BOUNDS, WatchedQueues
from bymax_auth.types.identity import Realm

__all__ = ["PrometheusTelemetry"]

_SECONDS_BETWEEN_SAMPLES: Final = 1.0


class PrometheusTelemetry:
    """
    Implements `Telemetry` with metrics of the Prometheus client library.

    Args:
        registry: What holds the metrics; by default a registry of their own.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        holder = CollectorRegistry() if registry is None else registry
        self._queues = WatchedQueues()
        self._flows = Counter(
            "bymax_auth_flows",
            "Flows that ended, by outcome",
            ("operation", "realm", "outcome"),
            registry=holder,
        )
        self._reuses = Counter(
            "bymax_auth_refresh_reuses", "Refresh tokens that were replayed", ("realm",), registry=holder
        )
        self._lockouts = Counter(
            "bymax_auth_lockouts", "Attempts refused by a lockout", ("operation", "realm"), registry=holder
        )
        self._store_seconds = Histogram(
            "bymax_auth_store_duration_seconds",
            "Duration of operations of the stores",
            ("operation", "outcome"),
            buckets=STORE_DURATION_BOUNDS,
            registry=holder,
        )
        self._waiting = Gauge(
            "bymax_auth_kdf_waiting",
            "Password derivations that wait for a thread",
            multiprocess_mode="livesum",
            registry=holder,
        )
        for realm in Realm:
            # From 0 on, so that the first one is an increase.
            self._reuses.labels(realm)
            self._lockouts.labels("login", realm)

    def flow_began(self, operation: str, realm: Realm) -> Ended:
        """Count the flow when it ends."""
        return lambda outcome: self._flows.labels(operation, realm, outcome).inc()

    def store_call_began(self, operation: str) -> Ended:
        """Record the duration when the operation ends."""
        began = perf_counter()
        return lambda outcome: self._store_seconds.labels(operation, outcome).observe(perf_counter() - began)

    def reuse_detected(self, realm: Realm) -> None:
        """Count a replayed refresh token."""
        self._reuses.labels(realm).inc()

    def locked_out(self, operation: str, realm: Realm) -> None:
        """Count a refused attempt."""
        self._lockouts.labels(operation, realm).inc()

    def watch(self, queue: WaitingWork) -> None:
        """Report how much waits in the queue, with each sample."""
        self._queues.add(queue)

    def sample(self) -> None:
        """Write how much waits now: the process that answers Prometheus cannot ask this one."""
        self._waiting.set(self._queues.waiting)

    @asynccontextmanager
    async def sampling(self) -> AsyncGenerator[None]:
        """Sample once a second inside the block."""
        task = asyncio.create_task(self._sample_on())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _sample_on(self) -> None:
        while True:
            self.sample()
            await asyncio.sleep(_SECONDS_BETWEEN_SAMPLES)

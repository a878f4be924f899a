"""
Spans and metrics through OpenTelemetry (extra ``otel``).

    engine = AuthEngine(config, …, telemetry=OpenTelemetry())

The host chooses providers and exporters; without any, OpenTelemetry's own instruments do nothing.
"""

from collections.abc import Iterable
from time import perf_counter
from typing import Final

from bymax_auth.errors.extras import needs_extra
from bymax_auth.ports.telemetry import Ended, WaitingWork
from bymax_auth.services.telemetry import STORE_DURATION_BOUNDS, WatchedQueues
from bymax_auth.types.identity import Realm

with needs_extra("otel", ("opentelemetry",)):
    from opentelemetry import context, metrics, trace
    from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

__all__ = ["OpenTelemetry"]

_SCOPE: Final = "bymax_auth"
_FAILURES: Final = frozenset({"error", "unavailable"})


class OpenTelemetry:
    """
    Implements `Telemetry` with a tracer and a meter.

    A flow is a span and is counted; an operation of a store is a span and is timed.  Spans record no
    exception, because its text may contain values.

    Args:
        tracer_provider: Makes the tracer; by default the global one.
        meter_provider: Makes the meter; by default the global one.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._has_tracer_provider = tracer_provider is not None
        self._tracer = trace.get_tracer(_SCOPE, tracer_provider=tracer_provider)
        meter = metrics.get_meter(_SCOPE, meter_provider=meter_provider)
        self._queues = WatchedQueues()
        self._flows = meter.create_counter(
            "bymax_auth.flows", unit="{flow}", description="Flows that ended, by outcome"
        )
        self._reuses = meter.create_counter(
            "bymax_auth.refresh.reuses", unit="{reuse}", description="Refresh tokens that were replayed"
        )
        self._lockouts = meter.create_counter(
            "bymax_auth.lockouts", unit="{attempt}", description="Attempts refused by a lockout"
        )
        self._store_calls = meter.create_histogram(
            "bymax_auth.store.duration",
            unit="s",
            description="Duration of operations of the stores",
            explicit_bucket_boundaries_advisory=STORE_DURATION_BOUNDS,
        )
        meter.create_observable_gauge(
            "bymax_auth.kdf.waiting",
            callbacks=[self._waiting],
            unit="{derivation}",
            description="Password derivations that wait for a thread",
        )

    def flow_began(self, operation: str, realm: Realm) -> Ended:
        """Begin a span; its end counts the flow."""
        labels = {"operation": operation, "realm": str(realm)}
        if not self._makes_spans():
            return lambda outcome: self._flows.add(1, {**labels, "outcome": outcome})
        span = self._tracer.start_span(f"{_SCOPE}.{operation}", attributes=labels)
        # The operations of stores within the flow are spans below it.
        current = context.attach(trace.set_span_in_context(span))

        def ended(outcome: str) -> None:
            context.detach(current)
            _end(span, outcome)
            self._flows.add(1, {**labels, "outcome": outcome})

        return ended

    def store_call_began(self, operation: str) -> Ended:
        """Begin a span; its end records the duration."""
        began = perf_counter()
        labels = {"operation": operation}
        if not self._makes_spans():
            return lambda outcome: self._record(began, labels, outcome)
        span = self._tracer.start_span(f"{_SCOPE}.store.{operation}", kind=SpanKind.CLIENT, attributes=labels)

        def ended(outcome: str) -> None:
            _end(span, outcome)
            self._record(began, labels, outcome)

        return ended

    def _record(self, began: float, labels: dict[str, str], outcome: str) -> None:
        self._store_calls.record(perf_counter() - began, {**labels, "outcome": outcome})

    def _makes_spans(self) -> bool:
        """Say whether anybody has a provider; a span without one is work for nothing."""
        return self._has_tracer_provider or not isinstance(
            trace.get_tracer_provider(), trace.ProxyTracerProvider
        )

    def reuse_detected(self, realm: Realm) -> None:
        """Count a replayed refresh token."""
        self._reuses.add(1, {"realm": str(realm)})

    def locked_out(self, operation: str, realm: Realm) -> None:
        """Count a refused attempt."""
        self._lockouts.add(1, {"operation": operation, "realm": str(realm)})

    def watch(self, queue: WaitingWork) -> None:
        """Report how much waits in the queue, whenever metrics are collected."""
        self._queues.add(queue)

    def _waiting(self, _options: CallbackOptions) -> Iterable[Observation]:
        yield Observation(self._queues.waiting)


def _end(span: Span, outcome: str) -> None:
    span.set_attribute("outcome", outcome)
    if outcome in _FAILURES:
        span.set_status(Status(StatusCode.ERROR))
    span.end()

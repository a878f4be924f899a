"""What a host's OpenTelemetry receives, by the real SDK: counters, spans, and nothing that names anybody."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from bymax_auth.errors import AuthError, StoreUnavailable
from bymax_auth.ports.events import EventSink
from bymax_auth.providers.opentelemetry import OpenTelemetry
from bymax_auth.services.kdf_pool import KdfBudget, KdfPool
from bymax_auth.testing import (
    TEST_PASSWORD,
    TEST_TENANT,
    FakeClock,
    ReadyEngine,
    RecordingEvents,
    build_engine,
    config_for_tests,
)
from bymax_auth.types.context import RequestContext
from bymax_auth.types.inputs import LoginInput
from bymax_auth.types.results import SessionResult

EMAIL, ADDRESS = "ada.lovelace@example.com", "203.0.113.77"
CONTEXT = RequestContext(ip=ADDRESS, user_agent="Lovelace/1.0")
LABELS = {"operation", "realm", "outcome"}
VALUE = re.compile(r"[a-z_]+(\.[a-z_]+)?")


class Received:
    """The SDK of a host, which keeps what it receives."""

    def __init__(self) -> None:
        self.reader, self.exporter = InMemoryMetricReader(), InMemorySpanExporter()
        self.meters = MeterProvider(metric_readers=[self.reader], shutdown_on_exit=False)
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.telemetry = OpenTelemetry(tracer_provider=self.tracers, meter_provider=self.meters)

    def points(self) -> dict[str, list[Any]]:
        """Every data point, by the name of its metric."""
        data = self.reader.get_metrics_data()
        found = () if data is None else data.resource_metrics
        return {
            metric.name: list(metric.data.data_points)
            for resource in found
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def counted(self, name: str, **labels: str) -> float:
        return sum(
            point.value for point in self.points().get(name, ()) if labels.items() <= point.attributes.items()
        )

    def timed(self, **labels: str) -> int:
        points = self.points().get("bymax_auth.store.duration", ())
        return sum(point.count for point in points if labels.items() <= point.attributes.items())

    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()


@pytest.fixture
def received() -> Iterator[Received]:
    host = Received()
    yield host
    host.meters.shutdown()
    host.tracers.shutdown()


def engine(received: Received, **options: object) -> ReadyEngine:
    return build_engine(config_for_tests(**options), telemetry=received.telemetry)


async def sign_in(auth: ReadyEngine, password: str = TEST_PASSWORD) -> SessionResult:
    return await auth.engine.login(LoginInput(email=EMAIL, password=password, tenant_id=TEST_TENANT), CONTEXT)


async def refused(auth: ReadyEngine, times: int) -> None:
    for _ in range(times):
        with pytest.raises(AuthError):
            await sign_in(auth, "not-this-one-at-all")


async def replayed(auth: ReadyEngine, result: SessionResult) -> None:
    """Exchange a token, and present it again long after."""
    await auth.engine.refresh(result.refresh_token, CONTEXT)
    auth.clock.advance(timedelta(hours=1))
    with pytest.raises(AuthError):
        await auth.engine.refresh(result.refresh_token, CONTEXT)


async def test_counters_tell_what_happened(received: Received) -> None:
    """An operator sees no attack, or one that did not happen."""
    async with engine(received, brute_force={"max_attempts": 2}) as auth:
        auth.add_user(EMAIL)
        auth.add_admin(EMAIL)
        results = [await sign_in(auth) for _ in range(3)]
        await replayed(auth, results[0])
        await auth.engine.refresh(results[1].refresh_token, CONTEXT)
        await auth.engine.platform.login(LoginInput(email=EMAIL, password=TEST_PASSWORD), CONTEXT)
        await refused(auth, 5)

    flows = "bymax_auth.flows"
    users = {"realm": "dashboard"}
    assert received.counted(flows, operation="login", outcome="ok", **users) == 3
    assert received.counted(flows, operation="login", outcome="ok", realm="platform") == 1
    assert received.counted(flows, operation="login", outcome="auth.invalid_credentials", **users) == 2
    assert received.counted(flows, operation="login", outcome="auth.account_locked", **users) == 3
    assert received.counted(flows, operation="refresh", outcome="ok") == 2
    assert received.counted(flows, operation="refresh", outcome="auth.refresh_token_invalid") == 1
    assert received.counted("bymax_auth.refresh.reuses", **users) == 1
    assert received.counted("bymax_auth.lockouts", operation="login", **users) == 3
    assert received.timed(operation="sessions.rotate", outcome="ok") == 2
    assert received.timed(operation="sessions.create", outcome="ok") == 4
    assert received.counted("bymax_auth.kdf.waiting") == 0


async def test_the_operations_of_stores_are_spans_within_their_flow(received: Received) -> None:
    """Somebody looks for what makes sign-ins slow, and sees the whole and no part."""
    async with engine(received) as auth:
        auth.add_user(EMAIL)
        await sign_in(auth)
        await auth.engine.drain()
    (flow,) = [span for span in received.spans() if span.name == "bymax_auth.login"]
    created = [span for span in received.spans() if span.name == "bymax_auth.store.sessions.create"]
    assert [span.parent and span.parent.span_id for span in created] == [
        flow.context and flow.context.span_id
    ]
    assert dict(flow.attributes or {}) == {"operation": "login", "realm": "dashboard", "outcome": "ok"}
    assert flow.status.status_code is StatusCode.UNSET


async def test_an_outage_is_a_failed_span_and_a_refusal_is_not(received: Received) -> None:
    """Every wrong password is an alarm, or an outage is none."""
    auth = engine(received)
    async with auth:
        auth.add_user(EMAIL)
        await refused(auth, 1)
        await auth.stores.aclose()
        with pytest.raises(StoreUnavailable):
            await sign_in(auth)
    first, second = [span for span in received.spans() if span.name == "bymax_auth.login"]
    assert (first.status.status_code, second.status.status_code) == (StatusCode.UNSET, StatusCode.ERROR)
    assert (second.attributes or {})["outcome"] == "unavailable"
    assert received.timed(outcome="unavailable") > 0


async def test_no_label_and_no_span_names_anybody(received: Received) -> None:
    """Whoever reads the graphs learns who signed in from where, or takes a token from a trace."""
    async with engine(received, brute_force={"max_attempts": 2}) as auth:
        person, admin = auth.add_user(EMAIL), auth.add_admin(EMAIL)
        result = await sign_in(auth)
        await replayed(auth, result)
        await refused(auth, 3)
        await auth.engine.platform.login(LoginInput(email=EMAIL, password=TEST_PASSWORD), CONTEXT)
        await auth.engine.drain()

    spans = received.spans()
    labels: list[Mapping[str, Any]] = [
        point.attributes for points in received.points().values() for point in points
    ]
    labels += [span.attributes or {} for span in spans]
    assert {name for one in labels for name in one} == LABELS
    assert [value for one in labels for value in one.values() if not VALUE.fullmatch(value)] == []
    assert [span for span in spans if span.events or span.status.description] == []
    text = "".join(span.to_json() for span in spans) + str(received.points())
    secrets = (EMAIL, "lovelace", ADDRESS, TEST_TENANT, person.id, admin.id, result.refresh_token)
    assert [one for one in secrets if one.lower() in text.lower()] == []


def test_the_queue_of_passwords_is_reported_while_it_exists(received: Received) -> None:
    """Sign-ins pile up, and the graph says that nobody waits."""
    events: EventSink = RecordingEvents()
    pool = KdfPool(KdfBudget(workers=1, max_waiting=4), events, FakeClock())
    received.telemetry.watch(pool)
    slots = [pool.acquire("a") for _ in range(3)]
    assert received.counted("bymax_auth.kdf.waiting") == 2
    for slot in slots:
        slot.release()
    assert received.counted("bymax_auth.kdf.waiting") == 0


async def test_an_engine_that_opens_again_is_counted_on(received: Received) -> None:
    """An application that starts twice in one process loses its measurements, or counts everything twice."""
    auth = engine(received)
    auth.add_user(EMAIL)
    for _ in range(2):
        async with auth:
            await sign_in(auth)
    assert received.counted("bymax_auth.flows", operation="login", outcome="ok") == 2


async def test_without_a_provider_nothing_is_recorded_and_nothing_fails() -> None:
    """A host that has not set OpenTelemetry up cannot sign anybody in."""
    async with build_engine(telemetry=OpenTelemetry()) as auth:
        auth.add_user(EMAIL)
        assert (await sign_in(auth)).refresh_token

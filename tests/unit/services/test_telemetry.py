"""Measuring changes nothing of what is measured, whatever the host's telemetry does."""

import asyncio
import logging
from itertools import pairwise
from typing import Any, NoReturn

import pytest

from bymax_auth.errors import (
    AuthError,
    AuthErrorCode,
    InternalError,
    InvalidCredentials,
    RepositoryBackendError,
    RepositoryUnavailable,
    StoreCorrupt,
    StoreUnavailable,
)
from bymax_auth.flows.login import Login
from bymax_auth.ports.events import (
    FactorLocked,
    LoginSucceeded,
    ReauthenticationLocked,
    RefreshReuseDetected,
)
from bymax_auth.ports.telemetry import Ended, WaitingWork
from bymax_auth.services.telemetry import (
    STORE_DURATION_BOUNDS,
    ObservedStores,
    SafeTelemetry,
    TelemetryEventSink,
    WatchedQueues,
    observed_flow,
    outcome_of,
)
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import (
    TEST_PASSWORD,
    TEST_TENANT,
    FakeClock,
    RecordingEvents,
    build_engine,
    config_for_tests,
)
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import LoginInput


class Recorded:
    """Telemetry that keeps what it receives."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def flow_began(self, operation: str, realm: Realm) -> Ended:
        return lambda outcome: self.lines.append(f"{realm} {operation} {outcome}")

    def store_call_began(self, operation: str) -> Ended:
        return lambda outcome: self.lines.append(f"{operation} {outcome}")

    def reuse_detected(self, realm: Realm) -> None:
        self.lines.append(f"{realm} reuse")

    def locked_out(self, operation: str, realm: Realm) -> None:
        self.lines.append(f"{realm} {operation} locked")

    def watch(self, queue: WaitingWork) -> None:
        self.lines.append(f"queue of {queue.waiting}")


class Broken:
    """Telemetry of a host that fails in every call, or, where it `begins`, when what began has ended."""

    def __init__(self, *, begins: bool) -> None:
        self.begins = begins

    def flow_began(self, operation: str, realm: Realm) -> Ended:
        return self._began()

    def store_call_began(self, operation: str) -> Ended:
        return self._began()

    def reuse_detected(self, realm: Realm) -> None:
        raise OSError(TEST_PASSWORD)

    def locked_out(self, operation: str, realm: Realm) -> None:
        raise OSError(TEST_PASSWORD)

    def watch(self, queue: WaitingWork) -> None:
        raise OSError(TEST_PASSWORD)

    def _began(self) -> Ended:
        if not self.begins:
            raise OSError(TEST_PASSWORD)
        return self._fail

    def _fail(self, _outcome: str) -> NoReturn:
        raise OSError(TEST_PASSWORD)


class HostFailure(InternalError):
    """A failure that a host made, with a code of a refusal."""

    code = AuthErrorCode.VALIDATION


class HostRefusal(AuthError):
    """A refusal that a host made, with a code of its own."""

    code = "ada@example.com"  # type: ignore[assignment]
    status = 418
    message = "Refused by the host"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "ok"),
        (InvalidCredentials(), "auth.invalid_credentials"),
        (HostRefusal(), "refused"),
        (StoreUnavailable(), "unavailable"),
        (RepositoryUnavailable(), "unavailable"),
        (RepositoryBackendError(), "error"),
        (StoreCorrupt(), "error"),
        (InternalError(), "error"),
        (HostFailure(), "error"),
        (asyncio.CancelledError(), "cancelled"),
        (KeyError("ada@example.com"), "error"),
    ],
)
def test_an_outcome_is_one_of_few_names(error: BaseException | None, outcome: str) -> None:
    """A host's exception puts an address into a label, and a new series for each of them."""
    assert outcome_of(error) == outcome


async def test_without_telemetry_nothing_is_wrapped() -> None:
    """A host that measures nothing pays for it in every request."""
    async with build_engine() as auth:
        engine = auth.engine
        assert type(engine.login) is Login
        assert engine.login.lockout.attempts is auth.stores.attempts
        assert engine.rate_limits is auth.stores.rate_limits
        assert engine.events is engine.login.events


async def test_flows_and_stores_are_measured_but_not_the_check_of_a_token() -> None:
    """Every request of the host's own routes makes a span of some microseconds."""
    recorded = Recorded()
    async with build_engine(telemetry=recorded) as auth:
        auth.add_user()
        request = LoginInput(email="ada@example.com", password=TEST_PASSWORD, tenant_id=TEST_TENANT)
        result = await auth.engine.login(request, RequestContext())
        await auth.engine.drain()
        assert recorded.lines[0] == "queue of 0"
        assert {"sessions.create ok", "attempts.begin ok", "dashboard login ok"} <= set(recorded.lines)
        recorded.lines.clear()
        await auth.engine.authenticate(result.access_token)
        assert recorded.lines == ["revocation.token_state ok"]
        assert auth.engine.stores is auth.stores


@pytest.mark.parametrize("begins", [False, True])
async def test_a_telemetry_that_fails_keeps_nobody_out_and_is_logged_once(
    caplog: pytest.LogCaptureFixture, *, begins: bool
) -> None:
    """A full disk below the metrics ends every sign-in, or floods the log with what was measured."""
    caplog.set_level(logging.ERROR, "bymax_auth")
    config = config_for_tests(brute_force={"max_attempts": 1})
    async with build_engine(config, telemetry=Broken(begins=begins)) as auth:
        auth.add_user()
        request = LoginInput(email="ada@example.com", password=TEST_PASSWORD, tenant_id=TEST_TENANT)
        assert await auth.engine.login(request, RequestContext())
        for _ in range(2):
            with pytest.raises(AuthError):
                await auth.engine.login(
                    LoginInput(email="ada@example.com", password="not-this-one", tenant_id=TEST_TENANT),
                    RequestContext(),
                )
    (record,) = caplog.records
    assert (record.__dict__["event"], record.__dict__["exception"]) == ("telemetry.failed", "OSError")
    assert TEST_PASSWORD not in caplog.text


def test_a_failing_count_is_not_the_callers_failure() -> None:
    """A replay is detected, and the refusal becomes an internal error."""
    SafeTelemetry(Broken(begins=True)).reuse_detected(Realm.PLATFORM)


def test_events_are_counted_and_passed_on() -> None:
    """Measuring takes the events from the log."""
    recorded, events = Recorded(), RecordingEvents()
    sink = TelemetryEventSink(events, recorded)
    sink.emit(ReauthenticationLocked(user_id="1", flow="change_password"))
    sink.emit(FactorLocked(user_id="1", flow="mfa_challenge"))
    sink.emit(RefreshReuseDetected(family_id="f"))
    sink.emit(LoginSucceeded(user_id="1"))
    assert recorded.lines == [
        "dashboard change_password locked",
        "dashboard mfa_challenge locked",
        "dashboard reuse",
    ]
    assert len(events.events) == 4


async def test_observed_stores_are_the_given_ones_in_all_else() -> None:
    """A volatile store passes for a lasting one as soon as it is measured."""
    given = EmbeddedStores(clock=FakeClock())
    observed = ObservedStores(given, Recorded())
    for name in ("layout", "volatile", "allow_in_production", "longest_access_ttl"):
        assert getattr(observed, name) == getattr(given, name)
    await observed.start()
    await observed.aclose()
    assert observed.sessions.__class__ is not given.sessions.__class__
    own: Any = observed.sessions
    assert own._database is given.sessions._database
    with pytest.raises(AttributeError):
        getattr(observed.sessions, "no_such_operation")  # noqa: B009 - no type knows it


async def test_stores_without_what_is_optional_stay_without() -> None:
    """An engine offers what its stores cannot keep."""
    given: Any = EmbeddedStores(clock=FakeClock())
    given.proofs = given.invitations = given.mfa = given.ws_tickets = None
    observed = ObservedStores(given, Recorded())
    assert (observed.proofs, observed.invitations, observed.mfa, observed.ws_tickets) == (None,) * 4


async def test_a_cancelled_flow_ends_as_cancelled() -> None:
    """Somebody closes the page, and the span stays open for ever."""
    recorded, begun = Recorded(), asyncio.Event()

    async def flow() -> None:
        begun.set()
        await asyncio.Event().wait()

    observed = observed_flow(flow, "login", Realm.PLATFORM, recorded)
    both = asyncio.gather(observed(), return_exceptions=True)
    await begun.wait()
    both.cancel()
    with pytest.raises(asyncio.CancelledError):
        await both
    assert recorded.lines == ["platform login cancelled"]


def test_a_queue_that_is_gone_is_not_counted() -> None:
    """An engine that was closed holds its queue in memory for as long as the process runs."""

    class Queue:
        waiting = 3

    queues, queue = WatchedQueues(), Queue()
    queues.add(queue)
    assert queues.waiting == 3
    del queue
    assert queues.waiting == 0


def test_a_bound_is_at_most_two_and_a_half_times_the_one_before() -> None:
    """A percentile of a store's durations would be wrong by more than that."""
    steps = pairwise(STORE_DURATION_BOUNDS)
    assert all(lower < upper <= 2.5 * lower for lower, upper in steps)
    # Alerts of hosts name the outermost ones, as `le="2.5"`.
    assert (STORE_DURATION_BOUNDS[0], STORE_DURATION_BOUNDS[-1]) == (0.0005, 2.5)

"""Failures: told to the host as they are, and to logs by class name."""

import errno

from bymax_auth.errors import RepositoryBackendError, StoreUnavailable
from bymax_auth.ports.events import BackgroundTaskFailed, InternalFailure
from bymax_auth.services.failures import FailureReporter
from bymax_auth.testing import RecordingEvents
from tests.unit.services.parts import Broken

Told = list[tuple[str, BaseException]]


def test_a_failure_is_told_once(failures: FailureReporter, events: RecordingEvents, told: Told) -> None:
    """An operator who is paged twice for one outage learns to ignore pages."""
    outage = StoreUnavailable()
    failures.report("session_store", outage)
    failures.report("http", outage)

    assert events.events == [InternalFailure(origin="session_store", exception="StoreUnavailable")]
    assert told == [("session_store", outage)]


def test_a_hosts_exception_is_told_as_itself_and_logged_by_class(
    failures: FailureReporter, events: RecordingEvents, told: Told
) -> None:
    """Its text may hold a connection string."""
    cause = Broken()
    failure = failures.stand_in("repository.create", cause, RepositoryBackendError())
    failures.report("http", failure)

    assert events.events == [InternalFailure(origin="repository.create", exception="Broken")]
    assert "hunter2" not in repr(events.events)
    assert told == [("repository.create", cause)]


def test_a_fault_of_ours_says_where_it_was_raised(
    failures: FailureReporter, events: RecordingEvents, told: Told
) -> None:
    """It came through no port, so without its place nobody could find it; its text is still not shown."""

    def faulty() -> None:
        raise Broken

    try:
        faulty()
    except Broken as caught:
        fault = caught
        failures.report("http", fault)

    (event,) = events.of(InternalFailure)
    assert event.stack[0].startswith("test_failures.py:")
    assert event.stack[0].endswith(" faulty")
    assert "hunter2" not in repr(event)
    assert told == [("http", fault)]


def test_an_outage_names_what_led_to_it_and_its_place(
    failures: FailureReporter, events: RecordingEvents
) -> None:
    """An operator who reads nothing but "store unavailable" cannot tell a paused Redis from a full one."""
    try:
        try:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "10.0.0.7 hunter2")
        except OSError:
            raise StoreUnavailable("A Redis command failed: ConnectionError.") from None
    except StoreUnavailable as outage:
        failures.report("me", outage)

    (event,) = events.of(InternalFailure)
    assert event.causes == ("ConnectionRefusedError (ECONNREFUSED)",)
    assert event.stack[0].startswith("test_failures.py:")
    assert "hunter2" not in repr(event)


def test_a_failure_that_changes_no_answer_keeps_its_own_event(
    failures: FailureReporter, events: RecordingEvents, told: Told
) -> None:
    """The host's reporting tells a failed mail from a failed request by the event's name."""
    error = Broken()
    event = BackgroundTaskFailed(origin="email.password_changed", exception="Broken")
    failures.note(event, error)

    assert events.events == [event]
    assert told == [("detached.failed", error)]


def test_a_failure_that_was_told_keeps_its_event_and_is_not_told_again(
    failures: FailureReporter, events: RecordingEvents, told: Told
) -> None:
    """A repository that fails in the background is one outage, and the host hears of it as itself."""
    cause = Broken()
    failure = failures.stand_in("repository.update_last_login", cause, RepositoryBackendError())
    event = BackgroundTaskFailed(origin="last_login", exception="RepositoryBackendError")
    failures.note(event, failure)

    assert events.names == ["internal_error", "detached.failed"]
    assert told == [("repository.update_last_login", cause)]


def test_reporting_that_fails_changes_no_answer(events: RecordingEvents) -> None:
    """A broken error tracker must not turn every outage into a crash."""

    def broken(_name: str, _error: BaseException) -> None:
        raise Broken

    FailureReporter(events, broken).report("session_store", StoreUnavailable())

    assert [(event.origin, event.exception) for event in events.of(InternalFailure)] == [
        ("session_store", "StoreUnavailable"),
        ("on_internal_error", "Broken"),
    ]


def test_a_host_need_not_report(events: RecordingEvents) -> None:
    """The log records are the default."""
    FailureReporter(events).report("session_store", StoreUnavailable())

    assert events.names == ["internal_error"]


def test_a_failure_that_an_event_has_told_of_is_not_reported_again(
    failures: FailureReporter, events: RecordingEvents
) -> None:
    """One outage would page an operator twice."""
    error = StoreUnavailable()
    failures.note(BackgroundTaskFailed(origin="last_login", exception="StoreUnavailable"), error)
    failures.report("session_store", error)

    assert events.names == ["detached.failed"]

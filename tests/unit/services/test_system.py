"""The machine's clock, and events as log records."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from bymax_auth.ports.events import (
    AuthEvent,
    InternalFailure,
    KdfOverloaded,
    LoginLocked,
    LoginSucceeded,
)
from bymax_auth.services.system import LoggingEventSink, SafeEventSink, SystemClock
from bymax_auth.types.identity import Realm
from tests.unit.services.parts import Broken


async def test_the_machines_clock_is_aware_and_never_wakes_early() -> None:
    """A minimum duration that were a tick too short would be measurable."""
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 60
    assert int(clock.now().timestamp()) <= clock.unix_seconds() <= clock.now().timestamp()

    started = clock.monotonic()
    await clock.sleep(0.001)
    await clock.sleep(-1)
    assert clock.monotonic() - started >= 0.001


async def test_a_sleep_goes_on_after_a_timer_that_was_early_and_no_longer() -> None:
    """A minimum duration would be too short, or every refusal by a second too long."""
    moments = iter([5.0, 5.0, 5.0009, 5.0011])

    class Early(SystemClock):
        def monotonic(self) -> float:
            return next(moments)

    await Early().sleep(0.001)
    assert list(moments) == []


def test_an_event_is_a_record_with_a_stable_name(caplog: pytest.LogCaptureFixture) -> None:
    """Alerts are written against the name and the fields."""
    with caplog.at_level(logging.INFO, logger="bymax_auth"):
        LoggingEventSink().emit(LoginSucceeded(user_id="u1", tenant_id=None, realm=Realm.PLATFORM))

    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.INFO, "Signed in")
    fields = vars(record)
    assert {name: fields[name] for name in ("event", "user_id", "tenant_id", "realm")} == {
        "event": "platform.login_ok",
        "user_id": "u1",
        "tenant_id": None,
        "realm": "platform",
    }


def test_no_field_can_forge_a_record(caplog: pytest.LogCaptureFixture) -> None:
    """A tenant id comes from a request."""
    LoggingEventSink().emit(LoginLocked(masked_email="a***@x.io", tenant_id="acme\nlogin.ok"))

    assert vars(caplog.records[0])["tenant_id"] == "<malformed>"


def test_numbers_and_lists_stay_what_they_are(caplog: pytest.LogCaptureFixture) -> None:
    """A dashboard adds the numbers up."""
    LoggingEventSink().emit(KdfOverloaded(refused=3, waiting=128, workers=2))
    LoggingEventSink().emit(InternalFailure(origin="x", exception="ValueError", stack=("a.py:1 f", "b\n")))

    assert vars(caplog.records[0])["refused"] == 3
    assert vars(caplog.records[1])["stack"] == ("a.py:1 f", "<malformed>")


def test_a_value_of_another_kind_shows_its_class_only(caplog: pytest.LogCaptureFixture) -> None:
    """An object's text might hold anything."""

    @dataclass(frozen=True, kw_only=True)
    class HostEvent(AuthEvent):
        event: ClassVar[str] = "host.event"
        level: ClassVar[int] = logging.WARNING
        message: ClassVar[str] = "Something of the host's"
        payload: object

    LoggingEventSink().emit(HostEvent(payload={"password": "hunter2"}))

    assert vars(caplog.records[0])["payload"] == "dict"


def test_a_level_that_is_off_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Sign-ins are frequent; a host that logs warnings only must not pay for them."""
    with caplog.at_level(logging.WARNING, logger="bymax_auth"):
        LoggingEventSink().emit(LoginSucceeded(user_id="u1"))

    assert caplog.records == []


def test_a_sink_that_fails_changes_nothing_and_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody could sign in while the host's log server is away."""

    class BrokenSink:
        def emit(self, event: AuthEvent) -> None:
            raise Broken

    SafeEventSink(BrokenSink()).emit(LoginSucceeded(user_id="u1"))

    (record,) = caplog.records
    assert vars(record)["event"] == "event_sink.failed"
    assert "hunter2" not in caplog.text

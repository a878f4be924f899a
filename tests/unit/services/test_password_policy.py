"""Which new passwords are acceptable."""

import asyncio

import pytest

from bymax_auth.errors import PasswordCompromised, ValidationFailed
from bymax_auth.ports.breach import BreachCheckUnavailable, BreachServiceFault, PasswordBreachChecker
from bymax_auth.ports.events import BreachCheckFailed, BreachServiceUnavailable
from bymax_auth.services.common_passwords import CommonPasswordChecker
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.password_policy import PasswordPolicy
from bymax_auth.testing import RecordingEvents
from tests.unit.services.parts import Broken


class BrokenChecker:
    """A checker whose service is down."""

    async def is_breached(self, password: str) -> bool:
        raise Broken


class UnavailableChecker:
    """A checker that says that its service gave no usable answer."""

    async def is_breached(self, password: str) -> bool:
        raise BreachCheckUnavailable(BreachServiceFault.TIMEOUT)


class HangingChecker:
    """A checker whose service does not answer."""

    async def is_breached(self, password: str) -> bool:
        await asyncio.Event().wait()
        return True


def policy(failures: FailureReporter, checker: PasswordBreachChecker | None = None) -> PasswordPolicy:
    return PasswordPolicy(15, checker or CommonPasswordChecker(), failures)


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("x" * 14, "newPassword must be at least 15 characters"),
        ("", "newPassword must be at least 15 characters"),
        ("🔐" * 14, "newPassword must be at least 15 characters"),
        ("x" * 129, "must be at most 128 characters"),
        ("correct horse \ud800", "must be valid text"),
    ],
    ids=ascii,
)
async def test_a_password_out_of_bounds_is_refused_by_field(
    failures: FailureReporter, password: str, message: str
) -> None:
    """The form shows the message next to the field."""
    with pytest.raises(ValidationFailed) as refusal:
        await policy(failures).assert_acceptable(password, "newPassword")

    assert [(error.field, error.message) for error in refusal.value.fields] == [("newPassword", message)]


@pytest.mark.parametrize("password", ["correct horse battery", "пароль-очень-длинный", "  spaces are kept  "])
async def test_a_long_and_unknown_password_is_accepted(failures: FailureReporter, password: str) -> None:
    """People may use any script, and any space."""
    await policy(failures).assert_acceptable(password, "password")


async def test_characters_are_those_of_the_normalised_text(failures: FailureReporter) -> None:
    """Marks that one keyboard sends apart must not make seven letters fifteen, nor seventy too many."""
    await policy(failures).assert_acceptable("e\u0323\u0302" * 58 + "dozen a", "password")
    with pytest.raises(ValidationFailed):
        await policy(failures).assert_acceptable("e\u0323\u0302" * 7, "password")


async def test_the_checker_gets_the_normalised_text(failures: FailureReporter) -> None:
    """A listed password must not pass because it was typed on another keyboard."""
    listed = CommonPasswordChecker(["sen\u0303ora"])
    with pytest.raises(PasswordCompromised):
        await policy(failures, listed).assert_acceptable("se\u00f1ora" * 3, "password")
    with pytest.raises(PasswordCompromised):
        await policy(failures, listed).assert_acceptable("sen\u0303ora" * 3, "password")


async def test_a_well_known_password_is_refused(failures: FailureReporter) -> None:
    """It is among the first that an attacker tries."""
    with pytest.raises(PasswordCompromised):
        await policy(failures).assert_acceptable("passwordpassword1", "password")


async def test_length_is_judged_first(failures: FailureReporter) -> None:
    """A short password must not be sent to a checker at all."""
    with pytest.raises(ValidationFailed):
        await policy(failures, BrokenChecker()).assert_acceptable("short", "password")


async def test_a_checker_that_fails_lets_the_password_pass(
    failures: FailureReporter, events: RecordingEvents, told: list[tuple[str, BaseException]]
) -> None:
    """Its outage must not stop every registration."""
    await policy(failures, BrokenChecker()).assert_acceptable("correct horse battery", "password")

    assert events.events == [BreachCheckFailed(origin="breach_check", exception="Broken")]
    assert [name for name, _ in told] == ["breach_check.failed"]


async def test_an_unavailable_service_lets_the_password_pass_with_its_fault(
    failures: FailureReporter, events: RecordingEvents
) -> None:
    """An operator could not tell a firewall from a service that has changed its answers."""
    await policy(failures, UnavailableChecker()).assert_acceptable("correct horse battery", "password")

    assert events.events == [BreachServiceUnavailable(fault="timeout")]


async def test_a_caller_that_leaves_stops_the_check(
    failures: FailureReporter, events: RecordingEvents
) -> None:
    """A cancellation is no answer."""
    call = asyncio.create_task(
        policy(failures, HangingChecker()).assert_acceptable("correct horse battery", "password")
    )
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert events.events == []

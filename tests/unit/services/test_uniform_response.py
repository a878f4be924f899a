"""Requests whose response is the same, after the same time, whatever became of them."""

import pytest

from bymax_auth.errors import AuthError, Forbidden, StoreUnavailable, ValidationFailed
from bymax_auth.ports.events import InternalFailure
from bymax_auth.services.failures import FailureReporter
from bymax_auth.services.uniform_response import uniform_response
from bymax_auth.testing import FakeClock, RecordingEvents


@pytest.mark.parametrize(
    "outcome", [None, Forbidden(), StoreUnavailable()], ids=["done", "refused", "failed"]
)
async def test_every_outcome_ends_alike(outcome: Exception | None, clock: FakeClock) -> None:
    """A stranger would learn from any difference whether an address has an account."""
    async with uniform_response(clock, FailureReporter(RecordingEvents()), "resend"):
        if outcome is not None:
            raise outcome

    assert clock.monotonic() == pytest.approx(0.3)


async def test_invalid_input_is_refused_after_the_same_time(clock: FakeClock) -> None:
    """It says nothing about an account, and its sender must learn of it."""
    with pytest.raises(ValidationFailed):
        async with uniform_response(clock, FailureReporter(RecordingEvents()), "resend"):
            raise ValidationFailed

    assert clock.monotonic() == pytest.approx(0.3)


@pytest.mark.parametrize(("outcome", "reported"), [(Forbidden(), 0), (StoreUnavailable(), 1)])
async def test_only_a_failure_is_reported(
    outcome: AuthError | StoreUnavailable, reported: int, clock: FakeClock
) -> None:
    """The operator hears of an outage that no response shows, and not of each refusal."""
    events = RecordingEvents()
    async with uniform_response(clock, FailureReporter(events), "resend"):
        raise outcome

    assert [event.origin for event in events.of(InternalFailure)] == ["resend"] * reported

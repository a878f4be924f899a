"""How long a refused sign-in takes at least, by what derivations have taken."""

from datetime import timedelta

import pytest

from bymax_auth.services.refusal_minimum import RefusalMinimum
from bymax_auth.testing import FakeClock


@pytest.fixture
def minimum(clock: FakeClock) -> RefusalMinimum:
    minimum = RefusalMinimum(clock)
    minimum.expect("active", 0.1)
    minimum.expect("dearest", 0.4)
    return minimum


def test_it_is_half_as_long_again_as_the_dearest_cost(minimum: RefusalMinimum) -> None:
    """Every account's refusal must end within it, whatever its hash costs."""
    assert minimum.seconds() == pytest.approx(0.6)


def test_on_a_busy_machine_every_refusal_takes_longer(minimum: RefusalMinimum) -> None:
    """The dearest hash takes longer than at the start, also when only cheap ones were seen to."""
    minimum.observe("active", 0.3)
    assert minimum.seconds() == pytest.approx(1.8)


def test_it_shortens_when_the_machine_is_calm_again(minimum: RefusalMinimum, clock: FakeClock) -> None:
    """One busy minute must not slow every later refusal down."""
    minimum.observe("active", 0.3)
    clock.advance(timedelta(seconds=31))
    assert minimum.seconds() == pytest.approx(1.8)
    clock.advance(timedelta(seconds=31))
    assert minimum.seconds() == pytest.approx(0.6)

    minimum.observe("active", 0.3)
    clock.advance(timedelta(minutes=5))
    assert minimum.seconds() == pytest.approx(0.6)


def test_one_derivation_that_stood_still_does_not_stop_sign_ins(minimum: RefusalMinimum) -> None:
    """A process that was suspended has seen a derivation of hours."""
    minimum.observe("active", 7_200.0)
    assert minimum.seconds() == pytest.approx(2.4)
    minimum.observe("of an older system", 7_200.0)
    assert minimum.seconds() == pytest.approx(15.0)


def test_a_cost_that_was_not_expected_is_learned(minimum: RefusalMinimum) -> None:
    """Hashes of an older configuration may be dearer than any that is configured now."""
    minimum.observe("older", 0.8)
    minimum.observe("older", 0.2)
    assert minimum.seconds() == pytest.approx(1.2)


def test_what_is_learned_on_a_busy_machine_is_not_scaled_twice(minimum: RefusalMinimum) -> None:
    """It was slowed down already."""
    minimum.observe("active", 0.2)
    minimum.observe("older", 1.6)
    assert minimum.seconds() == pytest.approx(2.4)


def test_a_cost_that_takes_no_time_scales_nothing(minimum: RefusalMinimum) -> None:
    """A clock that a test controls measures nothing at the start."""
    minimum.expect("free", 0.0)
    minimum.observe("free", 1.0)
    assert minimum.seconds() == pytest.approx(0.6)


def test_a_slowdown_counts_for_half_a_minute_after_the_one_in_which_it_was_seen(
    minimum: RefusalMinimum, clock: FakeClock
) -> None:
    """Refusals would give a hash away on a machine that is still busy, or stay slow when it is not."""
    moment = timedelta(milliseconds=1)
    minimum.observe("active", 0.3)
    clock.advance(timedelta(minutes=1) - moment)
    assert minimum.seconds() == pytest.approx(1.8)

    clock.advance(timedelta(minutes=5))
    minimum.observe("active", 0.3)
    clock.advance(timedelta(minutes=1))
    assert minimum.seconds() == pytest.approx(0.6)


def test_a_busy_machine_is_noticed_however_long_the_process_has_run(
    minimum: RefusalMinimum, clock: FakeClock
) -> None:
    """After an hour, a slowdown would be forgotten before the refusals that it delays have begun."""
    clock.advance(timedelta(hours=1))
    minimum.observe("active", 0.3)
    clock.advance(timedelta(seconds=1))
    assert minimum.seconds() == pytest.approx(1.8)

"""Reports that an attacker or an outage could cause with every request."""

from datetime import timedelta

from bymax_auth.services.report_interval import ReportInterval
from bymax_auth.testing import FakeClock


def test_one_report_in_an_interval_counts_the_others(clock: FakeClock) -> None:
    """Whoever sends many requests fills the log, or an operator never learns how many there were."""
    reports = ReportInterval(clock.monotonic, 60)
    assert [reports.admit() for _ in range(3)] == [0, None, None]
    clock.advance(timedelta(seconds=59))
    assert reports.admit() is None
    clock.advance(timedelta(seconds=1))
    assert [reports.admit(), reports.admit()] == [3, None]
    clock.advance(timedelta(seconds=61))
    assert reports.admit() == 1

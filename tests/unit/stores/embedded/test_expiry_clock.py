"""Which clock decides expiry, and in which unit."""

import time

import pytest

from bymax_auth.stores.embedded.expiry_clock import expiry_clock
from bymax_auth.testing import FakeClock


def test_a_file_reads_the_wall_clock_and_memory_the_one_that_nobody_sets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file's sessions would all be expired after a restart of the machine, or none of them ever."""
    monkeypatch.setattr(time, "time_ns", lambda: 1_767_323_045_123_999_999)
    monkeypatch.setattr(time, "monotonic_ns", lambda: 1_767_323_045_456_999_999)
    assert expiry_clock(None, durable=True)() == 1_767_323_045_123
    assert expiry_clock(None, durable=False)() == 1_767_323_045_456


@pytest.mark.parametrize("durable", [True, False])
def test_a_hosts_clock_is_read_where_there_is_one(durable: bool) -> None:
    """A test that advances its clock would see nothing expire."""
    clock = FakeClock()
    assert expiry_clock(clock, durable=durable)() == round(clock.now().timestamp() * 1000)

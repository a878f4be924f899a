"""The warning that a bound was exceeded, in an outage that exceeds it with every request."""

import logging

import pytest

from bymax_auth.stores.exceeded_bounds import Bound, ExceededBounds

QUEUE = Bound("queue", "1 s", "RedisStores(limits=Limits(queue=...))")
ANSWER = Bound("answer", "2 s", "RedisStores(limits=Limits(answer=...))")


def facts(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    """The bound of each warning, and how many like it were left out before."""
    found = [vars(record) for record in caplog.records]
    assert {record["event"] for record in found} <= {"store.bound_exceeded"}
    return [(record["bound"], record["suppressed"]) for record in found]


def test_a_warning_names_the_bound_and_what_raises_it(caplog: pytest.LogCaptureFixture) -> None:
    """An operator would see refused requests, and not which setting refuses them."""
    ExceededBounds().warn(QUEUE)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("bymax_auth", logging.WARNING)
    assert record.getMessage() == (
        "A store operation exceeded the bound queue of 1 s; RedisStores(limits=Limits(queue=...)) raises "
        "it.  Since the last warning: 0 more."
    )
    named = vars(record)
    assert (named["limit"], named["option"]) == (QUEUE.value, QUEUE.option)


def test_each_bound_is_logged_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    """An outage would fill the disk with the same line."""
    moment = 1000.0
    bounds = ExceededBounds(lambda: moment)
    for _ in range(3):
        bounds.warn(QUEUE)
    bounds.warn(ANSWER)
    moment += 0.99
    bounds.warn(QUEUE)
    assert facts(caplog) == [("queue", 0), ("answer", 0)]
    moment += 0.01
    bounds.warn(QUEUE)
    bounds.warn(ANSWER)
    moment += 1
    bounds.warn(QUEUE)
    assert facts(caplog)[2:] == [("queue", 3), ("answer", 0), ("queue", 0)]

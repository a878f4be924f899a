"""Instants on the wire."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bymax_auth.types.wire import rfc3339


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC), "2026-01-02T03:04:05.678Z"),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05.000Z"),  # noqa: DTZ001 - as some databases return it
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:04:05.000Z"),
        (datetime(987, 1, 2, tzinfo=UTC), "0987-01-02T00:00:00.000Z"),
    ],
    ids=["truncated", "naive", "with an offset", "a year of three digits"],
)
def test_an_instant_is_written_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    """A session would begin hours earlier or later than it did."""
    assert rfc3339(moment) == text

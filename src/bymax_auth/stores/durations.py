"""Durations in the unit that stores use: whole milliseconds."""

from datetime import timedelta
from typing import Final

__all__ = ["duration", "milliseconds"]

_MILLISECOND: Final = timedelta(milliseconds=1)


def milliseconds(span: timedelta) -> int:
    """Return a duration in whole milliseconds."""
    return span // _MILLISECOND


def duration(count: int) -> timedelta:
    """Return the duration of `count` milliseconds."""
    return timedelta(milliseconds=count)

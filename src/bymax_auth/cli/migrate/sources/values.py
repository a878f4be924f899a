"""
Values of another system, read strictly.

What cannot be read raises `ValueError`, and its account is refused: a damaged flag or date of a block must
not open the account, and a guess would not be noticed.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final, cast
from uuid import UUID

from bymax_auth.cli.migrate.candidates import Candidate
from bymax_auth.types.wire import as_utc

__all__ = ["UNREADABLE", "damaged", "flag", "members", "moment", "text"]

UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What reading a damaged record raises."""

_TRUE: Final = frozenset({"1", "t", "true", "y", "yes"})
_FALSE: Final = frozenset({"", "0", "f", "false", "n", "no"})
_MILLISECONDS_FROM: Final = 10**11
"""From here on a number counts milliseconds: as seconds it would be in the year 5138."""


def damaged(place: str) -> Candidate:
    """Return what stands for a record that cannot be read; `place` says where it is."""
    return Candidate(id=place, email=None, refused="record_damaged")


def text(value: object) -> str:
    """
    Return a value as text, nothing as an empty one.

    Raises:
        ValueError: It is neither text nor an id.
    """
    if value is None:
        return ""
    if isinstance(value, str | int | UUID):
        return str(value)
    raise ValueError("not text")


def flag(value: object) -> bool:
    """
    Return a truth value in any form in which databases and files have it; nothing is false.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, bytes):
        value = int.from_bytes(value)
    written = "" if value is None else str(value).strip().lower()
    if written not in _TRUE | _FALSE:
        raise ValueError("not a truth value")
    return written in _TRUE


def moment(value: object) -> datetime | None:
    """
    Return an instant, ``None`` for nothing: from text in ISO 8601, or a number of seconds or milliseconds.

    Raises:
        ValueError: It is none, or beyond the years 1 to 9999.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
            return datetime.fromtimestamp(seconds, UTC)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if isinstance(value, datetime):
            return as_utc(value)
    except (ValueError, OverflowError, OSError):
        pass  # the exception would quote the value
    raise ValueError("not an instant")


def members(value: object) -> Mapping[str, Any]:
    """
    Return the members of a JSON object, which some drivers return as text; nothing has none.

    Raises:
        ValueError: It is no object.
    """
    read: object = json.loads(value) if isinstance(value, str | bytes) else value
    if read is None:
        return {}
    if not isinstance(read, dict):
        raise ValueError("not an object")  # noqa: TRY004 - what is stored is wrong, not who calls
    return cast("dict[str, Any]", read)

"""The base of all models on the wire: camelCase names, and timestamps in JavaScript's format."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

__all__ = ["Timestamp", "WireModel", "as_utc", "rfc3339"]


def as_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC; a naive one, as some databases return, is assumed to be UTC already."""
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _validated(moment: datetime) -> datetime:
    """As `as_utc`, with the one error that pydantic reports as a wrong value."""
    try:
        return as_utc(moment)
    except OverflowError:
        raise ValueError("beyond the years 1 to 9999 in UTC") from None


def rfc3339(moment: datetime) -> str:
    """
    Return an instant in UTC as text with ``Z`` and exactly three fraction digits, truncated.

    Source: RFC 3339 §5.6, in the form that ECMAScript's ``toISOString`` writes.
    """
    moment = as_utc(moment)
    # Half the cost of `isoformat`, and every response and stored record has several of these.
    return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (  # noqa: UP031 - as above
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond // 1000,
    )


Timestamp = Annotated[
    datetime,
    AfterValidator(_validated),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware UTC instant whose JSON form is `rfc3339`."""


class WireModel(BaseModel):
    """A frozen value whose JSON names are camelCase."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        hide_input_in_errors=True,
    )

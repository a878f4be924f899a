"""The base of all models on the wire: camelCase names, and timestamps in JavaScript's format."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

__all__ = ["Timestamp", "WireModel", "as_utc", "rfc3339"]


def as_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC; a naive one, as some databases return, is assumed to be UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _validated(moment: datetime) -> datetime:
    """As `as_utc`, with the one error that pydantic reports as a wrong value."""
    try:
        return as_utc(moment)
    except OverflowError:
        raise ValueError("beyond the years 1 to 9999 in UTC") from None


def rfc3339(moment: datetime) -> str:
    """
    Return an aware UTC instant as text with ``Z`` and exactly three fraction digits, truncated.

    Source: RFC 3339 §5.6, in the form that ECMAScript's ``toISOString`` writes.
    """
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


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

"""The JSON objects that stored records are: how they are written and read."""

from collections.abc import Mapping
from typing import cast

from pydantic_core import from_json, to_json

__all__ = ["filled", "members_of", "object_text"]


def object_text(fields: Mapping[str, object]) -> str:
    """Return a compact JSON object, with non-ASCII characters unescaped."""
    return to_json(fields).decode()


def members_of(text: str) -> Mapping[str, object]:
    """
    Return the members of a JSON object, and none for anything else, so that every required field is missing.

    An escaped lone surrogate is invalid JSON here, so no hash is derived from such a text.
    """
    try:
        value: object = from_json(text)
    except (TypeError, ValueError):
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def filled(value: object) -> str | None:
    """Return a text that is not empty, ``None`` for anything else."""
    return value if isinstance(value, str) and value else None

"""
The host's own claims: a JSON object of at most 1 KiB that cannot be changed.

Verified claims are cached for each token, so a request that changed them would change those of the next one.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, cast

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

__all__ = [
    "MAX_EXTRA_CLAIMS_BYTES",
    "NO_EXTRA_CLAIMS",
    "ExtraClaims",
    "FrozenJson",
    "FrozenObject",
    "freeze_extra_claims",
]

MAX_EXTRA_CLAIMS_BYTES: Final = 1024
"""The size of the object as compact JSON in UTF-8."""

_MAX_DEPTH: Final = 15
"""The levels of the object: in a token, it is below the top level."""

_MAX_INTEGER: Final = 2**53 - 1  # exact in every implementation, also where numbers are doubles


class FrozenObject(Mapping[str, "FrozenJson"]):
    """A JSON object that cannot be changed; equal to a dictionary of the same members."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, "FrozenJson"]) -> None:
        self._members = dict(members)

    def __getitem__(self, name: str) -> "FrozenJson":
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __hash__(self) -> int:
        return hash(frozenset(self._members.items()))

    def __repr__(self) -> str:
        return repr(self._members)


FrozenJson = None | bool | int | float | str | tuple["FrozenJson", ...] | FrozenObject
"""A JSON value whose lists are tuples."""


def freeze_extra_claims(value: object) -> FrozenObject:
    """
    Return a copy that cannot be changed.

    Raises:
        ValueError: `value` is not a JSON object, nests deeper than 15 levels, holds text that is not
            Unicode or a number that is not exact in every implementation, or is larger than 1 KiB.
    """
    if isinstance(value, FrozenObject):
        return value
    frozen = _freeze(value, 1)
    if not isinstance(frozen, FrozenObject):
        raise ValueError("extra claims are not an object")  # noqa: TRY004 - pydantic expects it
    text = json.dumps(_thaw(frozen), ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MAX_EXTRA_CLAIMS_BYTES:
        raise ValueError(f"extra claims are larger than {MAX_EXTRA_CLAIMS_BYTES} bytes")
    return frozen


def _freeze(value: object, depth: int) -> FrozenJson:
    if value is None or type(value) is bool or type(value) is str:
        return value
    if type(value) is int or type(value) is float:
        # An integer is finite, and one beyond every float cannot be asked.
        whole = type(value) is int or not math.isfinite(value) or value == int(value)
        if whole and not -_MAX_INTEGER <= value <= _MAX_INTEGER:
            raise ValueError("extra claims hold a number that is not exact")
        return value
    if depth > _MAX_DEPTH:
        raise ValueError("extra claims are nested too deeply")
    if isinstance(value, list | tuple):
        return tuple(_freeze(item, depth + 1) for item in cast("list[object] | tuple[object, ...]", value))
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        return FrozenObject({_name(name): _freeze(item, depth + 1) for name, item in members.items()})
    raise ValueError("extra claims hold a value that JSON does not have")


def _name(name: object) -> str:
    if type(name) is not str:
        raise ValueError("extra claims have a name that is not text")
    return name


def _thaw(value: FrozenJson) -> object:
    if isinstance(value, tuple):
        return [_thaw(item) for item in value]
    if isinstance(value, FrozenObject):
        return {name: _thaw(item) for name, item in value.items()}
    return value


ExtraClaims = Annotated[
    FrozenObject,
    PlainValidator(freeze_extra_claims),
    PlainSerializer(_thaw),
    WithJsonSchema({"type": "object", "additionalProperties": True}),
]
"""The field of a model that holds them."""

NO_EXTRA_CLAIMS: Final = FrozenObject({})
"""Those of a token that has none."""

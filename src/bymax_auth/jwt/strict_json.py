"""A strict JSON parser, which accepts only what all parsers read alike."""

import json
import re
from typing import Any, Final, NoReturn

__all__ = ["MAX_DEPTH", "read_array", "read_object"]

MAX_DEPTH: Final = 16

_WHITE_SPACE: Final = " \t\n\r"
_ESCAPE: Final = re.compile(r"\\.", re.DOTALL)


def read_object(text: str) -> dict[str, object]:
    """
    Return the JSON object in `text`.

    It takes text, because for bytes `json.loads` detects the encoding and skips a byte order mark.

    Raises:
        ValueError: `text` is not exactly one JSON object, nests deeper than 16 levels, has a duplicate
            member, has a number that is not JSON or too long to convert, or contains a lone
            surrogate.
    """
    members: dict[str, object] = _read(text, "{")
    return members


def read_array(text: str) -> list[object]:
    """
    Return the JSON array in `text`.

    Raises:
        ValueError: `text` is not exactly one JSON array, or what `read_object` would refuse.
    """
    elements: list[object] = _read(text, "[")
    return elements


def _read(text: str, opening: str) -> Any:
    text = text.strip(_WHITE_SPACE)
    if text[:1] != opening:
        raise ValueError("not the JSON value that is expected")
    # Counting is cheaper: few brackets cannot be nested too deeply.
    if text.count("{") + text.count("[") > MAX_DEPTH and _is_too_deep(text):
        raise ValueError("nested too deeply")
    value, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError("data after the value")
    if "\\" in text:
        # Only an escape can produce a lone surrogate, and encoding the result detects it.
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _is_too_deep(text: str) -> bool:
    """Count the brackets outside strings without recursion, in linear time."""
    outside_strings = "".join(_ESCAPE.sub("", text).split('"')[::2])
    depth = 0
    for character in outside_strings:
        if character in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif character in "}]":
            depth -= 1
    return False


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a JSON number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)

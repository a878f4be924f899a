"""JSON read in the one way that every reader agrees on."""

import json
import re
from typing import Final, NoReturn

__all__ = ["MAX_DEPTH", "read_object"]

MAX_DEPTH: Final = 16

_WHITE_SPACE: Final = " \t\n\r"
_ESCAPE: Final = re.compile(r"\\.", re.DOTALL)


def read_object(text: str) -> dict[str, object]:
    """
    Return the JSON object that `text` holds.

    Text, because given bytes `json.loads` guesses among encodings and skips a byte order mark.

    Raises:
        ValueError: `text` is not one JSON object and nothing more, nests deeper than 16 levels, names a
            member twice, holds a number that JSON does not have or one too long to convert, or spells a
            lone surrogate.
    """
    text = text.strip(_WHITE_SPACE)
    if text[:1] != "{":
        raise ValueError("not a JSON object")
    # Counted first: while there are few brackets at all, they cannot be nested too deeply.
    if text.count("{") + text.count("[") > MAX_DEPTH and _is_too_deep(text):
        raise ValueError("nested too deeply")
    value, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError("data after the object")
    if "\\" in text:
        # Only an escape can spell a lone surrogate, and only encoding the result finds it.
        json.dumps(value, ensure_ascii=False).encode()
    members: dict[str, object] = value
    return members


def _is_too_deep(text: str) -> bool:
    """Measure the brackets outside strings without recursion, in a time linear in the length."""
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
        raise ValueError("a member is named twice")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a JSON number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)

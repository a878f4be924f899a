"""
How large a request body may be, in bytes and in structure, judged before anything is built from it.

The cost of parsing and validating grows with the number of values, not of bytes: a mebibyte of ``[],`` or of
unknown keys blocks the event loop for a second.  Counting brackets and separators takes microseconds.
"""

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["PLAIN_BODY", "PROFILE_BODY", "BodyLimits", "has_excess_structure"]

# A string without its end reaches to the end of the text, so that each byte is looked at once.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NO_BRACKET: Final = re.compile(rb"[^][{}]+")
_OPENING: Final = frozenset(b"[{")


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """
    The limits of one request body.

    Args:
        length_bytes: The length of the whole body.
        members: Members of all objects, at any depth.
        values: Values separated by a comma, at any depth.
        containers: Objects and arrays.
        depth: How deep objects and arrays nest.
    """

    length_bytes: int
    members: int
    values: int
    containers: int
    depth: int


PLAIN_BODY: Final = BodyLimits(length_bytes=16_384, members=64, values=64, containers=128, depth=128)
"""The limits of a body with fields of this library alone: at most seven, all of them texts."""

PROFILE_BODY: Final = BodyLimits(length_bytes=65_536, members=512, values=2_048, containers=256, depth=128)
"""The limits of a body that also has the fields of a host's profile model."""


def has_excess_structure(raw: bytes, limits: BodyLimits) -> bool:
    """
    Return whether the JSON text `raw` exceeds a limit of structure.

    Text that is no JSON gets either result; parsing it stays cheap if it is within the limits.
    """
    # What stands in strings counts here too, which can only overestimate; most bodies need no second look.
    if _is_within(raw, limits, min(limits.containers, limits.depth)):
        return False
    # Each string is a key, the value of a member or a value between commas.
    most_strings = 2 * limits.members + limits.values
    structure, strings = _STRING.subn(b"", raw, count=most_strings + 1)
    return (
        strings > most_strings
        or not _is_within(structure, limits, limits.containers)
        or _nests_deeper(structure, limits.depth)
    )


def _is_within(text: bytes, limits: BodyLimits, most_openings: int) -> bool:
    return (
        text.count(b":") <= limits.members
        and text.count(b",") < limits.values
        and _openings(text) <= most_openings
    )


def _openings(text: bytes) -> int:
    return text.count(b"{") + text.count(b"[")


def _nests_deeper(structure: bytes, most: int) -> bool:
    openings = _openings(structure)
    if openings <= most:
        return False
    if structure.count(b"}") + structure.count(b"]") != openings:
        # Not JSON; the loop below must not depend on how many closing brackets there are.
        return True
    depth = 0
    for bracket in _NO_BRACKET.sub(b"", structure):
        depth += 1 if bracket in _OPENING else -1
        if depth > most:
            return True
    return False

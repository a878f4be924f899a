"""What scripts answer: a tag, and the parts that belong to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bymax_auth.errors import StoreCorrupt

__all__ = ["shaped"]


def shaped(reply: Sequence[object], shapes: Mapping[str, tuple[type, ...]]) -> tuple[str, *tuple[Any, ...]]:
    """
    Return a reply whose tag is one of `shapes`, followed by parts of the types that are given for it.

    Raises:
        StoreCorrupt: It is anything else, so what it decides cannot be known.
    """
    tag = reply[0] if reply else None
    expected = shapes.get(tag) if isinstance(tag, str) else None
    if expected is None or tuple(type(part) for part in reply[1:]) != expected:
        raise StoreCorrupt("A script did not answer in its own form.")
    return (str(tag), *reply[1:])

"""Command arguments and replies of Redis in Python's types, and the parsing of replies."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from bymax_auth.errors import StoreCorrupt

__all__ = ["Argument", "Reply", "decode_reply", "parse_count", "parse_reply"]

Argument = str | int
Reply = str | int | None | list[Any]

_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,14}")
"""What `INCR` writes, and what a script can add to exactly."""


def decode_reply(reply: object) -> Reply:
    """Return a reply with its bytes as text, whether or not the client has decoded them."""
    if isinstance(reply, bytes):
        return reply.decode("utf-8", "replace")
    if isinstance(reply, list | set):
        return [decode_reply(part) for part in cast("Iterable[object]", reply)]
    return cast("Reply", reply)


def parse_reply(
    reply: Sequence[object], types_by_tag: Mapping[str, tuple[type, ...]]
) -> tuple[str, *tuple[Any, ...]]:
    """
    Return a script's reply: its tag, then values of exactly the types that `types_by_tag` gives for the tag.

    Raises:
        StoreCorrupt: The reply has any other form, so its meaning is unknown.
    """
    tag = reply[0] if reply else None
    expected = types_by_tag.get(tag) if isinstance(tag, str) else None
    if expected is None or tuple(map(type, reply[1:])) != expected:
        raise StoreCorrupt("The reply of a script has an unknown form.")
    return (str(tag), *reply[1:])


def parse_count(value: object) -> int:
    """
    Return a stored number, zero when there is none.

    Raises:
        StoreCorrupt: It is not a number; an epoch read as zero would make revoked tokens valid again.
    """
    if value is None:
        return 0
    text = str(value)
    if _COUNT.fullmatch(text) is None:
        raise StoreCorrupt("A stored counter is not a number.")
    return int(text)

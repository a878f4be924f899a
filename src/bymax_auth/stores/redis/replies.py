"""What Redis is sent and what it answers, in Python's own types."""

from collections.abc import Iterable
from typing import Any, cast

__all__ = ["Reply", "Word", "text"]

Word = str | int
Reply = str | int | None | list[Any]


def text(reply: object) -> Reply:
    """Return a reply with its bytes as text, whether or not the client has decoded them."""
    if isinstance(reply, bytes):
        return reply.decode("utf-8", "replace")
    if isinstance(reply, list | set):
        return [text(part) for part in cast("Iterable[object]", reply)]
    return cast("Reply", reply)

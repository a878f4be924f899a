"""
Request bodies: a capped reader and a JSON parser that refuses what others guess about.

Python's own parser detects UTF-16, accepts ``NaN``, keeps the last of two equal keys and lets
half a surrogate pair through; each of those is somebody's way to say two things at once.
"""

import json
import re
from collections import Counter
from typing import Final, NoReturn

from bymax_auth.errors import FieldError, ValidationFailed
from bymax_auth.http.asgi import Receive
from bymax_auth.http.request import RequestView

__all__ = ["ClientDisconnected", "parse_object", "printable_key", "read_body", "require_json"]

MAX_DEPTH: Final = 128
_MAX_KEY: Final = 64
_MAX_DIGITS: Final = 18
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_JSON_TYPE: Final = re.compile(r"application/(?:json|.*\+json)")


class ClientDisconnected(Exception):
    """The client went away before its request was complete."""


class _Members(list[tuple[str, object]]):
    """A JSON object as its members in order, so that a repeated key is still there to be seen."""


_Container = _Members | list[object]


async def read_body(view: RequestView, receive: Receive, limit: int) -> bytes:
    """
    Return the request's body.

    Raises:
        ValidationFailed: The body is longer than `limit`, as declared or as received.
        ClientDisconnected: The client went away.
    """
    if _declares_more(view.header(b"content-length"), limit):
        raise _broken("body", "Request body is too large.")
    chunks: list[bytes] = []
    received = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk: bytes = message.get("body", b"")
        received += len(chunk)
        if received > limit:
            raise _broken("body", "Request body is too large.")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _declares_more(declared: str | None, limit: int) -> bool:
    """Say whether a ``Content-Length`` exceeds the limit; what is not a number is the server's affair."""
    if declared is None or not declared.isdecimal():
        return False
    digits = declared.lstrip("0")
    return len(digits) > _MAX_DIGITS or int(digits or "0") > limit


def require_json(view: RequestView) -> None:
    """
    Refuse a body that does not say it is JSON.

    A page of another site can send ``text/plain`` without asking first, and JSON it cannot.

    Raises:
        ValidationFailed: ``Content-Type`` is absent or names something else.
    """
    essence = (view.header(b"content-type") or "").partition(";")[0].strip(" \t").lower()
    if _JSON_TYPE.fullmatch(essence) is None:
        raise _broken("content-type", "Content-Type must be application/json.")


def parse_object(raw: bytes) -> dict[str, object]:
    """
    Return the members of the JSON object that `raw` is.

    Source: RFC 8259 §8.1 (UTF-8 without a byte order mark), §4 (names should be unique).

    Raises:
        ValidationFailed: It is anything else, or a key occurs twice.
    """
    parsed = _parse(raw)
    if parsed is None or not _shallow(raw, parsed):
        raise _broken("body", "must be a JSON object")
    members = dict(parsed)
    if any(_SURROGATE.search(key) for key in members):
        raise _broken("body", "must be valid Unicode text")
    if len(members) < len(parsed):
        raise _broken(printable_key(_first_repeated(parsed)), "must not be repeated")
    return members


def printable_key(key: str) -> str:
    """Return a caller's own key in a form that may be shown: short, and without control characters."""
    return _CONTROL.sub("\ufffd", key[:_MAX_KEY])


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_Members, parse_constant=_refuse_constant)


def _parse(raw: bytes) -> _Members | None:
    """Return the object that `raw` is, else ``None``: the parser's own error would carry the whole text."""
    try:
        parsed: object = _DECODER.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, _Members) else None


def _first_repeated(members: _Members) -> str:
    counted = Counter(key for key, _value in members)
    return next(key for key, times in counted.items() if times > 1)


def _shallow(raw: bytes, parsed: _Members) -> bool:
    """Say whether `parsed` nests at most `MAX_DEPTH` deep; text with few brackets cannot nest deeper."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return True
    level: list[_Container] = [parsed]
    for _depth in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return True
    return False


def _children(node: _Container) -> list[_Container]:
    """Return the containers inside a container."""
    values: list[object] = [value for _key, value in node] if isinstance(node, _Members) else node
    return [value for value in values if isinstance(value, list)]


def _broken(field: str, message: str) -> ValidationFailed:
    return ValidationFailed(fields=(FieldError(field, message),))

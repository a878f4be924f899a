"""
Request bodies: a reader with a size limit, a JSON parser that rejects ambiguous input, and validation.

    bytes received ≤ limit ──▶ structure counted ──▶ parsed ──▶ validated

Python's own parser detects UTF-16, accepts ``NaN``, keeps the last of two equal keys and accepts an
unpaired surrogate; each of these lets an attacker send a body that two parsers read differently.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Final, NoReturn, TypeVar, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bymax_auth.errors import FieldError, ValidationFailed
from bymax_auth.http.asgi import Receive
from bymax_auth.http.json_limits import PLAIN_BODY, BodyLimits, has_excess_structure
from bymax_auth.http.request import RequestView
from bymax_auth.http.schemas.fields import BROKEN_RULE, RequestModel

__all__ = ["ClientDisconnected", "parse_object", "printable_key", "read_body", "require_json", "validate"]

_MAX_KEY: Final = 64
_MAX_LENGTH_DIGITS: Final = 18
_MAX_INTEGER_DIGITS: Final = 309
"""As many as the largest double has; RFC 8259 §6 expects no more from an interoperable number."""
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_JSON_TYPE: Final = re.compile(r"application/(?:json|.*\+json)")


class ClientDisconnected(Exception):
    """The client disconnected before its request was complete."""


class _Members(list[tuple[str, object]]):
    """A JSON object as a list of its members in order, so that repeated keys can be detected."""


async def read_body(view: RequestView, receive: Receive, limit: int) -> bytes:
    """
    Return the request's body.

    Raises:
        ValidationFailed: The body is longer than `limit`, as declared or as received.
        ClientDisconnected: The client disconnected.
    """
    if _declares_more_than(view.header(b"content-length"), limit):
        raise _invalid("body", "Request body is too large.")
    chunks: list[bytes] = []
    received = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk: bytes = message.get("body", b"")
        received += len(chunk)
        if received > limit:
            raise _invalid("body", "Request body is too large.")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _declares_more_than(declared: str | None, limit: int) -> bool:
    """Return whether ``Content-Length`` exceeds the limit; an invalid number is left to the server."""
    if declared is None or not declared.isdecimal():
        return False
    digits = declared.lstrip("0")
    return len(digits) > _MAX_LENGTH_DIGITS or int(digits or "0") > limit


def require_json(view: RequestView) -> None:
    """
    Refuse a body that is not declared as JSON.

    A page of another site can send ``text/plain`` without a CORS preflight, but not JSON.

    Raises:
        ValidationFailed: ``Content-Type`` is absent or names another type.
    """
    essence = (view.header(b"content-type") or "").partition(";")[0].strip(" \t").lower()
    if _JSON_TYPE.fullmatch(essence) is None:
        raise _invalid("content-type", "Content-Type must be application/json.")


def parse_object(raw: bytes, limits: BodyLimits = PLAIN_BODY) -> dict[str, object]:
    """
    Return the members of the JSON object in `raw`.

    Source: RFC 8259 §8.1 (UTF-8 without a byte order mark), §4 (names should be unique), §9 ("An
    implementation may set limits on the maximum depth of nesting").

    Raises:
        ValidationFailed: `raw` is anything else, exceeds a limit of structure, or repeats a key.
    """
    if has_excess_structure(raw, limits):
        raise _invalid("body", "has too many members, values or levels")
    parsed = _parse(raw)
    if parsed is None:
        raise _invalid("body", "must be a JSON object")
    members = dict(parsed)
    # Text that was UTF-8 has a surrogate only where an escape wrote it.
    if b"\\" in raw and any(_SURROGATE.search(key) for key in members):
        raise _invalid("body", "must be valid Unicode text")
    if len(members) < len(parsed):
        raise _invalid(printable_key(_first_repeated(parsed)), "must not be repeated")
    return {key: _plain(value, key) for key, value in members.items()}


def _plain(value: object, field: str) -> object:
    """Return a member's value with its own objects as dictionaries, none of which repeats a key."""
    if not isinstance(value, list):
        return value
    if not isinstance(value, _Members):
        items = cast("list[object]", value)
        return [_nested(item, field) for item in items]
    members = dict(value)
    if len(members) < len(value):
        raise _invalid(printable_key(f"{field}.{_first_repeated(value)}"), "must not be repeated")
    return {_storable(key, field): _nested(item, field) for key, item in members.items()}


def _nested(value: object, field: str) -> object:
    return _storable(value, field) if isinstance(value, str) else _plain(value, field)


def _storable(text: str, field: str) -> str:
    """Return a text inside a field, which a host's model may accept as it is: databases refuse some."""
    if _SURROGATE.search(text):
        raise _invalid(printable_key(field), "must be valid Unicode text")
    if "\x00" in text:
        raise _invalid(printable_key(field), "must not contain control characters")
    return text


def printable_key(key: str) -> str:
    """Return a key of the request as it can be shown: shortened, of characters that can be encoded."""
    return _UNPRINTABLE.sub("\ufffd", key[:_MAX_KEY])


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _integer(digits: str) -> int:
    # The conversion is quadratic, and a host can turn the interpreter's own limit off.
    if len(digits) > _MAX_INTEGER_DIGITS:
        raise ValueError("too many digits")
    return int(digits)


def _fraction(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("no double is as large")
    return number


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_Members, parse_constant=_refuse_constant, parse_int=_integer, parse_float=_fraction
)


def _parse(raw: bytes) -> _Members | None:
    """Return the object in `raw`, else ``None``: the parser's own error would contain the whole text."""
    try:
        parsed: object = _DECODER.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, _Members) else None


def _first_repeated(members: _Members) -> str:
    counted = Counter(key for key, _value in members)
    return next(key for key, times in counted.items() if times > 1)


def _invalid(field: str, message: str) -> ValidationFailed:
    return ValidationFailed(fields=(FieldError(field, message),))


ModelT = TypeVar("ModelT", bound=RequestModel)

_MESSAGES: Final = {
    "missing": "is required",
    "string_type": "must be a string",
    "string_unicode": "must be valid Unicode text",
    "extra_forbidden": "is not allowed",
}
_MAX_PROBLEMS: Final = 64


def validate(model: type[ModelT], members: Mapping[str, object]) -> ModelT:
    """
    Return `members` as an instance of `model`.

    Raises:
        ValidationFailed: One entry per broken rule, in the order of the model's fields, then one
            per key that the model does not have.  No entry contains an input value.
    """
    try:
        # What `model_validate` calls, without its options.
        validated: ModelT = model.__pydantic_validator__.validate_python(members)
    except ValidationError as error:
        # The context holds the violated bound; the input values are left out.
        found = error.errors(include_input=False, include_url=False)
    else:
        return validated
    raise ValidationFailed(fields=tuple(_field_error(problem) for problem in found[:_MAX_PROBLEMS]))


def _field_error(problem: ErrorDetails) -> FieldError:
    return FieldError(printable_key(".".join(str(part) for part in problem["loc"])), _message(problem))


def _message(problem: ErrorDetails) -> str:
    match problem["type"]:
        case "string_too_short":
            return f"must be at least {_counted(problem, 'min_length')}"
        case "string_too_long":
            return f"must be at most {_counted(problem, 'max_length')}"
        case kind if kind == BROKEN_RULE:
            return problem["msg"]
        case kind:
            return _MESSAGES.get(kind, "is not valid")


def _counted(problem: ErrorDetails, bound: str) -> str:
    count: int = problem.get("ctx", {})[bound]
    return f"{count} character{'' if count == 1 else 's'}"

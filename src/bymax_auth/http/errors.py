"""
Refusals and failures as HTTP responses.

    {"error":{"code":"auth.token_invalid","message":"Invalid token","details":null}}

The text depends only on the error's class, so responses that must be indistinguishable are
identical bytes.
"""

import json
import math
from functools import cache
from typing import Final

from bymax_auth.errors import AccountLocked, AuthError, InternalError, Overloaded, TooManyRequests
from bymax_auth.http.asgi import Header, Response, json_response
from bymax_auth.http.runtime import HttpRuntime

__all__ = ["INTERNAL_RESPONSE", "envelope", "envelope_response", "render", "retry_after_seconds"]

_RETRYABLE: Final = (AccountLocked, TooManyRequests, Overloaded)


def render(refusal: AuthError) -> Response:
    """Return the response of a refusal."""
    seconds = retry_after_seconds(refusal)
    if seconds is None and not refusal.fields:
        return _without_details(refusal.status, refusal.code, refusal.message)
    headers: tuple[Header, ...] = () if seconds is None else ((b"retry-after", b"%d" % seconds),)
    return json_response(refusal.status, _encode(envelope(refusal)), headers)


def envelope_response(_runtime: HttpRuntime, refusal: AuthError) -> Response:
    """Return the envelope response of a refusal, for a route that renders refusals this way."""
    return render(refusal)


def envelope(refusal: AuthError) -> dict[str, dict[str, object]]:
    """Return the JSON object of a refusal, before it is encoded."""
    return _envelope(refusal.code, refusal.message, _details(refusal))


def retry_after_seconds(refusal: AuthError) -> int | None:
    """Return how many whole seconds the client should wait; ``None`` where waiting does not help."""
    if refusal.retry_after is None or not isinstance(refusal, _RETRYABLE):
        return None
    return max(1, math.ceil(refusal.retry_after.total_seconds()))


def _details(refusal: AuthError) -> object:
    seconds = retry_after_seconds(refusal)
    if seconds is not None:
        return {"retryAfterSeconds": seconds}
    return [{"field": broken.field, "message": broken.message} for broken in refusal.fields] or None


@cache
def _without_details(status: int, code: str, message: str) -> Response:
    """Return the response of a refusal without details; few different ones exist."""
    return json_response(status, _encode(_envelope(code, message, None)))


def _envelope(code: str, message: str, details: object) -> dict[str, dict[str, object]]:
    return {"error": {"code": str(code), "message": message, "details": details}}


def _encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


INTERNAL_RESPONSE: Final = _without_details(InternalError.status, InternalError.code, InternalError.message)
"""The response to every error that is not a refusal: it never reveals the cause."""

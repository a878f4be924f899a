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

from bymax_auth.errors import (
    AccountLocked,
    AuthError,
    AuthErrorCode,
    InternalError,
    Overloaded,
    StoreUnavailable,
    TooManyRequests,
)
from bymax_auth.http.asgi import Header, Response, json_response
from bymax_auth.http.runtime import HttpRuntime

__all__ = [
    "INTERNAL_RESPONSE",
    "UNAVAILABLE_RESPONSE",
    "close_code",
    "envelope",
    "envelope_response",
    "render",
    "render_failure",
    "retry_after_seconds",
]

_RETRYABLE: Final = (AccountLocked, TooManyRequests, Overloaded)
_OUTAGE_SECONDS: Final = 5
"""How long a client waits during an outage; sooner, every client would call again while it lasts."""

_POLICY_VIOLATION: Final = 1008
_INTERNAL_ERROR: Final = 1011
_TRY_AGAIN_LATER: Final = 1013


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


def render_failure(failure: BaseException) -> Response:
    """Return the response to a failure: that of an outage, or ``auth.internal`` for any other exception."""
    is_outage = isinstance(failure, InternalError) and failure.code is AuthErrorCode.UNAVAILABLE
    return UNAVAILABLE_RESPONSE if is_outage else INTERNAL_RESPONSE


def close_code(response: Response) -> int:
    """
    Return the code with which a WebSocket is closed where it cannot be denied with `response`.

    Source: RFC 6455 §7.4.1 (1008, 1011); IANA's WebSocket Close Code Number Registry (1013).
    """
    match response.status:
        case StoreUnavailable.status:
            return _TRY_AGAIN_LATER
        case InternalError.status:
            return _INTERNAL_ERROR
        case _:
            return _POLICY_VIOLATION


def envelope(refusal: AuthError | InternalError) -> dict[str, dict[str, object]]:
    """Return the JSON object of a refusal or a failure, before it is encoded."""
    return _envelope(refusal.code, refusal.message, _details(refusal))


def retry_after_seconds(refusal: AuthError | InternalError) -> int | None:
    """Return how many whole seconds the client should wait; ``None`` where waiting does not help."""
    if isinstance(refusal, InternalError):
        return _OUTAGE_SECONDS if refusal.code is AuthErrorCode.UNAVAILABLE else None
    if refusal.retry_after is None or not isinstance(refusal, _RETRYABLE):
        return None
    return max(1, math.ceil(refusal.retry_after.total_seconds()))


def _details(refusal: AuthError | InternalError) -> object:
    seconds = retry_after_seconds(refusal)
    if seconds is not None:
        return {"retryAfterSeconds": seconds}
    if isinstance(refusal, InternalError):
        return None
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
"""The response to any failure that is no outage."""

UNAVAILABLE_RESPONSE: Final = json_response(
    StoreUnavailable.status,
    _encode(envelope(StoreUnavailable())),
    ((b"retry-after", b"%d" % _OUTAGE_SECONDS),),
)
"""The response to an outage, whatever is unavailable."""

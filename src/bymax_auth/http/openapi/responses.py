"""What each route answers, status by status."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.errors import (
    AuthError,
    AuthErrorCode,
    Forbidden,
    InternalError,
    TokenInvalid,
    TooManyRequests,
    UntrustedOrigin,
    ValidationFailed,
)
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.openapi.schemas import (
    ERROR_ENVELOPE,
    SESSION,
    SESSION_ROW,
    USER,
    VALIDATION_ENVELOPE,
    reference,
)
from bymax_auth.http.openapi.security import JsonObject
from bymax_auth.http.openapi.texts import BLOCKED, ROUTE_TEXTS, Answer
from bymax_auth.http.origin import SAFE_METHODS
from bymax_auth.http.routes import RouteSpec

__all__ = ["responses_of"]

_JSON: Final = "application/json"
_RETRYABLE: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_CONTENT: Final[dict[Answer, JsonObject]] = {
    Answer.EMPTY_OBJECT: {"type": "object", "maxProperties": 0},
    Answer.SESSION: reference(SESSION),
    Answer.ACCOUNT: reference(USER),
    Answer.SESSIONS: {"type": "array", "items": reference(SESSION_ROW)},
    Answer.VERIFIED_TOKEN: {
        "type": "object",
        "properties": {"verifiedToken": {"type": "string", "minLength": 64, "maxLength": 64}},
        "required": ["verifiedToken"],
    },
}


def responses_of(spec: RouteSpec, config: ResolvedConfig, http: AuthHttpConfig) -> JsonObject:
    """Return every answer that a route can give, by status."""
    codes: dict[int, set[AuthErrorCode]] = {InternalError.status: {InternalError.code}}
    for refusal in _refusals(spec, http):
        codes.setdefault(refusal.status, set()).add(refusal.code)
    failures: JsonObject = {str(status): _failure(status, codes[status]) for status in sorted(codes)}
    return {str(spec.success): _success(spec, config), **failures}


def _refusals(spec: RouteSpec, http: AuthHttpConfig) -> Iterable[type[AuthError]]:
    """Name the refusals of every stage of the pipeline, then those of the flow."""
    if spec.method not in SAFE_METHODS:
        yield UntrustedOrigin
    if spec.limit is not None and http.rate_limits.of(spec.limit) is not None:
        yield TooManyRequests
    if spec.guards:
        yield TokenInvalid
        if http.enforce_tenant_binding:
            yield Forbidden
    if "user_status" in spec.guards:
        yield from BLOCKED
    if spec.body is not None:
        yield ValidationFailed
    yield from ROUTE_TEXTS[spec.name].refusals


def _success(spec: RouteSpec, config: ResolvedConfig) -> JsonObject:
    text = ROUTE_TEXTS[spec.name]
    response: JsonObject = {"description": text.success}
    if text.answer in _CONTENT:
        response["content"] = {_JSON: {"schema": _CONTENT[text.answer]}}
    if config.auth.token_delivery is not TokenDelivery.BEARER:
        match text.answer:
            case Answer.SESSION:
                response["headers"] = _set_cookie("Sets", config)
            case Answer.CLEARED_COOKIES:
                response["headers"] = _set_cookie("Clears", config)
            case _:
                pass
    return response


def _set_cookie(does: str, config: ResolvedConfig) -> JsonObject:
    names = config.auth.cookies
    description = (
        f"{does} the cookies `{names.access_token_name}`, `{names.refresh_token_name}` (both HttpOnly) and "
        f"`{names.session_signal_name}`, one header line each."
    )
    return {"Set-Cookie": {"description": description, "schema": {"type": "string"}}}


def _failure(status: int, codes: set[AuthErrorCode]) -> JsonObject:
    response: JsonObject = {
        "description": HTTPStatus(status).phrase,
        "content": {_JSON: {"schema": _failure_schema(codes)}},
    }
    if status in _RETRYABLE:
        response["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    return response


def _failure_schema(codes: set[AuthErrorCode]) -> JsonObject:
    others = [code.value for code in AuthErrorCode if code in codes and code is not AuthErrorCode.VALIDATION]
    if AuthErrorCode.VALIDATION not in codes:
        return _restricted(others)
    if not others:
        return reference(VALIDATION_ENVELOPE)
    return {"oneOf": [reference(VALIDATION_ENVELOPE), _restricted(others)]}


def _restricted(codes: list[str]) -> JsonObject:
    """Return the envelope with the codes that are possible at one place."""
    code: JsonObject = {"type": "object", "properties": {"code": {"enum": [*codes]}}}
    return {"allOf": [reference(ERROR_ENVELOPE), {"type": "object", "properties": {"error": code}}]}

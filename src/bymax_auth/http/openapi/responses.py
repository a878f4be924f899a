"""The responses of each route, by status."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final, assert_never

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.errors import (
    AuthError,
    AuthErrorCode,
    Forbidden,
    InternalError,
    StoreUnavailable,
    TooManyRequests,
    UntrustedOrigin,
    ValidationFailed,
)
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.openapi.schemas import ERROR_ENVELOPE, SESSION, VALIDATION_ENVELOPE, name_of, reference
from bymax_auth.http.openapi.security import JsonObject
from bymax_auth.http.origin import SAFE_METHODS
from bymax_auth.http.routes.answers import Empty, Json, Redirect, Session
from bymax_auth.http.routes.spec import AnyRoute

__all__ = ["responses_of"]

_JSON: Final = "application/json"
_ELSEWHERE: Final = "The page that is configured for this outcome."
_ORDER: Final = {code: number for number, code in enumerate(AuthErrorCode)}
_RETRYABLE: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def responses_of(spec: AnyRoute, config: ResolvedConfig, http: AuthHttpConfig) -> JsonObject:
    """Return every response that a route can give, by status."""
    failures = (InternalError, StoreUnavailable)
    codes: dict[int, set[AuthErrorCode]] = {failure.status: {failure.code} for failure in failures}
    for refusal in _refusals(spec, http):
        codes.setdefault(refusal.status, set()).add(refusal.code)
    refused: JsonObject = {str(status): _failure(status, codes[status]) for status in sorted(codes)}
    also: JsonObject = {"302": _redirect(_ELSEWHERE)} if spec.redirects(config) else {}
    return {str(spec.success): _success(spec, config), **also, **refused}


def _refusals(spec: AnyRoute, http: AuthHttpConfig) -> Iterable[type[AuthError]]:
    """Yield the refusals of every step of the pipeline, then those of the flow."""
    if spec.method not in SAFE_METHODS and not spec.any_origin:
        yield UntrustedOrigin
    if spec.limit is not None and spec.limit(http.rate_limits) is not None:
        yield TooManyRequests
    yield from spec.access.refusals
    if spec.access.binds_tenant and http.enforce_tenant_binding:
        yield Forbidden
    if spec.body_mode != "none":
        yield ValidationFailed
    yield from spec.refusals


def _success(spec: AnyRoute, config: ResolvedConfig) -> JsonObject:
    answer = spec.answer
    response: JsonObject = {"description": answer.description}
    uses_cookies = config.auth.token_delivery is not TokenDelivery.BEARER
    match answer:
        case Empty():
            if answer.clears_cookies and uses_cookies:
                response["headers"] = _set_cookie("Clears", config)
        case Json():
            one = reference(name_of(answer.model))
            if answer.otherwise is not None:
                response["content"] = _content({"anyOf": [one, reference(name_of(answer.otherwise))]})
            else:
                response["content"] = _content({"type": "array", "items": one} if answer.many else one)
        case Session():
            session = reference(SESSION)
            if answer.otherwise is None:
                response["content"] = _content(session)
            else:
                others = [reference(name_of(model)) for model in (answer.otherwise, *answer.also)]
                response["content"] = _content({"anyOf": [session, *others]})
            if uses_cookies:
                does = "Sets" if answer.otherwise is None else "With a session, sets"
                response["headers"] = _set_cookie(does, config)
        case Redirect():
            response = _redirect(answer.description)
        case _:
            assert_never(answer)
    return response


def _redirect(description: str) -> JsonObject:
    location: JsonObject = {"description": "The target.", "schema": {"type": "string"}}
    return {"description": description, "headers": {"Location": location}}


def _content(schema: JsonObject) -> JsonObject:
    return {_JSON: {"schema": schema}}


def _set_cookie(does: str, config: ResolvedConfig) -> JsonObject:
    description = (
        f"{does} the cookies `{config.access_cookie_name}`, `{config.refresh_cookie_name}` (both HttpOnly) "
        f"and `{config.signal_cookie_name}`, one header line each."
    )
    return {"Set-Cookie": {"description": description, "schema": {"type": "string"}}}


def _failure(status: int, codes: set[AuthErrorCode]) -> JsonObject:
    response: JsonObject = {
        "description": HTTPStatus(status).phrase,
        "content": _content(_failure_schema(codes)),
    }
    if status in _RETRYABLE:
        response["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    return response


def _failure_schema(codes: set[AuthErrorCode]) -> JsonObject:
    others = [code.value for code in sorted(codes - {AuthErrorCode.VALIDATION}, key=_ORDER.__getitem__)]
    if AuthErrorCode.VALIDATION not in codes:
        return _restricted(others)
    if not others:
        return reference(VALIDATION_ENVELOPE)
    return {"oneOf": [reference(VALIDATION_ENVELOPE), _restricted(others)]}


def _restricted(codes: list[str]) -> JsonObject:
    """Return the envelope, restricted to the codes that are possible here."""
    code: JsonObject = {"type": "object", "properties": {"code": {"enum": [*codes]}}}
    return {"allOf": [reference(ERROR_ENVELOPE), {"type": "object", "properties": {"error": code}}]}

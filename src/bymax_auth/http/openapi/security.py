"""
Which credentials each route takes.

A requirement is a list of alternatives, each the names of schemes that go together; the empty
alternative is no credential at all.

Source: OpenAPI 3.1 §4.8.30, Security Requirement Object.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import JsonValue

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.http.routes import RouteSpec

__all__ = ["REQUIRED_BODY", "JsonObject", "Requirement", "requirement_of", "security_schemes"]

JsonObject = dict[str, JsonValue]
"""A JSON object of the document."""

Requirement = tuple[tuple[str, ...], ...]
"""Alternatives, each of them schemes that go together."""

_ACCESS_COOKIE: Final = "bymaxAuthAccessCookie"
_ACCESS_BEARER: Final = "bymaxAuthAccessBearer"
_REFRESH_COOKIE: Final = "bymaxAuthRefreshCookie"

_AC: Final = (_ACCESS_COOKIE,)
_AB: Final = (_ACCESS_BEARER,)
_RC: Final = (_REFRESH_COOKIE,)
_NONE: Final[tuple[str, ...]] = ()

_GUARDED: Final[Mapping[TokenDelivery, Requirement]] = {
    TokenDelivery.COOKIE: (_AC,),
    TokenDelivery.BEARER: (_AB,),
    TokenDelivery.BOTH: (_AC, _AB),
}

# Signed in, and the refresh token tells which of the sessions is the caller's.
_NAMES_SESSION: Final[Mapping[TokenDelivery, Requirement]] = {
    TokenDelivery.COOKIE: (_AC + _RC, _AC),
    TokenDelivery.BEARER: (_AB,),
    TokenDelivery.BOTH: (_AC + _RC, _AC, _AB + _RC, _AB),
}

_SPECIAL: Final[Mapping[str, Mapping[TokenDelivery, Requirement]]] = {
    "refresh": {
        TokenDelivery.COOKIE: (_RC,),
        TokenDelivery.BEARER: (),
        TokenDelivery.BOTH: (_RC, _NONE),
    },
    "logout": {
        TokenDelivery.COOKIE: (_AC + _RC, _AC, _RC, _NONE),
        TokenDelivery.BEARER: (_AB, _NONE),
        TokenDelivery.BOTH: (_AC + _RC, _AC, _AB + _RC, _AB, _RC, _NONE),
    },
    "change_password": _NAMES_SESSION,
    "list_sessions": _NAMES_SESSION,
    "revoke_all_sessions": {
        TokenDelivery.COOKIE: (_AC + _RC,),
        TokenDelivery.BEARER: (_AB,),
        TokenDelivery.BOTH: (_AC + _RC, _AC, _AB + _RC, _AB),
    },
}

REQUIRED_BODY: Final = frozenset({"refresh", "revoke_all_sessions"})
"""Routes that do nothing without a refresh token: where no cookie carries it, the body does."""


def requirement_of(spec: RouteSpec, delivery: TokenDelivery) -> Requirement:
    """Return the credentials that a route takes; none for a public one."""
    if spec.name in _SPECIAL:
        return _SPECIAL[spec.name][delivery]
    return _GUARDED[delivery] if spec.guards else ()


def security_schemes(config: ResolvedConfig, requirements: Iterable[Requirement]) -> JsonObject:
    """Return the definition of every scheme that some requirement names, and of no other."""
    used = {name for requirement in requirements for names in requirement for name in names}
    cookies = config.auth.cookies
    every: JsonObject = {
        _ACCESS_COOKIE: {"type": "apiKey", "in": "cookie", "name": cookies.access_token_name},
        _ACCESS_BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        _REFRESH_COOKIE: {"type": "apiKey", "in": "cookie", "name": cookies.refresh_token_name},
    }
    return {name: scheme for name, scheme in every.items() if name in used}

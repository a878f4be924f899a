"""
The security schemes of the document.

Source: OpenAPI 3.1 §4.8.27, Security Scheme Object.
"""

from collections.abc import Iterable

from pydantic import JsonValue

from bymax_auth.config.resolved import ResolvedConfig
from bymax_auth.http.routes.credentials import (
    ACCESS_BEARER,
    ACCESS_COOKIE,
    PLATFORM_ACCESS_BEARER,
    REFRESH_COOKIE,
    Requirement,
)

__all__ = ["JsonObject", "security_schemes"]

JsonObject = dict[str, JsonValue]
"""A JSON object of the document."""


def security_schemes(config: ResolvedConfig, requirements: Iterable[Requirement]) -> JsonObject:
    """Return the definition of every scheme that some requirement uses, and of no other."""
    used = {name for requirement in requirements for names in requirement for name in names}
    every: JsonObject = {
        ACCESS_COOKIE: {"type": "apiKey", "in": "cookie", "name": config.access_cookie_name},
        ACCESS_BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        REFRESH_COOKIE: {"type": "apiKey", "in": "cookie", "name": config.refresh_cookie_name},
        PLATFORM_ACCESS_BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }
    return {name: scheme for name, scheme in every.items() if name in used}

"""The origin of a call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["RequestContext"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """
    The transport data of one call, without credentials.

    `ip` is the client's address as resolved behind the deployment's proxies, ``""`` when unknown.
    `sanitized_headers` has lower-case names and holds no credential.  `scope` is the ASGI
    scope, ``None`` for a call outside a request.
    """

    ip: str = ""
    user_agent: str = ""
    sanitized_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    method: str = ""
    path: str = ""
    host: str | None = None
    scope: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

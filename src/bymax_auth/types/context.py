"""Where a call comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["RequestContext"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """
    The transport facts of one call, cleaned of credentials.

    `ip` is the client's address as the deployment's proxies name it, ``""`` when unknown.
    `sanitized_headers` has lower-case names and holds no credential.  `scope` is the ASGI
    scope, ``None`` for a call that no request caused.
    """

    ip: str = ""
    user_agent: str = ""
    sanitized_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    method: str = ""
    path: str = ""
    host: str | None = None
    scope: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

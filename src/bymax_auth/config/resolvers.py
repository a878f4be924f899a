"""What a host may hand in through the configuration: objects that decide per request or per account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from bymax_auth.types.account import AuthUser

__all__ = [
    "CookieDomainResolver",
    "LegacyVerifier",
    "MaxSessionsResolver",
    "RequestParts",
    "TenantIdResolver",
    "TenantUnresolved",
]


class TenantUnresolved(Exception):
    """A tenant resolver refuses the request: it names no tenant, or one that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestParts:
    """
    What a tenant resolver may look at.

    `host` includes the port.  `headers` have lower-case names and hold no credential.  `scope` is the
    ASGI scope, with everything that the headers were cleaned of, or ``None`` when no request caused the call.
    """

    method: str
    path: str
    host: str | None
    headers: Mapping[str, str]
    scope: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)


@runtime_checkable
class TenantIdResolver(Protocol):
    """Decides which tenant a request belongs to; once configured, its answer is the only one."""

    async def resolve(self, parts: RequestParts) -> str:
        """
        Return the tenant's id.

        Raises:
            TenantUnresolved: the request belongs to no tenant; the client hears ``auth.forbidden``.
        """
        ...


CookieDomainResolver = Callable[[str], Sequence[str]]
"""
Gives the Domain attribute for a request's host (without port, ``""`` when unknown).

The first value is used; none means a cookie of that host alone, which is the safe answer.
"""


@runtime_checkable
class MaxSessionsResolver(Protocol):
    """Decides how many sessions an account may have."""

    async def resolve(self, user: AuthUser) -> int:
        """Return the cap; less than 1 counts as 1, and a failure as the configured default."""
        ...


@runtime_checkable
class LegacyVerifier(Protocol):
    """Checks passwords against an older system's hashes, until a sign-in replaces each of them."""

    def matches(self, stored: str) -> bool:
        """Say whether `stored` is a hash of this verifier's form."""
        ...

    def verify(self, password: str, stored: str) -> bool:
        """Say whether `password` made `stored`.  Runs in the password pool and may take its time."""
        ...

"""Types of the objects that a host passes in the configuration, called per request or per account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from bymax_auth.types.account import AuthUser

__all__ = [
    "CookieDomainResolver",
    "LegacyVerifier",
    "MaxSessionsResolver",
    "RequestParts",
    "StaticTenantResolver",
    "TenantIdResolver",
    "TenantUnresolved",
]


class TenantUnresolved(Exception):
    """Raised by a tenant resolver: the request names no tenant, or one that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestParts:
    """
    The parts of a request that a tenant resolver may read.

    `host` includes the port.  `headers` have lower-case names and hold no credential.  `scope` is the
    unfiltered ASGI scope, credentials included, or ``None`` when no request caused the call.
    """

    method: str
    path: str
    host: str | None
    headers: Mapping[str, str]
    scope: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)


@runtime_checkable
class TenantIdResolver(Protocol):
    """Returns the tenant of a request; when one is configured, no other source of the tenant is used."""

    async def resolve(self, parts: RequestParts) -> str:
        """
        Return the tenant's id.

        Raises:
            TenantUnresolved: the request belongs to no tenant; the client receives ``auth.forbidden``.
        """
        ...


@dataclass(frozen=True, slots=True)
class StaticTenantResolver:
    """One tenant for every request: for a deployment that serves a single one."""

    tenant_id: str

    async def resolve(self, parts: RequestParts) -> str:
        """Return the tenant."""
        return self.tenant_id


CookieDomainResolver = Callable[[str], Sequence[str]]
"""
Returns the cookie Domain attribute for a request's host (without port, ``""`` when unknown).

The first value is used; an empty sequence means a host-only cookie, which is the safe choice.
"""


@runtime_checkable
class MaxSessionsResolver(Protocol):
    """Returns how many sessions an account may have."""

    async def resolve(self, user: AuthUser) -> int:
        """Return the limit; less than 1 counts as 1, and an exception means the configured default."""
        ...


@runtime_checkable
class LegacyVerifier(Protocol):
    """Verifies password hashes of an older system; a successful sign-in replaces such a hash."""

    def matches(self, stored: str) -> bool:
        """Return whether `stored` is in the hash format of this verifier."""
        ...

    def verify(self, password: str, stored: str) -> bool:
        """Return whether `stored` is a hash of `password`.  Runs in a thread, so it may block."""
        ...

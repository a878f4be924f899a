"""Types of the objects that a host passes in the configuration, called per request or per account."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from bymax_auth.types.account import AuthUser
from bymax_auth.types.context import RequestContext

__all__ = [
    "CookieDomainResolver",
    "ExtraClaimsResolver",
    "LegacyVerifier",
    "LocaleResolver",
    "MaxSessionsResolver",
    "RequestParts",
    "SampledVerifier",
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


ExtraClaimsResolver = Callable[[AuthUser], Mapping[str, Any]]
"""
Returns what a user's access tokens carry as ``ext``: at most 1 KiB of JSON, readable by its holder.

It is called on the event loop at each sign-in and refresh, so it must not block.
"""


LocaleResolver = Callable[[RequestContext, AuthUser], Awaitable[str | None]]
"""
Returns the BCP 47 tag of the language in which an account's mail is written.

``None`` leaves the choice to the request's ``Accept-Language``, as does an exception or a late answer.
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

    def verify(self, password: str, stored: str) -> bool | None:
        """
        Return whether `stored` is a hash of `password`; only `True` lets anybody in.

        Return `None` where it is not and nothing was derived, such as for a damaged hash: the refusal then
        takes a derivation, as that of an unknown address does.  So it does where this raises, which is
        reported and refused.  Runs in a thread, so it may block.
        """
        ...


@runtime_checkable
class SampledVerifier(LegacyVerifier, Protocol):
    """
    A legacy verifier that names a hash as dear as the dearest that it verifies.

    The hash is verified once at the start, so that a refused sign-in takes as long as with the dearest one.
    Without it the engine learns that from the first sign-in to such an account.
    """

    sample_hash: str

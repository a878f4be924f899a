"""Tenant resolvers for common deployments; none is used unless the host configures it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bymax_auth.config.resolvers import RequestParts, StaticTenantResolver, TenantUnresolved
from bymax_auth.http.cookies import host_name
from bymax_auth.services.privacy import sanitize_headers

__all__ = ["HeaderTenantResolver", "HostTenantResolver", "StaticTenantResolver"]


@dataclass(frozen=True, slots=True)
class HeaderTenantResolver:
    """
    The tenant named in a header.

    Safe only behind a gateway that overwrites the header: any client can send one.
    """

    header: str

    def __post_init__(self) -> None:
        if not sanitize_headers([(self.header.lower().encode(), b"-")]):
            raise ValueError(f"The header {self.header!r} is withheld from resolvers: choose another name.")

    async def resolve(self, parts: RequestParts) -> str:
        """
        Return the header's value.

        Raises:
            TenantUnresolved: The request has no such header.
        """
        tenant = parts.headers.get(self.header.lower())
        if not tenant:
            raise TenantUnresolved
        return tenant


@dataclass(frozen=True, slots=True)
class HostTenantResolver:
    """The tenant of the host name in the request; `tenants` maps host names to tenants."""

    tenants: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "tenants", {host.lower(): tenant for host, tenant in self.tenants.items()})

    async def resolve(self, parts: RequestParts) -> str:
        """
        Return the tenant of the request's host.

        Raises:
            TenantUnresolved: The host is unknown.
        """
        tenant = self.tenants.get(host_name(parts.host).lower())
        if tenant is None:
            raise TenantUnresolved
        return tenant

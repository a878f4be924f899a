import pytest

from bymax_auth.config.resolvers import RequestParts, TenantUnresolved
from bymax_auth.http.tenants import HeaderTenantResolver, HostTenantResolver, StaticTenantResolver


def parts(host: str | None = None, **headers: str) -> RequestParts:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestParts(method="POST", path="/auth/login", host=host, headers=named)


async def test_a_static_tenant_serves_every_request() -> None:
    """A deployment with one tenant must not need it in every request."""
    assert await StaticTenantResolver("acme").resolve(parts()) == "acme"


async def test_a_header_names_the_tenant() -> None:
    """Behind a gateway that knows the tenant, its header decides, however it is spelt."""
    resolver = HeaderTenantResolver("X-Tenant-Id")
    assert await resolver.resolve(parts(x_tenant_id="acme")) == "acme"
    for missing in (parts(), parts(x_tenant_id="")):
        with pytest.raises(TenantUnresolved):
            await resolver.resolve(missing)


@pytest.mark.parametrize("name", ["authorization", "Cookie", "x-tenant-token"])
def test_a_header_that_resolvers_never_see_is_refused_when_built(name: str) -> None:
    """Such a resolver would refuse every request, and nobody would know why."""
    with pytest.raises(ValueError, match="withheld"):
        HeaderTenantResolver(name)


async def test_a_host_belongs_to_its_tenant() -> None:
    """Each customer's own domain leads to their own users."""
    resolver = HostTenantResolver({"Acme.example.com": "acme"})
    assert await resolver.resolve(parts("acme.example.com")) == "acme"
    assert await resolver.resolve(parts("ACME.example.com:8443")) == "acme"
    for unknown in ("other.example.com", "[::1]:8000", "", None):
        with pytest.raises(TenantUnresolved):
            await resolver.resolve(parts(unknown))

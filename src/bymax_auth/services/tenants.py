"""
Which tenant a request belongs to.

With a configured resolver only its result counts, and a tenant that the caller names is ignored.
Without one the caller's tenant is used.  There is no default tenant.
"""

from dataclasses import dataclass

from bymax_auth.config.resolvers import RequestParts, TenantIdResolver, TenantUnresolved
from bymax_auth.errors import FieldError, Forbidden, ResolverFailed, ValidationFailed
from bymax_auth.services.addresses import is_usable_tenant_id, require_tenant_id
from bymax_auth.services.failures import FailureReporter
from bymax_auth.types.context import RequestContext

__all__ = ["TenantResolution"]

_UNNAMED = "tenantId is required unless the deployment configures a TenantIdResolver"


@dataclass(frozen=True, slots=True)
class TenantResolution:
    """Decides the tenant of each request."""

    resolver: TenantIdResolver | None
    failures: FailureReporter

    async def resolve(self, body_tenant: str | None, context: RequestContext) -> str:
        """
        Return the tenant.

        Raises:
            Forbidden: The resolver refused, or returned a value that cannot be a tenant id.
            ValidationFailed: There is no resolver, and the caller named no usable tenant.
            ResolverFailed: The resolver failed.
        """
        if self.resolver is not None:
            return await self._ask(self.resolver, context)
        if body_tenant is None:
            raise ValidationFailed(fields=(FieldError("tenantId", _UNNAMED),))
        return require_tenant_id(body_tenant)

    async def _ask(self, resolver: TenantIdResolver, context: RequestContext) -> str:
        parts = RequestParts(
            method=context.method,
            path=context.path,
            host=context.host,
            headers=context.sanitized_headers,
            scope=context.scope,
        )
        try:
            answer = _as_text(await resolver.resolve(parts))
        except TenantUnresolved:
            raise Forbidden from None
        except Exception as error:  # noqa: BLE001 - a host's resolver may raise anything
            raise self.failures.stand_in("tenant_resolver", error, ResolverFailed()) from None
        if not is_usable_tenant_id(answer):
            raise Forbidden
        return answer


def _as_text(answer: object) -> str:
    if not isinstance(answer, str):
        raise TypeError("A tenant resolver returns a str.")
    return answer

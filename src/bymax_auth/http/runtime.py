"""State shared by all of the HTTP layer: the engine, and objects built from its configuration."""

from collections.abc import Iterator, Mapping
from typing import Final

from bymax_auth.config.problems import ConfigError, problem
from bymax_auth.engine import AuthEngine
from bymax_auth.http.asgi import Header
from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.delivery import Delivery
from bymax_auth.http.extraction import TokenChannels
from bymax_auth.http.origin import RefusedOrigins, TrustedOrigins
from bymax_auth.http.request import RequestView
from bymax_auth.services.privacy import sanitize_headers
from bymax_auth.types.context import RequestContext

__all__ = ["HttpRuntime", "request_context"]

_RESOLVER_REQUIRED: Final = problem(
    "tenant_resolver_required",
    "tenancy.resolver",
    "AuthHttpConfig.enforce_tenant_binding compares a token's tenant with the resolver's, and there is none.",
    "Set tenancy.resolver, or leave enforce_tenant_binding off.",
)


class HttpRuntime:
    """
    One engine with its HTTP configuration.

    Raises:
        ConfigError: Tenant binding is enabled and no tenant resolver is configured.
    """

    __slots__ = ("channels", "delivery", "engine", "http", "origins", "refused_origins")

    def __init__(self, engine: AuthEngine, http: AuthHttpConfig) -> None:
        config = engine.config
        if http.enforce_tenant_binding and config.auth.tenancy.resolver is None:
            raise ConfigError([_RESOLVER_REQUIRED])
        self.engine = engine
        self.http = http
        self.channels = TokenChannels(config)
        self.delivery = Delivery(config, http.client_ip_source)
        self.origins = TrustedOrigins(config.auth.cookies.trusted_origins)
        self.refused_origins = RefusedOrigins(engine.clock)

    def context(self, view: RequestView) -> RequestContext:
        """Return the `RequestContext` of a request."""
        return request_context(view, self.http.client_ip_source)

    def serves_as(self, other: "HttpRuntime") -> bool:
        """Return whether `other` has the same engine and configuration, so that it gets the same results."""
        return self.engine is other.engine and self.http == other.http


def request_context(view: RequestView, source: PeerAddress | TrustedForwardedFor) -> RequestContext:
    """Return the `RequestContext` of a request."""
    scope = view.scope
    return RequestContext(
        ip=source.resolve(view),
        user_agent=view.header(b"user-agent") or "",
        sanitized_headers=_SanitizedHeaders(scope["headers"]),
        method=scope.get("method", "GET"),
        path=scope["path"],
        host=view.header(b"host"),
        scope=scope,
    )


class _SanitizedHeaders(Mapping[str, str]):
    """Sanitizes the headers on first access: most requests have no hook or resolver that reads them."""

    __slots__ = ("_raw", "_sanitized")

    def __init__(self, raw: list[Header]) -> None:
        self._raw = raw
        self._sanitized: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return self._headers()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers())

    def __len__(self) -> int:
        return len(self._headers())

    def __repr__(self) -> str:
        return f"<{len(self._raw)} headers>"

    def _headers(self) -> dict[str, str]:
        if self._sanitized is None:
            self._sanitized = sanitize_headers(self._raw)
        return self._sanitized

"""
The HTTP layer: the auth routes as an ASGI application, and guards for a host's own routes.

    app = auth_app(engine, AuthHttpConfig(PeerAddress()), app_at_prefix=True)

It imports no framework, and runs inside any ASGI framework.
"""

from bymax_auth.http.access_log import AccessLogRedactionFilter
from bymax_auth.http.app import auth_app
from bymax_auth.http.client_ip import PeerAddress, TrustedForwardedFor
from bymax_auth.http.config import AuthHttpConfig, RateLimit, RateLimitConfig
from bymax_auth.http.cookies import AllowlistDomainResolver
from bymax_auth.http.guards import (
    Guards,
    auth_user,
    current_user,
    mfa_satisfied,
    optional_auth_user,
    platform_user,
    require_platform_role,
    require_role,
    self_or_admin,
    trusted_origin,
    user_status,
    verified_user,
)
from bymax_auth.http.middleware import AuthMiddleware
from bymax_auth.http.openapi import openapi_fragment
from bymax_auth.http.routes import ROUTES, RouteSpec, mounted_routes
from bymax_auth.http.tenants import HeaderTenantResolver, HostTenantResolver, StaticTenantResolver
from bymax_auth.http.ws_guards import ws_auth_user, ws_auth_user_from_header

__all__ = [
    "ROUTES",
    "AccessLogRedactionFilter",
    "AllowlistDomainResolver",
    "AuthHttpConfig",
    "AuthMiddleware",
    "Guards",
    "HeaderTenantResolver",
    "HostTenantResolver",
    "PeerAddress",
    "RateLimit",
    "RateLimitConfig",
    "RouteSpec",
    "StaticTenantResolver",
    "TrustedForwardedFor",
    "auth_app",
    "auth_user",
    "current_user",
    "mfa_satisfied",
    "mounted_routes",
    "openapi_fragment",
    "optional_auth_user",
    "platform_user",
    "require_platform_role",
    "require_role",
    "self_or_admin",
    "trusted_origin",
    "user_status",
    "verified_user",
    "ws_auth_user",
    "ws_auth_user_from_header",
]

"""Everything at once: routes, error handlers, documentation, and the guards of one engine."""

import re
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from fastapi import FastAPI
from starlette.requests import HTTPConnection

from bymax_auth.engine import AuthEngine
from bymax_auth.fastapi.errors import admitted, register_exception_handlers
from bymax_auth.fastapi.guards import Dependency, require_trusted_origin
from bymax_auth.fastapi.openapi import apply_openapi
from bymax_auth.fastapi.router import router_of
from bymax_auth.fastapi.running_app import remember
from bymax_auth.http.config import AuthHttpConfig, RateLimit
from bymax_auth.http.guards import Guards
from bymax_auth.http.rate_limit import RouteLimit, rate_limit_store
from bymax_auth.http.request import RequestView
from bymax_auth.http.routes import ROUTES
from bymax_auth.types.claims import DashboardClaims, PlatformClaims

__all__ = ["InstalledAuth", "install"]

ClaimsT = TypeVar("ClaimsT")

_COUNTER: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_OUR_COUNTERS: Final = frozenset(spec.name for spec in ROUTES)


def install(app: FastAPI, engine: AuthEngine, http: AuthHttpConfig) -> "InstalledAuth":
    """
    Give `app` the routes of `engine`, and return its guards.

    The app opens and closes the engine in its own lifespan.

    Raises:
        ConfigError: Tenant binding is asked for and no tenant resolver is configured.
        RuntimeError: Another engine is installed on this app.
    """
    auth = InstalledAuth(engine, http)
    remember(app, auth.guards.edge)
    app.include_router(router_of(auth.guards.edge))
    register_exception_handlers(app)
    apply_openapi(app, engine, http)
    return auth


class InstalledAuth:
    """
    The guards of one engine as dependencies, for ``Depends``.

    They work in every app, mounted ones too, since they know their engine.
    """

    def __init__(self, engine: AuthEngine, http: AuthHttpConfig) -> None:
        self.engine = engine
        self.http = http
        self.guards = Guards(engine, http)

    async def auth_user(self, connection: HTTPConnection) -> DashboardClaims:
        """Return the signed-in dashboard user, or refuse with 401."""
        return await admitted(self.guards.auth_user(connection))

    async def current_user(self, connection: HTTPConnection) -> DashboardClaims:
        """Return the signed-in dashboard user, or refuse with 401."""
        return await admitted(self.guards.current_user(connection))

    async def optional_auth_user(self, connection: HTTPConnection) -> DashboardClaims | None:
        """Return the signed-in dashboard user, ``None`` for a visitor."""
        return await admitted(self.guards.optional_auth_user(connection))

    async def user_status(self, connection: HTTPConnection) -> DashboardClaims:
        """Return the signed-in dashboard user whose account is not blocked, or refuse with 401 or 403."""
        return await admitted(self.guards.user_status(connection))

    async def verified_user(self, connection: HTTPConnection) -> DashboardClaims:
        """Return the active dashboard user whose address is proven, or refuse with 401 or 403."""
        return await admitted(self.guards.verified_user(connection))

    async def mfa_satisfied(self, connection: HTTPConnection) -> DashboardClaims:
        """Return the signed-in dashboard user who owes no second factor, or refuse with 401 or 403."""
        return await admitted(self.guards.mfa_satisfied(connection))

    async def platform_user(self, connection: HTTPConnection) -> PlatformClaims:
        """Return the signed-in platform administrator, or refuse with 401."""
        return await admitted(self.guards.platform_user(connection))

    def require_role(self, name: str) -> Dependency[DashboardClaims]:
        """
        Build a guard that admits the role `name` and every role above it, and refuses others with 403.

        Raises:
            LookupError: The role is not in ``roles.hierarchy``.
        """
        return _dependency(self.guards.require_role(name))

    def require_platform_role(self, name: str) -> Dependency[PlatformClaims]:
        """
        Build a guard that admits the platform role `name` and every role above it.

        Raises:
            LookupError: The role is not in ``roles.platform_hierarchy``.
        """
        return _dependency(self.guards.require_platform_role(name))

    def self_or_admin(self, admin_role: str, param: str = "user_id") -> Dependency[DashboardClaims]:
        """
        Build a guard that admits the user whose id the path parameter `param` is, and `admin_role`.

        An id is unique within its tenant only, so the route's own lookup names the caller's tenant.

        Raises:
            LookupError: The role is not in ``roles.hierarchy``.
        """
        return _dependency(self.guards.self_or_admin(admin_role, param))

    async def trusted_origin(self, connection: HTTPConnection) -> None:
        """
        Refuse, with 403, a state-changing request or a WebSocket from a page that may not make one.

        Every route of the host that changes something for a cookie needs it.
        """
        await admitted(require_trusted_origin(connection, self.guards.edge))

    def rate_limit(self, name: str, limit: RateLimit) -> Dependency[None]:
        """
        Build a guard that refuses, with 429, a client that calls too often; `name` names its counter.

        Raises:
            ValueError: The name is not 1–64 letters, digits, ``_``, ``.`` or ``-``, or is a route's of ours.
        """
        if _COUNTER.fullmatch(name) is None or name in _OUR_COUNTERS:
            raise ValueError(f"{name!r} cannot name a rate limit.")
        counter = RouteLimit(
            counter=name,
            limit=limit,
            store=rate_limit_store(self.http, self.engine),
            identifiers=self.engine.identifiers,
            source=self.http.client_ip_source,
        )

        async def spend(connection: HTTPConnection) -> None:
            await admitted(counter.spend(RequestView(connection.scope)))

        return spend


def _dependency(guard: Callable[[HTTPConnection], Awaitable[ClaimsT]]) -> Dependency[ClaimsT]:
    async def dependency(connection: HTTPConnection) -> ClaimsT:
        return await admitted(guard(connection))

    return dependency

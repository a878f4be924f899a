"""
Guards: who is calling, and may they?

    claims = await auth_user(request)

Each takes anything with an ASGI scope, so one guard serves a route and a WebSocket of any
framework.  The functions find the engine that `AuthMiddleware` left in the scope; `Guards` is
the same set bound to an engine, for an application without the middleware.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import (
    AuthError,
    Forbidden,
    InsufficientRole,
    MfaRequired,
    PlatformAuthRequired,
    TokenInvalid,
)
from bymax_auth.http.asgi import Connection
from bymax_auth.http.auth_scope import attach, attached, view_of
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.edge import Edge
from bymax_auth.types.claims import DashboardClaims, PlatformClaims
from bymax_auth.types.results import Authenticated

__all__ = [
    "Guards",
    "auth_user",
    "current_user",
    "mfa_satisfied",
    "optional_auth_user",
    "platform_user",
    "require_platform_role",
    "require_role",
    "self_or_admin",
    "user_status",
    "verified_user",
]

ClaimsT = TypeVar("ClaimsT")

Guard = Callable[[Connection], Awaitable[ClaimsT]]
"""Admits a connection by answering its claims, or raises the refusal."""


async def auth_user(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user.

    Raises:
        TokenInvalid: No acceptable access token came with the request.
        StoreUnavailable: The store did not answer.
    """
    return _dashboard_claims(await attached(connection).dashboard(view_of(connection)))


async def current_user(connection: Connection) -> DashboardClaims:
    """Return the signed-in dashboard user; the same guard as `auth_user` under its other name."""
    return await auth_user(connection)


async def optional_auth_user(connection: Connection) -> DashboardClaims | None:
    """
    Return the signed-in dashboard user, ``None`` for a visitor.

    Raises:
        StoreUnavailable: The store did not answer; a signed-in user must not look like a visitor.
    """
    try:
        return await auth_user(connection)
    except AuthError:
        return None


def require_role(name: str) -> Guard[DashboardClaims]:
    """
    Build a guard that admits the role `name` and every role above it.

    Raises (the guard):
        TokenInvalid: No acceptable access token came with the request.
        InsufficientRole: The user is signed in with a lesser role.
        LookupError: The role is not in ``roles.hierarchy``.
    """

    async def guard(connection: Connection) -> DashboardClaims:
        engine = attached(connection).edge.engine
        _require_declared(name, engine.config.auth.roles.hierarchy)
        claims = await auth_user(connection)
        if not engine.role_satisfies(claims.role, name):
            raise InsufficientRole
        return claims

    return guard


async def platform_user(connection: Connection) -> PlatformClaims:
    """
    Return the signed-in platform administrator.

    Raises:
        PlatformAuthRequired: No acceptable platform token came in the ``Authorization`` header; a
            dashboard token is the wrong context.
        StoreUnavailable: The store did not answer.
    """
    try:
        proven = await attached(connection).platform(view_of(connection))
    except TokenInvalid:
        raise PlatformAuthRequired from None
    if not isinstance(proven.claims, PlatformClaims):
        raise PlatformAuthRequired
    return proven.claims


def require_platform_role(name: str) -> Guard[PlatformClaims]:
    """
    Build a guard that admits the platform role `name` and every role above it.

    Raises (the guard):
        PlatformAuthRequired: No acceptable platform token came with the request.
        InsufficientRole: The administrator is signed in with a lesser role.
        LookupError: The role is not in ``roles.platform_hierarchy``.
    """

    async def guard(connection: Connection) -> PlatformClaims:
        engine = attached(connection).edge.engine
        _require_declared(name, engine.config.auth.roles.platform_hierarchy or {})
        claims = await platform_user(connection)
        if not engine.platform.role_satisfies(claims.role, name):
            raise InsufficientRole
        return claims

    return guard


def self_or_admin(admin_role: str, param: str = "user_id") -> Guard[DashboardClaims]:
    """
    Build a guard that admits the user whose id the path parameter `param` is, and `admin_role`.

    An id is unique within its tenant only, so the route's own lookup names the caller's tenant.

    Raises (the guard):
        TokenInvalid: No acceptable access token came with the request, or the route has no such
            parameter.
        Forbidden: The user is signed in, is another and has a lesser role.
        LookupError: The role is not in ``roles.hierarchy``.
    """

    async def guard(connection: Connection) -> DashboardClaims:
        engine = attached(connection).edge.engine
        _require_declared(admin_role, engine.config.auth.roles.hierarchy)
        claims = await auth_user(connection)
        parameters: Mapping[str, object] = connection.scope.get("path_params") or {}
        if param not in parameters:
            raise TokenInvalid
        if str(parameters[param]) != claims.sub and not engine.role_satisfies(claims.role, admin_role):
            raise Forbidden
        return claims

    return guard


async def user_status(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user whose account is not blocked.

    Raises:
        TokenInvalid: No acceptable access token came with the request, or the account is gone.
        AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
        StoreUnavailable: The store did not answer.
        RepositoryBackendError: The repository failed.
    """
    found = attached(connection)
    proven = await found.dashboard(view_of(connection))
    claims = _dashboard_claims(proven)
    await found.edge.engine.assert_user_active(claims.sub, tenant_id=claims.tenant_id, cached=proven.status)
    return claims


async def verified_user(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user whose account is not blocked and whose address is proven.

    Raises:
        EmailNotVerified: Verification is required and the address is unproven.
        TokenInvalid, AccountInactive, AccountSuspended, AccountBanned, PendingApproval: As `user_status`.
    """
    found = attached(connection)
    proven = await found.dashboard(view_of(connection))
    claims = _dashboard_claims(proven)
    await found.edge.engine.assert_user_active_and_verified(
        claims.sub, tenant_id=claims.tenant_id, cached=proven.status
    )
    return claims


async def mfa_satisfied(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user who has passed the second factor, or has none.

    Raises:
        TokenInvalid: No acceptable access token came with the request.
        MfaRequired: The account has a second factor which this session has not passed.
    """
    claims = await auth_user(connection)
    if claims.mfa_enabled and not claims.mfa_verified:
        raise MfaRequired
    return claims


class Guards:
    """The guards bound to one engine; each does what the function of its name does."""

    __slots__ = ("edge",)

    def __init__(self, engine: AuthEngine, http: AuthHttpConfig) -> None:
        self.edge = Edge(engine, http)

    async def auth_user(self, connection: Connection) -> DashboardClaims:
        """Return the signed-in dashboard user."""
        return await auth_user(self._bind(connection))

    async def current_user(self, connection: Connection) -> DashboardClaims:
        """Return the signed-in dashboard user."""
        return await auth_user(self._bind(connection))

    async def optional_auth_user(self, connection: Connection) -> DashboardClaims | None:
        """Return the signed-in dashboard user, ``None`` for a visitor."""
        return await optional_auth_user(self._bind(connection))

    def require_role(self, name: str) -> Guard[DashboardClaims]:
        """
        Build a guard that admits the role `name` and every role above it.

        Raises:
            LookupError: The role is not in ``roles.hierarchy``.
        """
        _require_declared(name, self.edge.engine.config.auth.roles.hierarchy)
        return self._bound(require_role(name))

    async def platform_user(self, connection: Connection) -> PlatformClaims:
        """Return the signed-in platform administrator."""
        return await platform_user(self._bind(connection))

    def require_platform_role(self, name: str) -> Guard[PlatformClaims]:
        """
        Build a guard that admits the platform role `name` and every role above it.

        Raises:
            LookupError: The role is not in ``roles.platform_hierarchy``.
        """
        _require_declared(name, self.edge.engine.config.auth.roles.platform_hierarchy or {})
        return self._bound(require_platform_role(name))

    def self_or_admin(self, admin_role: str, param: str = "user_id") -> Guard[DashboardClaims]:
        """
        Build a guard that admits the user whose id the path parameter `param` is, and `admin_role`.

        Raises:
            LookupError: The role is not in ``roles.hierarchy``.
        """
        _require_declared(admin_role, self.edge.engine.config.auth.roles.hierarchy)
        return self._bound(self_or_admin(admin_role, param))

    async def user_status(self, connection: Connection) -> DashboardClaims:
        """Return the signed-in dashboard user whose account is not blocked."""
        return await user_status(self._bind(connection))

    async def verified_user(self, connection: Connection) -> DashboardClaims:
        """Return the signed-in dashboard user whose account is not blocked and whose address is proven."""
        return await verified_user(self._bind(connection))

    async def mfa_satisfied(self, connection: Connection) -> DashboardClaims:
        """Return the signed-in dashboard user who has passed the second factor, or has none."""
        return await mfa_satisfied(self._bind(connection))

    def _bind(self, connection: Connection) -> Connection:
        attach(connection, self.edge)
        return connection

    def _bound(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        async def bound(connection: Connection) -> ClaimsT:
            return await guard(self._bind(connection))

        return bound


def _dashboard_claims(proven: Authenticated) -> DashboardClaims:
    if not isinstance(proven.claims, DashboardClaims):
        raise TokenInvalid
    return proven.claims


def _require_declared(role: str, hierarchy: Mapping[str, Sequence[str]]) -> None:
    if role not in hierarchy:
        raise LookupError(f"The role {role!r} is not in the role hierarchy: {sorted(hierarchy)}.")

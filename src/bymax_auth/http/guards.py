"""
Guards: authentication and authorization of a request.

    claims = await auth_user(request)

Each accepts anything with an ASGI scope, so one guard works for a route and a WebSocket of any
framework.  The functions use the engine that `AuthMiddleware` attached to the scope; `Guards` binds
the same functions to an engine, for an application without the middleware.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import (
    AuthError,
    Forbidden,
    InsufficientRole,
    MfaRequired,
    PlatformAuthRequired,
    TokenInvalid,
    UntrustedOrigin,
)
from bymax_auth.http.asgi import Connection
from bymax_auth.http.auth_scope import attach, attached
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.origin import SAFE_METHODS
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.types.claims import DashboardClaims, PlatformClaims
from bymax_auth.types.results import Authenticated

__all__ = [
    "BoundGuards",
    "Guard",
    "Guards",
    "auth_user",
    "current_user",
    "mfa_satisfied",
    "named_after",
    "optional_auth_user",
    "platform_user",
    "require_platform_role",
    "require_role",
    "self_or_admin",
    "trusted_origin",
    "user_status",
    "verified_user",
]

ClaimsT = TypeVar("ClaimsT")

Guard = Callable[[Connection], Awaitable[ClaimsT]]
"""Returns the claims of a connection that it admits, or raises the refusal."""


async def auth_user(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user.

    Raises:
        TokenInvalid: The access token is missing or invalid.
        StoreUnavailable: The store is unavailable.
    """
    claims = (await attached(connection).dashboard(connection)).claims
    if not isinstance(claims, DashboardClaims):
        raise TokenInvalid
    return claims


current_user = auth_user
"""An alias of `auth_user`."""


async def optional_auth_user(connection: Connection) -> DashboardClaims | None:
    """
    Return the signed-in dashboard user, ``None`` for a visitor.

    Raises:
        StoreUnavailable: The store is unavailable; a signed-in user must not be treated as a visitor.
    """
    try:
        return await auth_user(connection)
    except AuthError:
        return None


def require_role(name: str) -> Guard[DashboardClaims]:
    """
    Build a guard that admits the role `name` and every role above it.

    Raises (the guard):
        TokenInvalid: The access token is missing or invalid.
        InsufficientRole: The user is signed in with a lesser role.
        LookupError: The role is not in ``roles.hierarchy``.
    """

    async def guard(connection: Connection) -> DashboardClaims:
        engine = attached(connection).runtime.engine
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
        PlatformAuthRequired: The ``Authorization`` header carries no valid platform token; a dashboard
            token is not accepted.
        StoreUnavailable: The store is unavailable.
    """
    try:
        authenticated = await attached(connection).platform(connection)
    except TokenInvalid:
        raise PlatformAuthRequired from None
    if not isinstance(authenticated.claims, PlatformClaims):
        raise PlatformAuthRequired
    return authenticated.claims


def require_platform_role(name: str) -> Guard[PlatformClaims]:
    """
    Build a guard that admits the platform role `name` and every role above it.

    Raises (the guard):
        PlatformAuthRequired: The platform token is missing or invalid.
        InsufficientRole: The administrator is signed in with a lesser role.
        LookupError: The role is not in ``roles.platform_hierarchy``.
    """

    async def guard(connection: Connection) -> PlatformClaims:
        engine = attached(connection).runtime.engine
        _require_declared(name, engine.config.auth.roles.platform_hierarchy or {})
        claims = await platform_user(connection)
        if not engine.platform.role_satisfies(claims.role, name):
            raise InsufficientRole
        return claims

    return guard


def self_or_admin(admin_role: str, param: str = "user_id") -> Guard[DashboardClaims]:
    """
    Build a guard that admits the user whose id is in the path parameter `param`, and `admin_role`.

    An id is unique only within its tenant, so the route's own lookup must include the caller's tenant.

    Raises (the guard):
        TokenInvalid: The access token is missing or invalid, or the route has no such parameter.
        Forbidden: The signed-in user is a different one and has a lesser role.
        LookupError: The role is not in ``roles.hierarchy``.
    """

    async def guard(connection: Connection) -> DashboardClaims:
        engine = attached(connection).runtime.engine
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
        TokenInvalid: The access token is missing or invalid, or the account does not exist any more.
        AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
        StoreUnavailable: The store is unavailable.
        RepositoryBackendError: The repository failed.
    """
    found = attached(connection)
    authenticated = await found.dashboard(connection)
    claims = _dashboard_claims(authenticated)
    await found.runtime.engine.assert_user_active(
        claims.sub, tenant_id=claims.tenant_id, cached=authenticated.status
    )
    return claims


async def verified_user(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user whose account is not blocked and whose address is verified.

    Raises:
        EmailNotVerified: Verification is required and the address is not verified.
        TokenInvalid, AccountInactive, AccountSuspended, AccountBanned, PendingApproval: As `user_status`.
    """
    found = attached(connection)
    authenticated = await found.dashboard(connection)
    claims = _dashboard_claims(authenticated)
    await found.runtime.engine.assert_user_active_and_verified(
        claims.sub, tenant_id=claims.tenant_id, cached=authenticated.status
    )
    return claims


async def mfa_satisfied(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user who has passed the second factor, or has none.

    Raises:
        TokenInvalid: The access token is missing or invalid.
        MfaRequired: The account has a second factor that this session has not passed.
    """
    claims = await auth_user(connection)
    if claims.mfa_enabled and not claims.mfa_verified:
        raise MfaRequired
    return claims


async def trusted_origin(connection: Connection) -> None:
    """
    Admit a request with a safe method, or from a trusted origin.  A WebSocket upgrade counts as unsafe.

    A browser attaches cookies to requests from any page, so a route that changes state and authenticates
    by cookie needs this guard against CSRF.

    Raises:
        UntrustedOrigin: The request is unsafe and comes from a page of another site.
    """
    scope = connection.scope
    if scope.get("method") in SAFE_METHODS:
        return
    if not attached(connection).runtime.origins.admit(scope["headers"]):
        raise UntrustedOrigin


class BoundGuards(ABC):
    """
    Every guard of this module, as returned by `_bind`.

    With a `runtime`, role names are checked when a guard is built; without one, when it runs.
    """

    def __init__(self, runtime: HttpRuntime | None) -> None:
        self._runtime: Final = runtime
        self.auth_user: Final = self._bind(auth_user)
        self.current_user: Final = self.auth_user
        self.optional_auth_user: Final = self._bind(optional_auth_user)
        self.platform_user: Final = self._bind(platform_user)
        self.user_status: Final = self._bind(user_status)
        self.verified_user: Final = self._bind(verified_user)
        self.mfa_satisfied: Final = self._bind(mfa_satisfied)
        self.trusted_origin: Final = self._bind(trusted_origin)

    @abstractmethod
    def _bind(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        """Return the guard bound to an engine."""

    def require_role(self, name: str) -> Guard[DashboardClaims]:
        """
        Build a guard that admits the role `name` and every role above it.

        Raises:
            LookupError: The role is not in ``roles.hierarchy``.
        """
        if self._runtime is not None:
            _require_declared(name, self._runtime.engine.config.auth.roles.hierarchy)
        return self._bind(require_role(name))

    def require_platform_role(self, name: str) -> Guard[PlatformClaims]:
        """
        Build a guard that admits the platform role `name` and every role above it.

        Raises:
            LookupError: The role is not in ``roles.platform_hierarchy``.
        """
        if self._runtime is not None:
            _require_declared(name, self._runtime.engine.config.auth.roles.platform_hierarchy or {})
        return self._bind(require_platform_role(name))

    def self_or_admin(self, admin_role: str, param: str = "user_id") -> Guard[DashboardClaims]:
        """
        Build a guard that admits the user whose id is in the path parameter `param`, and `admin_role`.

        An id is unique only within its tenant, so the route's own lookup must include the caller's tenant.

        Raises:
            LookupError: The role is not in ``roles.hierarchy``.
        """
        if self._runtime is not None:
            _require_declared(admin_role, self._runtime.engine.config.auth.roles.hierarchy)
        return self._bind(self_or_admin(admin_role, param))


class Guards(BoundGuards):
    """The guards bound to one engine; each behaves like the function of the same name."""

    def __init__(self, engine: AuthEngine, http: AuthHttpConfig) -> None:
        self.runtime: Final = HttpRuntime(engine, http)
        super().__init__(self.runtime)

    def _bind(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        runtime = self.runtime

        async def bound(connection: Connection) -> ClaimsT:
            attach(connection, runtime)
            return await guard(connection)

        return named_after(guard, bound)


def named_after(guard: Guard[ClaimsT], bound: Guard[ClaimsT]) -> Guard[ClaimsT]:
    """Return `bound` with the name and docstring of `guard`, and with its own signature."""
    # `functools.wraps` would also set `__wrapped__`, whose signature frameworks prefer.
    for name in ("__name__", "__qualname__", "__doc__"):
        setattr(bound, name, getattr(guard, name))
    return bound


def _dashboard_claims(authenticated: Authenticated) -> DashboardClaims:
    if not isinstance(authenticated.claims, DashboardClaims):
        raise TokenInvalid
    return authenticated.claims


def _require_declared(role: str, hierarchy: Mapping[str, Sequence[str]]) -> None:
    if role not in hierarchy:
        raise LookupError(f"The role {role!r} is not in the role hierarchy: {sorted(hierarchy)}.")

"""
Guards: who is calling, and may they?

    claims = await auth_user(request)

Each takes anything with an ASGI scope, so one guard serves a route and a WebSocket of any
framework.  The functions find the engine that `AuthMiddleware` left in the scope; `Guards` binds
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
from bymax_auth.http.auth_scope import attach, attached, view_of
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
"""Admits a connection by answering its claims, or raises the refusal."""


async def auth_user(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user.

    Raises:
        TokenInvalid: No acceptable access token came with the request.
        StoreUnavailable: The store did not answer.
    """
    return _dashboard_claims(await attached(connection).dashboard(view_of(connection)))


current_user = auth_user
"""The same guard under its other name."""


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
        engine = attached(connection).runtime.engine
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
        TokenInvalid: No acceptable access token came with the request, or the account is gone.
        AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
        StoreUnavailable: The store did not answer.
        RepositoryBackendError: The repository failed.
    """
    found = attached(connection)
    proven = await found.dashboard(view_of(connection))
    claims = _dashboard_claims(proven)
    await found.runtime.engine.assert_user_active(
        claims.sub, tenant_id=claims.tenant_id, cached=proven.status
    )
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
    await found.runtime.engine.assert_user_active_and_verified(
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


async def trusted_origin(connection: Connection) -> None:
    """
    Let a request pass that a page of a trusted origin may send.  A WebSocket counts as unsafe.

    A browser sends cookies from any page, so a route that changes something for a cookie needs it.

    Raises:
        UntrustedOrigin: It changes something, or opens a socket, and comes from another site's page.
    """
    scope = connection.scope
    if scope.get("method") in SAFE_METHODS:
        return
    if not attached(connection).runtime.origins.admit(scope["headers"]):
        raise UntrustedOrigin


class BoundGuards(ABC):
    """
    Every guard of this module, in the form that `_bind` gives it.

    With a `runtime` the roles of guards are checked when they are built, without one when they run.
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
        """Return the guard with the engine that it asks."""

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
        Build a guard that admits the user whose id the path parameter `param` is, and `admin_role`.

        An id is unique within its tenant only, so the route's own lookup names the caller's tenant.

        Raises:
            LookupError: The role is not in ``roles.hierarchy``.
        """
        if self._runtime is not None:
            _require_declared(admin_role, self._runtime.engine.config.auth.roles.hierarchy)
        return self._bind(self_or_admin(admin_role, param))


class Guards(BoundGuards):
    """The guards bound to one engine; each does what the function of its name does."""

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
    """Return `bound` under the name and with the documentation of `guard`, and with its own signature."""
    # `functools.wraps` would also leave `__wrapped__`, whose signature frameworks prefer.
    for name in ("__name__", "__qualname__", "__doc__"):
        setattr(bound, name, getattr(guard, name))
    return bound


def _dashboard_claims(proven: Authenticated) -> DashboardClaims:
    if not isinstance(proven.claims, DashboardClaims):
        raise TokenInvalid
    return proven.claims


def _require_declared(role: str, hierarchy: Mapping[str, Sequence[str]]) -> None:
    if role not in hierarchy:
        raise LookupError(f"The role {role!r} is not in the role hierarchy: {sorted(hierarchy)}.")

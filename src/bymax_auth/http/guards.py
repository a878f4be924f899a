"""
Guards: authentication and authorization of a request.

    claims = await auth_user(request)

Each accepts anything with an ASGI scope, so one guard works for a route and a WebSocket of any
framework.  The functions use the engine that `AuthMiddleware` attached to the scope; `Guards` binds
the same functions to an engine, for an application without the middleware.

Where a cookie signs the caller in, a WebSocket and a request with an unsafe method must come from the
application's own pages or from `cookies.trusted_origins`; otherwise any page that a signed-in person visits
could act in that person's name.  A route for other sites' pages says so: ``cross_origin=True`` when a
guard is built, `from_any_origin` for the others.  Bearer tokens are not concerned.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import AuthError, PlatformAuthRequired, TokenInvalid, UntrustedOrigin
from bymax_auth.http.asgi import Connection
from bymax_auth.http.auth_scope import ANY_ORIGIN_KEY, attach, attached, view_of
from bymax_auth.http.conditions import (
    Condition,
    Hierarchy,
    active,
    active_and_verified,
    dashboard_roles,
    has_platform_role,
    has_role,
    is_self_or_has_role,
    platform_roles,
    require_declared,
    second_factor_passed,
)
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.origin import SAFE_METHODS
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.http.ws_guards import ws_auth_user, ws_auth_user_from_header
from bymax_auth.services.open_logins import OpenLogin
from bymax_auth.types.claims import AccessClaims, DashboardClaims, PlatformClaims

__all__ = [
    "BoundGuards",
    "Guard",
    "Guards",
    "auth_user",
    "current_user",
    "from_any_origin",
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
        UntrustedOrigin: A cookie signs the user in, and a page of another site sent the request.
        StoreUnavailable: The store is unavailable.
    """
    found = attached(connection)
    if connection.scope.get("method") not in SAFE_METHODS:
        found.require_own_page(connection)
    claims = (await found.dashboard(connection)).claims
    if not isinstance(claims, DashboardClaims):
        raise TokenInvalid
    return claims


current_user = auth_user
"""An alias of `auth_user`."""


async def optional_auth_user(connection: Connection) -> DashboardClaims | None:
    """
    Return the signed-in dashboard user, ``None`` for a visitor.

    Raises:
        UntrustedOrigin: As `auth_user`.
        StoreUnavailable: The store is unavailable; a signed-in user must not be treated as a visitor.
    """
    try:
        return await auth_user(connection)
    except UntrustedOrigin:
        raise
    except AuthError:
        return None


def require_role(name: str, *, cross_origin: bool = False) -> Guard[DashboardClaims]:
    """
    Build a guard that admits the role `name` and every role above it.

    With `cross_origin`, pages of every site may send the request.

    Raises (the guard):
        TokenInvalid: The access token is missing or invalid.
        UntrustedOrigin: As `auth_user`.
        InsufficientRole: The user is signed in with a lesser role.
        LookupError: The role is not in ``roles.hierarchy``.
    """
    guard = _declared(name, dashboard_roles, _restricted(auth_user, has_role(name)))
    return from_any_origin(guard) if cross_origin else guard


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
    return _declared(name, platform_roles, _restricted(platform_user, has_platform_role(name)))


def self_or_admin(
    admin_role: str, param: str = "user_id", *, cross_origin: bool = False
) -> Guard[DashboardClaims]:
    """
    Build a guard that admits the user whose id is in the path parameter `param`, and `admin_role`.

    An id is unique only within its tenant, so the route's own lookup must include the caller's tenant.
    With `cross_origin`, pages of every site may send the request.

    Raises (the guard):
        TokenInvalid: The access token is missing or invalid, or the route has no such parameter.
        UntrustedOrigin: As `auth_user`.
        Forbidden: The signed-in user is a different one and has a lesser role.
        LookupError: The role is not in ``roles.hierarchy``.
    """
    guard = _restricted(auth_user, is_self_or_has_role(admin_role, param))
    guard = _declared(admin_role, dashboard_roles, guard)
    return from_any_origin(guard) if cross_origin else guard


async def user_status(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user whose account is not blocked.

    Raises:
        TokenInvalid: The access token is missing or invalid, or the account does not exist any more.
        UntrustedOrigin: As `auth_user`.
        AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
        StoreUnavailable: The store is unavailable.
        RepositoryBackendError: The repository failed.
    """
    claims = await auth_user(connection)
    await active(connection, claims)
    return claims


async def verified_user(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user whose account is not blocked and whose address is verified.

    Raises:
        EmailNotVerified: Verification is required and the address is not verified.
        TokenInvalid, UntrustedOrigin: As `user_status`.
        AccountInactive, AccountSuspended, AccountBanned, PendingApproval: As `user_status`.
    """
    claims = await auth_user(connection)
    await active_and_verified(connection, claims)
    return claims


async def mfa_satisfied(connection: Connection) -> DashboardClaims:
    """
    Return the signed-in dashboard user who has passed the second factor, or has none.

    Raises:
        TokenInvalid: The access token is missing or invalid.
        UntrustedOrigin: As `auth_user`.
        MfaRequired: The account has a second factor that this session has not passed.
    """
    claims = await auth_user(connection)
    await second_factor_passed(connection, claims)
    return claims


async def trusted_origin(connection: Connection) -> None:
    """
    Admit a request with a safe method, or from a trusted origin.  A WebSocket upgrade counts as unsafe.

    The guards of a signed-in user check this where a cookie signs the user in.  This one is for a route
    without them, such as a sign-in form of the application's own.

    Raises:
        UntrustedOrigin: The request is unsafe and comes from a page of another site.
    """
    scope = connection.scope
    if scope.get("method") in SAFE_METHODS:
        return
    runtime = attached(connection).runtime
    if not runtime.origins.admit_credentials(scope):
        runtime.refused_origins.refuse("host", view_of(connection))


def from_any_origin(guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
    """
    Return `guard` without its check of the request's origin.

    For routes that pages of other sites are meant to call with a visitor's cookies.  Every other guard of
    the route still checks.
    """

    async def admitted(connection: Connection) -> ClaimsT:
        connection.scope[ANY_ORIGIN_KEY] = True
        try:
            return await guard(connection)
        finally:
            connection.scope.pop(ANY_ORIGIN_KEY, None)

    return named_after(guard, admitted)


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
        self.user_status: Final = self._restrict(self.auth_user, active, user_status)
        self.verified_user: Final = self._restrict(self.auth_user, active_and_verified, verified_user)
        self.mfa_satisfied: Final = self._restrict(self.auth_user, second_factor_passed, mfa_satisfied)
        self.ws_auth_user: Final = self._bind(ws_auth_user)
        self.ws_auth_user_from_header: Final = self._bind(ws_auth_user_from_header)
        self.trusted_origin: Final = self._bind(trusted_origin)

    @abstractmethod
    def _bind(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        """Return the guard bound to an engine."""

    @abstractmethod
    def _restrict(
        self, bound: Guard[ClaimsT], condition: Condition[ClaimsT], guard: Guard[ClaimsT]
    ) -> Guard[ClaimsT]:
        """Return the bound guard with the condition: `guard`, bound to an engine."""

    @abstractmethod
    def from_any_origin(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        """
        Return a guard of this object without its check of the request's origin.

        For routes that pages of other sites are meant to call with a visitor's cookies.  Every other guard
        of the route still checks.
        """

    def require_role(self, name: str, *, cross_origin: bool = False) -> Guard[DashboardClaims]:
        """
        Build a guard that admits the role `name` and every role above it.

        With `cross_origin`, pages of every site may send the request.

        Raises:
            LookupError: The role is not in ``roles.hierarchy``.
        """
        if self._runtime is not None:
            require_declared(name, dashboard_roles(self._runtime.engine))
        guard = self._restrict(self.auth_user, has_role(name), require_role(name))
        return self.from_any_origin(guard) if cross_origin else guard

    def require_platform_role(self, name: str) -> Guard[PlatformClaims]:
        """
        Build a guard that admits the platform role `name` and every role above it.

        Raises:
            LookupError: The role is not in ``roles.platform_hierarchy``.
        """
        if self._runtime is not None:
            require_declared(name, platform_roles(self._runtime.engine))
        return self._restrict(self.platform_user, has_platform_role(name), require_platform_role(name))

    def self_or_admin(
        self, admin_role: str, param: str = "user_id", *, cross_origin: bool = False
    ) -> Guard[DashboardClaims]:
        """
        Build a guard that admits the user whose id is in the path parameter `param`, and `admin_role`.

        An id is unique only within its tenant, so the route's own lookup must include the caller's tenant.
        With `cross_origin`, pages of every site may send the request.

        Raises:
            LookupError: The role is not in ``roles.hierarchy``.
        """
        if self._runtime is not None:
            require_declared(admin_role, dashboard_roles(self._runtime.engine))
        condition = is_self_or_has_role(admin_role, param)
        guard = self._restrict(self.auth_user, condition, self_or_admin(admin_role, param))
        return self.from_any_origin(guard) if cross_origin else guard


class Guards(BoundGuards):
    """The guards bound to one engine; each behaves like the function of the same name."""

    def __init__(self, engine: AuthEngine, http: AuthHttpConfig) -> None:
        self.runtime: Final = HttpRuntime(engine, http)
        super().__init__(self.runtime)

    def ended(self, claims: AccessClaims) -> OpenLogin:
        """Return what can be awaited until the login of these claims has ended; as `AuthEngine.ended`."""
        return self.runtime.engine.ended(claims)

    def _bind(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        runtime = self.runtime

        async def bound(connection: Connection) -> ClaimsT:
            attach(connection, runtime)
            return await guard(connection)

        return named_after(guard, bound)

    def _restrict(
        self, bound: Guard[ClaimsT], condition: Condition[ClaimsT], guard: Guard[ClaimsT]
    ) -> Guard[ClaimsT]:
        return named_after(guard, _restricted(bound, condition))

    def from_any_origin(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        """Implements `BoundGuards`."""
        return self._bind(from_any_origin(guard))


def named_after(guard: Guard[ClaimsT], bound: Guard[ClaimsT]) -> Guard[ClaimsT]:
    """Return `bound` with the name and docstring of `guard`, and with its own signature."""
    # `functools.wraps` would also set `__wrapped__`, whose signature frameworks prefer.
    for name in ("__name__", "__qualname__", "__doc__"):
        setattr(bound, name, getattr(guard, name))
    return bound


def _restricted(guard: Guard[ClaimsT], condition: Condition[ClaimsT]) -> Guard[ClaimsT]:
    async def restricted(connection: Connection) -> ClaimsT:
        claims = await guard(connection)
        await condition(connection, claims)
        return claims

    return restricted


def _declared(role: str, roles: Callable[[AuthEngine], Hierarchy], guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
    """Return a guard that reports a role that nobody can have, even to somebody it would refuse."""

    async def declared(connection: Connection) -> ClaimsT:
        require_declared(role, roles(attached(connection).runtime.engine))
        return await guard(connection)

    return declared

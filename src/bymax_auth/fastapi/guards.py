"""
FastAPI dependencies for authentication and authorization.

    @app.get("/me")
    async def me(user: CurrentUser) -> Profile: ...

    @app.get("/users", dependencies=[Depends(require_role("ADMIN"))])
    async def users() -> list[Profile]: ...

They are the guards of `bymax_auth.http`, under the same names.  They take an `HTTPConnection`, so one
guard protects routes and WebSockets.  A token is checked once, however many guards a request has.

**Which engine.**  The functions of this module and the aliases (`CurrentUser`, …) use the engine that is
installed on the running app.  `install` returns the same guards bound to their engine (``auth.current_user``,
``auth.require_role("ADMIN")``, …): these also work in another FastAPI app that is mounted in the process.

**Which pages.**  Where the access cookie signs the caller in, a WebSocket and a request that may change state
must come from the application's own pages or from `cookies.trusted_origins`; every other page gets 403.  For
a route that other sites' pages may call: ``require_role("ADMIN", cross_origin=True)``, and
``from_any_origin(current_user)`` for guards that are not built.

**In tests.**  Every guard of a dashboard user rests on `current_user`, so one override signs a test's
requests in: ``app.dependency_overrides[current_user] = lambda: claims``.  Conditions on the claims are still
checked; an account is not read then, because the override answers for it.  The guards of a platform
administrator rest on `platform_user` in the same way.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from bymax_auth.errors import AuthError, InternalError
from bymax_auth.fastapi.errors import refused
from bymax_auth.fastapi.running_app import NOT_INSTALLED, runtime_of
from bymax_auth.http.auth_scope import ANY_ORIGIN_KEY, attach
from bymax_auth.http.conditions import Condition
from bymax_auth.http.guards import BoundGuards, Guard, named_after
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.types.claims import DashboardClaims, PlatformClaims

__all__ = [
    "ActiveUser",
    "CurrentPlatformUser",
    "CurrentUser",
    "DependencyGuards",
    "MfaSatisfiedUser",
    "OptionalUser",
    "TicketUser",
    "VerifiedUser",
    "WsAuthUser",
    "WsAuthUserFromHeader",
    "current_user",
    "from_any_origin",
    "mfa_satisfied",
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

ClaimsT = TypeVar("ClaimsT")


_BOUND_KEY: Final = "bymax_auth.bound"
"""The key of the ASGI scope under which a bound guard names its engine to the guard that it rests on."""

_UNSOLVED: Any = object()
"""Stands for a value that FastAPI has not solved: the guard is called as a function."""


class DependencyGuards(BoundGuards):
    """
    The guards as dependencies, for ``Depends``; a refusal is raised as `AuthHTTPException`.

    Without a runtime they use the engine that is installed on the running app.  With one, each rests on
    the guard of the same name without, so that an override of that one holds for both.
    """

    def _bind(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        if self._runtime is not None:
            return _marked(getattr(_INSTALLED, guard.__name__), _BOUND_KEY, self._runtime)

        # FastAPI reads this annotation: with it, one guard works for requests and WebSockets.
        async def dependency(connection: HTTPConnection) -> ClaimsT:
            runtime = connection.scope.get(_BOUND_KEY) or runtime_of(connection)
            if runtime is None:
                raise RuntimeError(NOT_INSTALLED)
            attach(connection, runtime)
            try:
                return await guard(connection)
            except (AuthError, InternalError) as error:
                raise _refused(connection, runtime, error) from error

        return named_after(guard, cast("Guard[ClaimsT]", dependency))

    def _restrict(
        self, bound: Guard[ClaimsT], condition: Condition[ClaimsT], guard: Guard[ClaimsT]
    ) -> Guard[ClaimsT]:
        known = self._runtime

        async def dependency(
            connection: HTTPConnection, claims: Annotated[ClaimsT, _solved_each_time(bound)] = _UNSOLVED
        ) -> ClaimsT:
            runtime = runtime_of(connection) if known is None else known
            if runtime is None:
                raise RuntimeError(NOT_INSTALLED)
            if claims is _UNSOLVED:
                claims = await bound(connection)
            attach(connection, runtime)
            try:
                await condition(connection, claims)
            except (AuthError, InternalError) as error:
                raise _refused(connection, runtime, error) from error
            return claims

        return named_after(guard, cast("Guard[ClaimsT]", dependency))

    def from_any_origin(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        """
        Return a guard without its check of the request's origin.

        For routes that pages of other sites are meant to call with a visitor's cookies.  Every other guard
        of the route still checks.
        """
        return _marked(guard, ANY_ORIGIN_KEY, value=True)


def _marked(guard: Guard[ClaimsT], key: str, value: object) -> Guard[ClaimsT]:
    """Return a guard that rests on `guard`, and while that runs the scope holds `value` under `key`."""

    async def mark(connection: HTTPConnection) -> None:
        connection.scope[key] = value

    async def dependency(
        connection: HTTPConnection,
        _: Annotated[None, _solved_each_time(mark)] = None,
        claims: Annotated[ClaimsT, _solved_each_time(guard)] = _UNSOLVED,
    ) -> ClaimsT:
        try:
            if claims is _UNSOLVED:
                await mark(connection)
                claims = await guard(connection)
        finally:
            connection.scope.pop(key, None)
        return claims

    return named_after(guard, cast("Guard[ClaimsT]", dependency))


def _refused(connection: HTTPConnection, runtime: HttpRuntime, error: AuthError | InternalError) -> Exception:
    # FastAPI does not run a dependency that rests on a refused one, and a handler of the refusal may ask
    # another guard, which has its own engine and checks the origin.
    connection.scope.pop(_BOUND_KEY, None)
    connection.scope.pop(ANY_ORIGIN_KEY, None)
    return refused(connection, runtime, error)


def _solved_each_time(dependency: Callable[..., Any]) -> Any:
    """
    Return ``Depends(dependency)`` that neither uses nor fills what a host's own ``Depends`` of it shares.

    FastAPI solves a dependency once a request.  A guard that admits every origin must not have solved it
    for one that does not.  The scope is part of the key under which FastAPI keeps a solved value.
    """
    return Depends(dependency, use_cache=False, scope="request")


_INSTALLED: Final = DependencyGuards(None)

current_user: Final = _INSTALLED.current_user
optional_auth_user: Final = _INSTALLED.optional_auth_user
user_status: Final = _INSTALLED.user_status
verified_user: Final = _INSTALLED.verified_user
mfa_satisfied: Final = _INSTALLED.mfa_satisfied
platform_user: Final = _INSTALLED.platform_user
ws_auth_user: Final = _INSTALLED.ws_auth_user
ws_auth_user_from_header: Final = _INSTALLED.ws_auth_user_from_header
trusted_origin: Final = _INSTALLED.trusted_origin
from_any_origin: Final = _INSTALLED.from_any_origin
require_role: Final = _INSTALLED.require_role
require_platform_role: Final = _INSTALLED.require_platform_role
self_or_admin: Final = _INSTALLED.self_or_admin

CurrentUser = Annotated[DashboardClaims, Depends(current_user)]
"""The signed-in dashboard user, or 401."""

OptionalUser = Annotated[DashboardClaims | None, Depends(optional_auth_user)]
"""The signed-in dashboard user, or ``None`` for a visitor."""

ActiveUser = Annotated[DashboardClaims, Depends(user_status)]
"""The signed-in dashboard user whose account is not blocked, or 401 or 403."""

VerifiedUser = Annotated[DashboardClaims, Depends(verified_user)]
"""An `ActiveUser` whose address is verified, where verification is required."""

MfaSatisfiedUser = Annotated[DashboardClaims, Depends(mfa_satisfied)]
"""The signed-in dashboard user who has passed the second factor, or has none."""

CurrentPlatformUser = Annotated[PlatformClaims, Depends(platform_user)]
"""The signed-in platform administrator, or 401."""

WsAuthUser = Annotated[DashboardClaims, Depends(ws_auth_user)]
"""The user whose ticket opens the WebSocket; it is refused before it is accepted otherwise."""

TicketUser = WsAuthUser
"""An alias of `WsAuthUser`."""

WsAuthUserFromHeader = Annotated[DashboardClaims, Depends(ws_auth_user_from_header)]
"""The user whose access token, or ticket, opens the WebSocket."""

"""
FastAPI dependencies for authentication and authorization.

    @app.get("/me")
    async def me(user: CurrentUser) -> Profile: ...

    @app.get("/users", dependencies=[Depends(require_role("ADMIN"))])
    async def users() -> list[Profile]: ...

They are the guards of `bymax_auth.http`, under the same names.  They take an `HTTPConnection`, so one
guard protects routes and WebSockets, and use the engine that is installed on the running app.  A token
is checked once, however many guards a request has.  A route that changes state, or a WebSocket, and
accepts the access cookie also needs ``Depends(trusted_origin)``: a browser sends cookies from any page.
"""

from typing import Annotated, Final, TypeVar, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from bymax_auth.errors import AuthError, InternalError
from bymax_auth.fastapi.errors import AuthHTTPException
from bymax_auth.fastapi.running_app import NOT_INSTALLED, runtime_of
from bymax_auth.http.auth_scope import attach
from bymax_auth.http.guards import BoundGuards, Guard, named_after
from bymax_auth.types.claims import DashboardClaims, PlatformClaims

__all__ = [
    "ActiveUser",
    "CurrentPlatformUser",
    "CurrentUser",
    "DependencyGuards",
    "MfaSatisfiedUser",
    "OptionalUser",
    "VerifiedUser",
    "current_user",
    "mfa_satisfied",
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


class DependencyGuards(BoundGuards):
    """
    The guards as dependencies, for ``Depends``; a refusal is raised as `AuthHTTPException`.

    Without a runtime they use the engine that is installed on the running app.
    """

    def _bind(self, guard: Guard[ClaimsT]) -> Guard[ClaimsT]:
        known = self._runtime

        # FastAPI reads this annotation: with it, one guard works for requests and WebSockets.
        async def dependency(connection: HTTPConnection) -> ClaimsT:
            runtime = runtime_of(connection) if known is None else known
            if runtime is None:
                raise RuntimeError(NOT_INSTALLED)
            attach(connection, runtime)
            try:
                return await guard(connection)
            except AuthError as refusal:
                raise AuthHTTPException(refusal) from refusal
            except InternalError as failure:
                # An app without our handlers answers this one too, and would not report it.
                runtime.engine.failures.report("fastapi", failure)
                raise AuthHTTPException(failure) from failure

        return named_after(guard, cast("Guard[ClaimsT]", dependency))


_INSTALLED: Final = DependencyGuards(None)

current_user: Final = _INSTALLED.current_user
optional_auth_user: Final = _INSTALLED.optional_auth_user
user_status: Final = _INSTALLED.user_status
verified_user: Final = _INSTALLED.verified_user
mfa_satisfied: Final = _INSTALLED.mfa_satisfied
platform_user: Final = _INSTALLED.platform_user
trusted_origin: Final = _INSTALLED.trusted_origin
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

"""
FastAPI dependencies that answer "who is calling, and may they?".

    @app.get("/me")
    async def me(user: CurrentUser) -> Profile: ...

    @app.get("/users", dependencies=[Depends(require_role("ADMIN"))])
    async def users() -> list[Profile]: ...

They take an `HTTPConnection`, so the same guard protects routes and WebSockets, and ask the
engine that is installed on the running app.  However many guards a request meets, its token is
checked once.  A route that changes something, or a socket, and trusts the access cookie also
needs ``Depends(trusted_origin)``: a browser sends cookies from any page.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Depends
from starlette.requests import HTTPConnection

from bymax_auth.errors import UntrustedOrigin
from bymax_auth.fastapi.errors import admitted
from bymax_auth.fastapi.running_app import bind, require_edge
from bymax_auth.http import guards
from bymax_auth.http.edge import Edge
from bymax_auth.http.origin import SAFE_METHODS
from bymax_auth.types.claims import DashboardClaims, PlatformClaims

__all__ = [
    "ActiveUser",
    "CurrentPlatformUser",
    "CurrentUser",
    "Dependency",
    "MfaSatisfiedUser",
    "OptionalUser",
    "VerifiedUser",
    "active_user",
    "current_platform_user",
    "current_user",
    "mfa_satisfied_user",
    "optional_user",
    "require_platform_role",
    "require_role",
    "require_trusted_origin",
    "self_or_admin",
    "trusted_origin",
    "verified_user",
]

AnswerT = TypeVar("AnswerT")

Dependency = Callable[[HTTPConnection], Awaitable[AnswerT]]
"""What ``Depends`` takes."""


async def current_user(connection: HTTPConnection) -> DashboardClaims:
    """Return the signed-in dashboard user, or refuse with 401."""
    return await admitted(guards.current_user(bind(connection)))


async def optional_user(connection: HTTPConnection) -> DashboardClaims | None:
    """Return the signed-in dashboard user, ``None`` for a visitor."""
    return await admitted(guards.optional_auth_user(bind(connection)))


async def active_user(connection: HTTPConnection) -> DashboardClaims:
    """Return the signed-in dashboard user whose account is not blocked, or refuse with 401 or 403."""
    return await admitted(guards.user_status(bind(connection)))


async def verified_user(connection: HTTPConnection) -> DashboardClaims:
    """Return the active dashboard user whose address is proven, or refuse with 401 or 403."""
    return await admitted(guards.verified_user(bind(connection)))


async def mfa_satisfied_user(connection: HTTPConnection) -> DashboardClaims:
    """Return the signed-in dashboard user who owes no second factor, or refuse with 401 or 403."""
    return await admitted(guards.mfa_satisfied(bind(connection)))


async def current_platform_user(connection: HTTPConnection) -> PlatformClaims:
    """Return the signed-in platform administrator, or refuse with 401."""
    return await admitted(guards.platform_user(bind(connection)))


CurrentUser = Annotated[DashboardClaims, Depends(current_user)]
"""The signed-in dashboard user, or 401."""

OptionalUser = Annotated[DashboardClaims | None, Depends(optional_user)]
"""The signed-in dashboard user, or ``None`` for a visitor."""

ActiveUser = Annotated[DashboardClaims, Depends(active_user)]
"""The signed-in dashboard user whose account is not blocked, or 401 or 403."""

VerifiedUser = Annotated[DashboardClaims, Depends(verified_user)]
"""An `ActiveUser` whose address is proven where that is required."""

MfaSatisfiedUser = Annotated[DashboardClaims, Depends(mfa_satisfied_user)]
"""The signed-in dashboard user who has passed the second factor, or has none."""

CurrentPlatformUser = Annotated[PlatformClaims, Depends(current_platform_user)]
"""The signed-in platform administrator, or 401."""


def require_role(name: str) -> Dependency[DashboardClaims]:
    """Build a guard that admits the role `name` and every role above it, and refuses others with 403."""
    return _late(guards.require_role(name))


def require_platform_role(name: str) -> Dependency[PlatformClaims]:
    """Build a guard that admits the platform role `name` and every role above it."""
    return _late(guards.require_platform_role(name))


def self_or_admin(admin_role: str, param: str = "user_id") -> Dependency[DashboardClaims]:
    """
    Build a guard that admits the user whose id the path parameter `param` is, and `admin_role`.

    An id is unique within its tenant only, so the route's own lookup names the caller's tenant.
    """
    return _late(guards.self_or_admin(admin_role, param))


async def trusted_origin(connection: HTTPConnection) -> None:
    """Refuse, with 403, a state-changing request or a WebSocket from a page that may not make one."""
    await admitted(require_trusted_origin(connection, require_edge(connection)))


async def require_trusted_origin(connection: HTTPConnection, edge: Edge) -> None:
    """
    Let pass what a page of a trusted origin may send.  A socket has no method, and counts as unsafe.

    Raises:
        UntrustedOrigin: The request comes from another site's page.
    """
    if connection.scope.get("method") in SAFE_METHODS:
        return
    if not edge.origins.admit(connection.scope["headers"]):
        raise UntrustedOrigin


def _late(guard: Callable[[HTTPConnection], Awaitable[AnswerT]]) -> Dependency[AnswerT]:
    """Return a guard that looks for its engine when a request asks."""

    async def dependency(connection: HTTPConnection) -> AnswerT:
        return await admitted(guard(bind(connection)))

    return dependency

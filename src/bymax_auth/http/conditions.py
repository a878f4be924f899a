"""
What a guard requires of claims, beyond that somebody is signed in.

A condition raises the refusal, or returns.  It is separate from the guard so that a framework may take the
claims from elsewhere: an application's test that replaces the signed-in user still runs the conditions.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import Forbidden, InsufficientRole, MfaRequired, TokenInvalid
from bymax_auth.http.asgi import Connection
from bymax_auth.http.auth_scope import AuthScope, attached
from bymax_auth.types.claims import DashboardClaims, PlatformClaims
from bymax_auth.types.session import CachedStatus

__all__ = [
    "Condition",
    "Hierarchy",
    "active",
    "active_and_verified",
    "dashboard_roles",
    "has_platform_role",
    "has_role",
    "is_self_or_has_role",
    "platform_roles",
    "require_declared",
    "second_factor_passed",
]

ClaimsT = TypeVar("ClaimsT")

Hierarchy = Mapping[str, Sequence[str]]
"""Each role with the roles that it includes."""

Condition = Callable[[Connection, ClaimsT], Awaitable[None]]
"""Raises unless the claims of a connection suffice."""


def has_role(name: str) -> Condition[DashboardClaims]:
    """Require the role `name`, or one above it."""

    async def condition(connection: Connection, claims: DashboardClaims) -> None:
        engine = attached(connection).runtime.engine
        require_declared(name, dashboard_roles(engine))
        if not engine.role_satisfies(claims.role, name):
            raise InsufficientRole

    return condition


def has_platform_role(name: str) -> Condition[PlatformClaims]:
    """Require the platform role `name`, or one above it."""

    async def condition(connection: Connection, claims: PlatformClaims) -> None:
        engine = attached(connection).runtime.engine
        require_declared(name, platform_roles(engine))
        if not engine.platform.role_satisfies(claims.role, name):
            raise InsufficientRole

    return condition


def is_self_or_has_role(admin_role: str, param: str) -> Condition[DashboardClaims]:
    """Require that the path parameter `param` is the caller's id, or the role `admin_role`."""

    async def condition(connection: Connection, claims: DashboardClaims) -> None:
        engine = attached(connection).runtime.engine
        require_declared(admin_role, dashboard_roles(engine))
        parameters: Mapping[str, object] = connection.scope.get("path_params") or {}
        if param not in parameters:
            raise TokenInvalid
        if str(parameters[param]) != claims.sub and not engine.role_satisfies(claims.role, admin_role):
            raise Forbidden

    return condition


async def active(connection: Connection, claims: DashboardClaims) -> None:
    """Require an account that is not blocked."""
    found = attached(connection)
    if found.signed_in is not None:
        await found.runtime.engine.assert_user_active(
            claims.sub, tenant_id=claims.tenant_id, cached=_cached_status(found, claims)
        )


async def active_and_verified(connection: Connection, claims: DashboardClaims) -> None:
    """Require an account that is not blocked, and a verified address where verification is required."""
    found = attached(connection)
    if found.signed_in is not None:
        await found.runtime.engine.assert_user_active_and_verified(
            claims.sub, tenant_id=claims.tenant_id, cached=_cached_status(found, claims)
        )


async def second_factor_passed(_connection: Connection, claims: DashboardClaims) -> None:
    """Require that the second factor was passed, where the account has one."""
    if claims.mfa_enabled and not claims.mfa_verified:
        raise MfaRequired


def dashboard_roles(engine: AuthEngine) -> Hierarchy:
    """Return the roles of dashboard users."""
    return engine.config.auth.roles.hierarchy


def platform_roles(engine: AuthEngine) -> Hierarchy:
    """Return the roles of platform administrators, none where there is no platform."""
    return engine.config.auth.roles.platform_hierarchy or {}


def require_declared(role: str, hierarchy: Hierarchy) -> None:
    """
    Require that a role is declared.

    Raises:
        LookupError: The role is not in the hierarchy.
    """
    if role not in hierarchy:
        raise LookupError(f"The role {role!r} is not in the role hierarchy: {sorted(hierarchy)}.")


def _cached_status(found: AuthScope, claims: DashboardClaims) -> CachedStatus | None:
    """Return the status that was read with the token, unless the claims are of somebody else."""
    signed_in = found.signed_in
    if signed_in is None or not isinstance(signed_in.claims, DashboardClaims):
        return None
    same = (signed_in.claims.tenant_id, signed_in.claims.sub) == (claims.tenant_id, claims.sub)
    return signed_in.status if same else None

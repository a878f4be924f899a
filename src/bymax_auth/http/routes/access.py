"""Access to routes: guards in the order they run, and their refusals."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from bymax_auth.errors import (
    AccountBanned,
    AccountInactive,
    AccountSuspended,
    AuthError,
    EmailNotVerified,
    PendingApproval,
    PlatformAuthRequired,
    TokenInvalid,
)
from bymax_auth.http.guards import Guard, auth_user, platform_user, user_status, verified_user
from bymax_auth.types.claims import DashboardClaims, PlatformClaims

__all__ = ["ACTIVE", "ADMINISTRATOR", "BLOCKED", "PUBLIC", "SIGNED_IN", "VERIFIED", "Access"]

ClaimsT_co = TypeVar("ClaimsT_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access(Generic[ClaimsT_co]):
    """
    Guards and their refusals; the handler receives the last guard's claims.

    With `binds_tenant`, tenant binding applies if it is configured, and can refuse with 403.
    """

    guards: tuple[Guard[ClaimsT_co], ...]
    refusals: tuple[type[AuthError], ...] = ()
    binds_tenant: bool = False


BLOCKED: Final[tuple[type[AuthError], ...]] = (
    AccountInactive,
    AccountSuspended,
    AccountBanned,
    PendingApproval,
)
"""The refusals of a blocked account."""

PUBLIC: Final[Access[None]] = Access(guards=())
"""Everyone: no authentication."""

SIGNED_IN: Final[Access[DashboardClaims]] = Access(
    guards=(auth_user,), refusals=(TokenInvalid,), binds_tenant=True
)
"""A signed-in dashboard user, whatever the account's status."""

ACTIVE: Final[Access[DashboardClaims]] = Access(
    guards=(auth_user, user_status), refusals=(TokenInvalid, *BLOCKED), binds_tenant=True
)
"""A signed-in dashboard user whose account is not blocked."""

VERIFIED: Final[Access[DashboardClaims]] = Access(
    guards=(auth_user, verified_user), refusals=(TokenInvalid, *BLOCKED, EmailNotVerified), binds_tenant=True
)
"""A signed-in dashboard user whose account is not blocked and whose address is verified."""

ADMINISTRATOR: Final[Access[PlatformClaims]] = Access(
    guards=(platform_user,), refusals=(PlatformAuthRequired,)
)
"""A signed-in platform administrator, whatever the account's status."""

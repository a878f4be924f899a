"""
The route table, from which every part of the HTTP API is generated.

One module per group defines the routes of the group and their handlers.  Paths are below the
configured prefix.
"""

from typing import Final

from bymax_auth.engine import AuthEngine
from bymax_auth.http.routes.auth import AUTH_ROUTES
from bymax_auth.http.routes.email_change import EMAIL_CHANGE_ROUTES
from bymax_auth.http.routes.identities import IDENTITY_ROUTES
from bymax_auth.http.routes.invitations import INVITATION_ROUTES
from bymax_auth.http.routes.mfa import MFA_ROUTES
from bymax_auth.http.routes.oauth import OAUTH_ROUTES
from bymax_auth.http.routes.password_reset import PASSWORD_RESET_ROUTES
from bymax_auth.http.routes.platform import PLATFORM_ROUTES
from bymax_auth.http.routes.platform_mfa import PLATFORM_MFA_ROUTES
from bymax_auth.http.routes.profiles import with_profile
from bymax_auth.http.routes.sessions import SESSION_ROUTES
from bymax_auth.http.routes.spec import AnyRoute, RouteSpec
from bymax_auth.http.routes.ws_ticket import WS_TICKET_ROUTES

__all__ = ["ROUTES", "AnyRoute", "RouteSpec", "mounted_routes"]

ROUTES: Final[tuple[AnyRoute, ...]] = (
    *AUTH_ROUTES,
    *WS_TICKET_ROUTES,
    *PASSWORD_RESET_ROUTES,
    *SESSION_ROUTES,
    *INVITATION_ROUTES,
    *MFA_ROUTES,
    *EMAIL_CHANGE_ROUTES,
    *IDENTITY_ROUTES,
    *OAUTH_ROUTES,
    *PLATFORM_ROUTES,
    *PLATFORM_MFA_ROUTES,
)
"""Every route, in the order of the documentation; a literal path comes before one with a parameter."""


def mounted_routes(engine: AuthEngine) -> tuple[AnyRoute, ...]:
    """Return the routes that `engine` serves: those of enabled groups, as far as its stores allow."""
    groups, profile = engine.route_groups, engine.profile
    mounted = (spec for spec in ROUTES if spec.group.is_mounted(groups) and spec.is_served(engine))
    return tuple(mounted if profile is None else (with_profile(spec, profile) for spec in mounted))

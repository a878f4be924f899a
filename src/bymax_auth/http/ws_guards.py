"""
Guards of WebSockets whose client names its user itself, by a ticket or a header, and not by a cookie.

Every other guard protects a WebSocket too; these are for clients that have no cookie, or must not depend on
one.  They are among the guards of `bymax_auth.http.guards.Guards`.
"""

from bymax_auth.errors import TokenInvalid
from bymax_auth.http.asgi import Connection
from bymax_auth.http.auth_scope import attached, view_of
from bymax_auth.http.ws_ticket import names_ticket
from bymax_auth.types.claims import DashboardClaims

__all__ = ["ws_auth_user", "ws_auth_user_from_header"]


async def ws_auth_user(connection: Connection) -> DashboardClaims:
    """
    Return the user whose ticket opens this WebSocket: the one parameter `ticket` of its address.

    A ticket works once.  No other site's page can have one, so the origin is not checked.

    Raises:
        TokenInvalid: The ticket is missing or invalid, or the account does not exist any more.
        AccountInactive, AccountSuspended, AccountBanned, PendingApproval: The account is blocked.
        StoreUnavailable: The store is unavailable.
        RepositoryBackendError: The repository failed.
    """
    return await attached(connection).ticket(connection)


async def ws_auth_user_from_header(connection: Connection) -> DashboardClaims:
    """
    Return the user whose access token is in the ``Authorization`` header of this WebSocket's handshake.

    For clients that are no browsers.  Where the address has a ticket, that decides, as with `ws_auth_user`:
    so one route serves both kinds of client.  No cookie is read.

    Raises:
        TokenInvalid: The access token is missing or invalid.
        AuthError, InternalError: As `ws_auth_user`, for a ticket.
        StoreUnavailable: The store is unavailable.
    """
    if names_ticket(view_of(connection)):
        return await ws_auth_user(connection)
    claims = (await attached(connection).header(connection)).claims
    if not isinstance(claims, DashboardClaims):
        raise TokenInvalid
    return claims

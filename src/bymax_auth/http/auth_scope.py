"""
The result of checking a request's access token, cached for the guards that run later.

It is stored in the ASGI scope under a key of this library.  ``scope["state"]`` is unsuitable: some servers
pass the same dictionary to every request, and one caller's claims would be used for the next.
"""

from typing import Final

from bymax_auth.errors import AuthError, InternalError, TokenInvalid, TokenMissing
from bymax_auth.http.asgi import Connection
from bymax_auth.http.extraction import bearer_token
from bymax_auth.http.request import RequestView
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.http.ws_ticket import ticket_of
from bymax_auth.services.failures import stack_of
from bymax_auth.types.claims import AccessClaims, DashboardClaims
from bymax_auth.types.results import Authenticated

__all__ = ["ANY_ORIGIN_KEY", "SCOPE_KEY", "AuthScope", "attach", "attached", "view_of"]

SCOPE_KEY: Final = "bymax_auth"
"""The key of the `AuthScope` in the ASGI scope."""

ANY_ORIGIN_KEY: Final = "bymax_auth.any_origin"
"""The key that is in the ASGI scope while a guard runs that admits requests from every origin."""

Outcome = Authenticated | AuthError | InternalError


class AuthScope:
    """The access tokens of one request, each checked at most once: one HMAC and one store round trip."""

    __slots__ = ("_dashboard", "_header", "_platform", "_ticket", "runtime")

    def __init__(self, runtime: HttpRuntime) -> None:
        self.runtime = runtime
        self._dashboard: Outcome | None = None
        self._platform: Outcome | None = None
        self._header: Outcome | None = None
        self._ticket: DashboardClaims | AuthError | InternalError | None = None

    @property
    def signed_in(self) -> Authenticated | None:
        """The result of `dashboard`, ``None`` while no valid token was checked."""
        return self._dashboard if isinstance(self._dashboard, Authenticated) else None

    def require_own_page(self, connection: Connection) -> None:
        """
        Require a trusted origin where a cookie authenticates a WebSocket or a request with an unsafe method.

        A browser attaches cookies to requests from any page, and lets any page open a WebSocket.  A bearer
        token is attached only by a page that holds it.

        Raises:
            UntrustedOrigin: A page of another site sent the request.
            TokenInvalid: As `TokenChannels`.
        """
        scope, runtime = connection.scope, self.runtime
        # First, because it costs less than reading the cookies.
        if ANY_ORIGIN_KEY in scope or runtime.origins.admit_credentials(scope):
            return
        view = view_of(connection)
        if runtime.channels.access_cookie(view) is not None:
            runtime.refused_origins.refuse("host", view)

    async def dashboard(self, connection: Connection) -> Authenticated:
        """
        Return the result of checking the dashboard access token.

        Raises:
            TokenInvalid: The token is missing or invalid.
            Forbidden: Tenant binding is enabled, and the request names no tenant.
            InternalError: A store or the tenant resolver failed.
        """
        outcome = self._dashboard
        if outcome is None:
            view = view_of(connection)
            try:
                outcome = await self._check_dashboard(self.runtime.channels.access(view), view)
            except (AuthError, InternalError) as refusal:
                outcome = _without_traceback(refusal)
            self._dashboard = outcome
        if isinstance(outcome, Authenticated):
            return outcome
        raise outcome

    async def header(self, connection: Connection) -> Authenticated:
        """
        Return the result of checking the dashboard access token of the ``Authorization`` header.

        Raises:
            TokenInvalid, Forbidden, InternalError: As `dashboard`.
        """
        outcome = self._header
        if outcome is None:
            view = view_of(connection)
            try:
                outcome = await self._check_dashboard(bearer_token(view), view)
            except (AuthError, InternalError) as refusal:
                outcome = _without_traceback(refusal)
            self._header = outcome
        if isinstance(outcome, Authenticated):
            return outcome
        raise outcome

    async def ticket(self, connection: Connection) -> DashboardClaims:
        """
        Return the claims of the ticket in the address of a WebSocket, which is redeemed once.

        Raises:
            TokenInvalid: The ticket is missing or invalid, or there are several.
            AuthError: The account is blocked.
            InternalError: A store or the repository failed.
        """
        outcome = self._ticket
        if outcome is None:
            try:
                outcome = await self._redeem(view_of(connection))
            except (AuthError, InternalError) as refusal:
                outcome = _without_traceback(refusal)
            self._ticket = outcome
        if isinstance(outcome, DashboardClaims):
            return outcome
        raise outcome

    async def platform(self, connection: Connection) -> Authenticated:
        """
        Return the result of checking the platform access token.

        Raises:
            PlatformAuthRequired: The token is missing or invalid, or the realm is disabled.
            InternalError: A store failed.
        """
        outcome = self._platform
        if outcome is None:
            try:
                outcome = await self._check_platform(view_of(connection))
            except (AuthError, InternalError) as refusal:
                outcome = _without_traceback(refusal)
            self._platform = outcome
        if isinstance(outcome, Authenticated):
            return outcome
        raise outcome

    async def _check_dashboard(self, token: str | None, view: RequestView) -> Authenticated:
        if token is None:
            raise TokenMissing
        authenticated = await self.runtime.engine.authenticate(token)
        if self.runtime.http.enforce_tenant_binding:
            await self._require_tenant(authenticated.claims, view)
        return authenticated

    async def _redeem(self, view: RequestView) -> DashboardClaims:
        claims = await self.runtime.engine.redeem_ws_ticket(ticket_of(view))
        if self.runtime.http.enforce_tenant_binding:
            await self._require_tenant(claims, view)
        return claims

    async def _require_tenant(self, claims: AccessClaims, view: RequestView) -> None:
        tenant = await self.runtime.engine.tenants.resolve(None, self.runtime.context(view))
        if not isinstance(claims, DashboardClaims) or claims.tenant_id != tenant:
            raise TokenInvalid

    async def _check_platform(self, view: RequestView) -> Authenticated:
        token = bearer_token(view)
        if token is None:
            raise TokenMissing
        return await self.runtime.engine.platform.authenticate(token)


def attach(connection: Connection, runtime: HttpRuntime) -> AuthScope:
    """Return the connection's `AuthScope` for this runtime; create it if the scope has none."""
    scope = connection.scope
    found: object = scope.get(SCOPE_KEY)
    if isinstance(found, AuthScope) and (found.runtime is runtime or found.runtime.serves_as(runtime)):
        return found
    fresh = scope[SCOPE_KEY] = AuthScope(runtime)
    return fresh


def attached(connection: Connection) -> AuthScope:
    """
    Return the `AuthScope` that is attached to the connection.

    Raises:
        RuntimeError: None is attached.
    """
    found: object = connection.scope.get(SCOPE_KEY)
    if isinstance(found, AuthScope):
        return found
    raise RuntimeError("No AuthEngine in this scope: add AuthMiddleware, or use Guards(engine, http).")


def view_of(connection: Connection) -> RequestView:
    """Return a `RequestView` of the connection."""
    return connection if isinstance(connection, RequestView) else RequestView(connection.scope)


def _without_traceback(refusal: AuthError | InternalError) -> AuthError | InternalError:
    """Drop the traceback: its frames refer to the scope that stores the refusal, a reference cycle."""
    if isinstance(refusal, InternalError):
        refusal.raised_at = stack_of(refusal)
    return refusal.with_traceback(None)

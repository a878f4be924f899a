"""
What a request's access token proved, kept for the guards that ask again.

It lives in the ASGI scope under a key of our own.  ``scope["state"]`` would not do: some servers
hand the same dictionary to every request, and one caller's claims would meet the next.
"""

from typing import Final

from bymax_auth.errors import AuthError, InternalError, TokenInvalid, TokenMissing
from bymax_auth.http.asgi import Connection
from bymax_auth.http.extraction import bearer_token
from bymax_auth.http.request import RequestView
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.types.claims import DashboardClaims
from bymax_auth.types.results import Authenticated

__all__ = ["SCOPE_KEY", "AuthScope", "attach", "attached", "view_of"]

SCOPE_KEY: Final = "bymax_auth"
"""Where the scope holds the `AuthScope`."""

Outcome = Authenticated | AuthError | InternalError


class AuthScope:
    """One request's access tokens, each checked at most once: one HMAC and one store round trip."""

    __slots__ = ("_dashboard", "_platform", "runtime")

    def __init__(self, runtime: HttpRuntime) -> None:
        self.runtime = runtime
        self._dashboard: Outcome | None = None
        self._platform: Outcome | None = None

    async def dashboard(self, view: RequestView) -> Authenticated:
        """
        Return what the dashboard access token proves.

        Raises:
            TokenInvalid: There is none, or it is not acceptable.
            Forbidden: Tenants are bound, and the request names none.
            InternalError: A store or the tenant resolver failed.
        """
        outcome = self._dashboard
        if outcome is None:
            runtime = self.runtime
            try:
                token = runtime.channels.access(view)
                if token is None:
                    raise TokenMissing
                outcome = await runtime.engine.authenticate(token)
                if runtime.http.enforce_tenant_binding:
                    await self._require_tenant(outcome, view)
            except (AuthError, InternalError) as refusal:
                outcome = _kept(refusal)
            self._dashboard = outcome
        if isinstance(outcome, Authenticated):
            return outcome
        raise outcome

    async def platform(self, view: RequestView) -> Authenticated:
        """
        Return what the platform access token proves.

        Raises:
            PlatformAuthRequired: There is none, it is not acceptable, or the realm is disabled.
            InternalError: A store failed.
        """
        outcome = self._platform
        if outcome is None:
            try:
                outcome = await self._check_platform(view)
            except (AuthError, InternalError) as refusal:
                outcome = _kept(refusal)
            self._platform = outcome
        if isinstance(outcome, Authenticated):
            return outcome
        raise outcome

    async def _require_tenant(self, proven: Authenticated, view: RequestView) -> None:
        tenant = await self.runtime.engine.tenants.resolve(None, self.runtime.context(view))
        if not isinstance(proven.claims, DashboardClaims) or proven.claims.tenant_id != tenant:
            raise TokenInvalid

    async def _check_platform(self, view: RequestView) -> Authenticated:
        token = bearer_token(view)
        if token is None:
            raise TokenMissing
        return await self.runtime.engine.platform.authenticate(token)


def attach(connection: Connection, runtime: HttpRuntime) -> AuthScope:
    """Return the connection's `AuthScope` for this runtime, put into the scope if it is not there yet."""
    scope = connection.scope
    found: object = scope.get(SCOPE_KEY)
    if isinstance(found, AuthScope) and (found.runtime is runtime or found.runtime.serves_as(runtime)):
        return found
    fresh = scope[SCOPE_KEY] = AuthScope(runtime)
    return fresh


def attached(connection: Connection) -> AuthScope:
    """
    Return the `AuthScope` that a middleware has put into the scope.

    Raises:
        RuntimeError: There is none.
    """
    found: object = connection.scope.get(SCOPE_KEY)
    if isinstance(found, AuthScope):
        return found
    raise RuntimeError("No AuthEngine in this scope: add AuthMiddleware, or use Guards(engine, http).")


def view_of(connection: Connection) -> RequestView:
    """Return the connection as a view of its scope."""
    return connection if isinstance(connection, RequestView) else RequestView(connection.scope)


def _kept(refusal: AuthError | InternalError) -> AuthError | InternalError:
    """A kept traceback would hold this request's frames, and they hold the scope it is kept in."""
    return refusal.with_traceback(None)

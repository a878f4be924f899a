"""
What happens to a request once its route is known.

    trusted origin ──▶ rate limit ──▶ guards ──▶ body ──▶ handler ──▶ answer

Rule 1: a cross-site request is refused before it spends the victim's budget.
Rule 2: the limit comes before the guards, so that bad tokens spend budget too.
Rule 3: the guards come before the body, so that a stranger learns nothing about its form.
Rule 4: every answer is ours: a refusal its envelope, anything else ``auth.internal``.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bymax_auth.errors import AuthError, UntrustedOrigin, ValidationFailed
from bymax_auth.http import guards
from bymax_auth.http.asgi import Connection, Receive, Response
from bymax_auth.http.auth_scope import attach
from bymax_auth.http.body import ClientDisconnected, parse_object, read_body, require_json
from bymax_auth.http.edge import Edge
from bymax_auth.http.errors import INTERNAL_RESPONSE, render
from bymax_auth.http.handlers import HANDLERS, Call, Handler
from bymax_auth.http.origin import SAFE_METHODS
from bymax_auth.http.rate_limit import RouteLimit, rate_limit_store
from bymax_auth.http.request import RequestView
from bymax_auth.http.routes import RouteSpec
from bymax_auth.http.schemas.fields import RequestModel
from bymax_auth.http.validation import validate
from bymax_auth.services.privacy import log_safe
from bymax_auth.types.claims import DashboardClaims

__all__ = ["BoundRoute", "Pipeline"]

_LOGGER: Final = logging.getLogger("bymax_auth")

DashboardGuard = Callable[[Connection], Awaitable[DashboardClaims]]
"""A guard that a row of the table may name."""

_GUARDS: Final[dict[str, DashboardGuard]] = {
    "auth_user": guards.auth_user,
    "user_status": guards.user_status,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRoute:
    """A route with all that serving it needs, looked up once."""

    spec: RouteSpec
    handler: Handler
    guards: tuple[DashboardGuard, ...]
    limit: RouteLimit | None
    checks_origin: bool


class Pipeline:
    """Serves the routes of one engine; knows nothing of paths."""

    __slots__ = ("_edge",)

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    def bind(self, spec: RouteSpec) -> BoundRoute:
        """Return a row of the table, ready to be served."""
        return BoundRoute(
            spec=spec,
            handler=HANDLERS[spec.name],
            guards=tuple(_GUARDS[name] for name in spec.guards),
            limit=self._limit_of(spec),
            checks_origin=spec.method not in SAFE_METHODS,
        )

    async def respond(self, route: BoundRoute, view: RequestView, receive: Receive) -> Response | None:
        """Return the answer to one request, ``None`` when its client has gone away."""
        try:
            return await self._serve(route, view, receive)
        except AuthError as refusal:
            return render(refusal)
        except ClientDisconnected:
            return None
        except Exception as failure:  # noqa: BLE001 — a framework's error page would show its cause
            self._edge.engine.failures.report(route.spec.name, failure)
            return INTERNAL_RESPONSE

    async def _serve(self, route: BoundRoute, view: RequestView, receive: Receive) -> Response:
        if route.checks_origin and not self._edge.origins.admit(view.scope["headers"]):
            _note_origin(route.spec, view)
            raise UntrustedOrigin
        if route.limit is not None:
            await route.limit.spend(view)
        claims: DashboardClaims | None = None
        if route.guards:
            attach(view, self._edge)
            for guard in route.guards:
                claims = await guard(view)
        body: RequestModel | None = None
        if route.spec.body is not None:
            body = await self._body(route.spec, route.spec.body, view, receive)
        return await route.handler(Call(self._edge, view, claims, body))

    async def _body(
        self, spec: RouteSpec, model: type[RequestModel], view: RequestView, receive: Receive
    ) -> RequestModel:
        raw = await read_body(view, receive, self._edge.http.max_body_bytes)
        if spec.body_mode != "lenient_refresh":
            if raw or spec.body_mode == "json":
                require_json(view)
                return validate(model, parse_object(raw))
            return model()
        if not raw:
            return model()
        try:
            return validate(model, parse_object(raw))
        except ValidationFailed:
            if not spec.forgiving:
                raise
            return model()

    def _limit_of(self, spec: RouteSpec) -> RouteLimit | None:
        http, engine = self._edge.http, self._edge.engine
        limit = None if spec.limit is None else http.rate_limits.of(spec.limit)
        if limit is None:
            return None
        return RouteLimit(
            counter=spec.name,
            limit=limit,
            store=rate_limit_store(http, engine),
            identifiers=engine.identifiers,
            source=http.client_ip_source,
        )


def _note_origin(spec: RouteSpec, view: RequestView) -> None:
    """Name the origin: a sibling subdomain that was not listed is the commonest deployment surprise."""
    _LOGGER.warning(
        "Request origin refused: list it in cookies.trusted_origins if it is yours",
        extra={
            "event": "origin.refused",
            "route": spec.name,
            "origin": log_safe(view.header(b"origin") or ""),
        },
    )

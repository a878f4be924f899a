"""
The steps of handling a request, once its route is known.

    trusted origin ──▶ rate limit ──▶ guards ──▶ body ──▶ handler ──▶ response

Rule 1: a cross-site request is refused before it counts against the victim's rate limit.
Rule 2: the rate limit comes before the guards, so that requests with invalid tokens count too.
Rule 3: the guards come before the body, so that an unauthenticated caller learns nothing about its schema.
Rule 4: every error response is ours: a refusal as its route renders it, any other error as
``auth.unavailable`` or ``auth.internal``.
"""

from dataclasses import dataclass, replace
from typing import Any

from bymax_auth.errors import AuthError, ValidationFailed
from bymax_auth.http.asgi import Receive, Response
from bymax_auth.http.auth_scope import ANY_ORIGIN_KEY, attach
from bymax_auth.http.body import ClientDisconnected, parse_object, read_body, require_json, validate
from bymax_auth.http.errors import render_failure
from bymax_auth.http.json_limits import BodyLimits
from bymax_auth.http.origin import SAFE_METHODS
from bymax_auth.http.parameters import parse_parameters, query_parameters, require_form
from bymax_auth.http.rate_limit import RouteLimit, rate_limit_store
from bymax_auth.http.request import RequestView
from bymax_auth.http.routes.call import Call
from bymax_auth.http.routes.spec import AnyRoute
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.http.schemas.fields import RequestModel

__all__ = ["BoundRoute", "Pipeline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRoute:
    """A route with the parts that depend on the configuration, resolved once."""

    spec: AnyRoute
    limit: RouteLimit | None
    body_limits: BodyLimits
    checks_origin: bool


class Pipeline:
    """Serves the routes of one engine, of both realms; does not match paths."""

    __slots__ = ("_runtime",)

    def __init__(self, runtime: HttpRuntime) -> None:
        self._runtime = runtime

    def bind(self, spec: AnyRoute) -> BoundRoute:
        """Return a route of the table, ready to be served."""
        length = min(spec.body_limits.length_bytes, self._runtime.http.max_body_bytes)
        return BoundRoute(
            spec=spec,
            limit=self._limit_of(spec),
            body_limits=replace(spec.body_limits, length_bytes=length),
            checks_origin=spec.method not in SAFE_METHODS and not spec.any_origin,
        )

    async def respond(self, route: BoundRoute, view: RequestView, receive: Receive) -> Response | None:
        """Return the response to one request, ``None`` when its client has disconnected."""
        try:
            return await self._serve(route, view, receive)
        except AuthError as refusal:
            return route.spec.render_refusal(self._runtime, refusal)
        except ClientDisconnected:
            return None
        except Exception as failure:  # noqa: BLE001 — a framework's error page would reveal the cause
            self._runtime.engine.failures.report(route.spec.name, failure)
            return render_failure(failure)

    async def _serve(self, route: BoundRoute, view: RequestView, receive: Receive) -> Response:
        spec, runtime = route.spec, self._runtime
        if route.checks_origin and not runtime.origins.admit(view.scope["headers"]):
            runtime.refused_origins.refuse(spec.name, view)
        if route.limit is not None:
            await route.limit.spend(view)
        claims: Any = None
        if spec.access.guards:
            attach(view, runtime)
            if route.checks_origin:
                view.scope[ANY_ORIGIN_KEY] = True  # it was checked above
            for guard in spec.access.guards:
                claims = await guard(view)
        body = None if spec.body_mode == "none" else await self._body(route, view, receive)
        return await spec.handler(Call(runtime, view, claims, body))

    async def _body(self, route: BoundRoute, view: RequestView, receive: Receive) -> RequestModel:
        spec, limits = route.spec, route.body_limits
        model: type[RequestModel] = spec.body
        if spec.body_mode == "query":
            return validate(model, query_parameters(view, model, limits.length_bytes))
        raw = await read_body(view, receive, limits.length_bytes)
        if spec.body_mode == "form":
            require_form(view)
            return validate(model, parse_parameters(raw, "body"))
        if not raw and spec.body_mode != "json":
            return model()
        if spec.body_mode in {"json", "optional_json"}:
            require_json(view)
        try:
            return validate(model, parse_object(raw, limits))
        except ValidationFailed:
            if spec.body_mode != "forgiving_refresh":
                raise
            return model()

    def _limit_of(self, spec: AnyRoute) -> RouteLimit | None:
        http, engine = self._runtime.http, self._runtime.engine
        limit = None if spec.limit is None else spec.limit(http.rate_limits)
        if limit is None:
            return None
        return RouteLimit(
            counter=spec.name,
            limit=limit,
            store=rate_limit_store(http, engine),
            identifiers=engine.identifiers,
            source=http.client_ip_source,
            outages=engine.failures if spec.admits_uncounted else None,
        )

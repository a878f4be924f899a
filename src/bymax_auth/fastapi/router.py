"""
The auth routes as an `APIRouter`.

FastAPI documents the routes and, unless `install` answers them directly, matches them and runs the
app's own dependencies; the response is that of `bymax_auth.http`, byte for byte.  An endpoint declares
no parameter but the request: a declared body would be parsed before the guards run, and an invalid
one would be returned in the error, with the password in it.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from bymax_auth.engine import AuthEngine
from bymax_auth.http.asgi import empty_response, send_response
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.openapi import operations_of
from bymax_auth.http.pipeline import BoundRoute, Pipeline
from bymax_auth.http.request import RequestView
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.http.table import RouteTable

__all__ = ["AuthRouter", "auth_router"]

_DISCONNECTED: Final = empty_response(400)
_FALLBACK: Final = "bymax_auth_elsewhere"


def auth_router(engine: AuthEngine, http: AuthHttpConfig) -> APIRouter:
    """
    Return the mounted routes of `engine` below its prefix.

    A request below the prefix that no route of the app matches gets the response of `bymax_auth.http`:
    404 or 405, never a redirect.  FastAPI documents the routes; `apply_openapi` adds the schemas that they
    refer to and the security schemes.

    Raises:
        ConfigError: Tenant binding is enabled and no tenant resolver is configured.
    """
    return AuthRouter(HttpRuntime(engine, http)).router


class AuthRouter:
    """The bound routes of one engine, and the router that documents them."""

    def __init__(self, runtime: HttpRuntime) -> None:
        self._pipeline: Final = Pipeline(runtime)
        operations = operations_of(runtime.engine, runtime.http)
        self.prefix: Final = f"/{runtime.engine.config.route_prefix}"
        self.routes: Final = tuple(self._pipeline.bind(operation.spec) for operation in operations)
        self.table: Final = RouteTable(("", route) for route in self.routes)
        self.router: Final = _Router(prefix=self.prefix)
        for operation, route in zip(operations, self.routes, strict=True):
            self.router.add_api_route(
                operation.spec.path,
                _Endpoint(self, route),
                methods=[operation.spec.method],
                name=operation.operation_id,
                operation_id=operation.operation_id,
                summary=operation.summary,
                description=operation.description,
                deprecated=operation.deprecated or None,
                tags=[operation.spec.group.name],
                status_code=operation.spec.success,
                response_class=Response,
                response_model=None,
                openapi_extra=operation.details,
                route_class_override=_Route,
            )
        self.router.add_api_route(
            "/{rest:path}",
            _UnmatchedEndpoint(self.table),
            name=_FALLBACK,
            # FastAPI would ask a host's `generate_unique_id_function`, which may expect a tag.
            operation_id=_FALLBACK,
            include_in_schema=False,
            response_model=None,
            route_class_override=_Fallback,
        )

    async def answer(
        self, route: BoundRoute, parameters: Mapping[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send the response to one request of a route."""
        view = RequestView(scope, parameters, route.spec.path)
        response = await self._pipeline.respond(route, view, receive)
        # A disconnected client receives nothing, but middlewares expect a response to forward.
        await send_response(send, response or _DISCONNECTED)


class _Router(APIRouter):
    """A router that skips the host's own requests after one check of their path."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if f"{self.prefix}/" not in scope["path"]:
            return Match.NONE, {}
        return super().matches(scope)


class _Endpoint:
    """Serves one route.  FastAPI keeps the endpoint when it copies a route, so our state is stored here."""

    def __init__(self, auth: AuthRouter, route: BoundRoute) -> None:
        self._auth = auth
        self.route = route

    async def __call__(self, request: Request) -> Response:
        return _RouteResponse(self._auth, self.route)

    def path(self, parameters: Mapping[str, object]) -> str:
        """Return the route's path below the prefix, with `parameters` substituted."""
        return self.route.spec.path.format_map(parameters)

    def refusal(self, scope: Scope) -> Response | None:
        """Return the response to a method or path that FastAPI matches and the route table does not."""
        path = self.path(scope["path_params"])
        if self._auth.table.find(scope["method"], path) is not None:
            return None
        return _NotServedResponse(self._auth.table, path)


class _UnmatchedEndpoint:
    """Responds to every path below the prefix that is not a route."""

    def __init__(self, table: RouteTable) -> None:
        self.table = table

    async def __call__(self, request: Request) -> Response:
        return _NotServedResponse(self.table, f"/{request.path_params['rest']}")


class _RouteResponse(Response):
    """The response to one request of a route, computed and sent by `AuthRouter.answer`."""

    def __init__(self, auth: AuthRouter, route: BoundRoute) -> None:
        super().__init__(status_code=route.spec.success)
        self._auth = auth
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._auth.answer(self._route, scope["path_params"], scope, receive, send)
        if self.background is not None:
            await self.background()


class _NotServedResponse(Response):
    """The response to a path or method that is not served."""

    def __init__(self, table: RouteTable, path: str) -> None:
        self._answer = table.refusal(path)
        super().__init__(status_code=self._answer.status)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_response(send, self._answer)


class _Route(APIRoute):
    """A route that matches, and responds to a wrong method, as `bymax_auth.http` does."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        endpoint: object = self.endpoint
        if match is Match.NONE or not isinstance(endpoint, _Endpoint):
            return match, child
        # The framework's patterns end in "$", which also matches before a trailing line feed.
        exact = scope["path"].endswith(endpoint.path(child["path_params"]))
        return (match, child) if exact else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint: object = self.endpoint
        if isinstance(endpoint, _Endpoint) and (refusal := endpoint.refusal(scope)) is not None:
            await refusal(scope, receive, send)
            return
        await super().handle(scope, receive, send)


class _Fallback(APIRoute):
    """Matches partially, so that the router prefers any other route that matches."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        # The framework's pattern does not match a line feed; no auth route contains the replacement either.
        readable = {**scope, "path": scope["path"].replace("\n", "\ufffd")}
        match, child = super().matches(readable)
        # Without a remainder the path is not below the prefix, and a match would cause a redirect.
        if match is Match.NONE or not child["path_params"]["rest"]:
            return Match.NONE, {}
        return Match.PARTIAL, child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self.endpoint(Request(scope, receive))
        await answer(scope, receive, send)

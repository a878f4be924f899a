"""
A fast path to the auth routes of an app: after its middleware, without its own routing.

    server ──▶ app ──▶ the host's middleware ──▶ auth route? ──yes──▶ pipeline
                                                     └──no──▶ exception handlers ──▶ router ──▶ endpoint

A framework's routing, exit stacks and dependency injection cost several times as much as the route
itself, and an auth route uses none of them.  The routes are also in the app's router, which takes
precedence: the fast path is not used for a route that the router would serve differently, that is, if
the app has dependencies of its own or a route that the host declared earlier matches first.
"""

from collections.abc import Iterable
from typing import Final

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Host, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from bymax_auth.fastapi.router import AuthRouter
from bymax_auth.http.request import route_path
from bymax_auth.http.routes import AnyRoute

__all__ = ["answer_directly"]


def answer_directly(app: FastAPI, auth: AuthRouter) -> None:
    """Include the routes in `app`, and serve them from its innermost middleware."""
    known = len(app.router.routes)
    app.include_router(auth.router)
    included = app.router.routes[known:]
    # `add_middleware` adds the outermost middleware; the last of the list is the innermost.
    app.user_middleware.append(Middleware(_DirectRoutes, host=app, auth=auth, included=included))


class _DirectRoutes:
    """Serves the auth routes that the app's router would serve in the same way."""

    def __init__(self, app: ASGIApp, host: FastAPI, auth: AuthRouter, included: list[BaseRoute]) -> None:
        self._app: Final = app
        self._auth: Final = auth
        self._prefix: Final = auth.prefix
        earlier = _routes_before(host.router.routes, included)
        self._direct: Final[dict[int, BaseRoute]] = {
            id(route): documented
            for route, documented in zip(auth.routes, auth.router.routes, strict=False)
            if not host.router.dependencies and not _is_served_by(earlier, auth.prefix, route.spec)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = route_path(scope)
            if path.startswith(self._prefix):
                found = self._auth.table.find(scope["method"], path[len(self._prefix) :])
                if found is not None and (documented := self._direct.get(id(found[0]))) is not None:
                    route, parameters = found
                    # What tracing and metrics name a request by.
                    scope["route"], scope["path_params"] = documented, dict(parameters)
                    await self._auth.answer(route, parameters, scope, receive, send)
                    return
        await self._app(scope, receive, send)


def _routes_before(routes: Iterable[BaseRoute], included: list[BaseRoute]) -> list[BaseRoute]:
    """Return the routes that the router tries before the auth routes."""
    earlier: list[BaseRoute] = []
    for route in routes:
        if any(route is one for one in included):
            break
        earlier.append(route)
    return earlier


def _is_served_by(routes: list[BaseRoute], prefix: str, spec: AnyRoute) -> bool:
    """Return whether one of the host's routes matches the requests of an auth route."""
    for route in routes:
        scope: Scope = {
            "type": "http",
            "method": spec.method,
            "path": prefix + spec.path,
            "root_path": "",
            "headers": [],
        }
        # Which requests a `Host` takes depends on their headers.
        if isinstance(route, Host) or route.matches(scope)[0] is Match.FULL:
            return True
    return False

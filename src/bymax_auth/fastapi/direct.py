"""
The short way to the auth routes of an app: inside its middleware, past its own routing.

    server ──▶ app ──▶ the host's middleware ──▶ auth route? ──yes──▶ the core's pipeline
                                                     └──no──▶ exception handlers ──▶ router ──▶ endpoint

A framework's routing, exit stacks and dependency machinery cost several times what the route itself
costs, and an auth route uses none of them.  The routes are in the app's router too, which decides: a
request takes the long way where the router would not have come to the auth route, or would have run
dependencies of the app.
"""

from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bymax_auth.fastapi.router import AuthRouter
from bymax_auth.http.request import route_path

__all__ = ["answer_directly"]

_PLAIN_MATCHES: Final = (Route.matches, APIRoute.matches)


def answer_directly(app: FastAPI, auth: AuthRouter) -> None:
    """Include the routes in `app`, and answer them as the innermost of its middlewares."""
    known = len(app.router.routes)
    app.include_router(auth.router)
    included = app.router.routes[known:]
    # `add_middleware` adds at the outside; the last element of the list is the innermost.
    app.user_middleware.append(Middleware(_DirectRoutes, host=app, auth=auth, included=included))


class _DirectRoutes:
    """Answers the auth routes that the app's router would answer in the same way."""

    def __init__(self, app: ASGIApp, host: FastAPI, auth: AuthRouter, included: list[BaseRoute]) -> None:
        self._app: Final = app
        self._auth: Final = auth
        self._prefix: Final = auth.prefix
        self._router: Final = host.router
        self._included: Final = included
        self._documented: Final = {
            id(route): documented for route, documented in zip(auth.routes, auth.router.routes, strict=False)
        }
        self._reviewed = -1
        self._earlier: tuple[BaseRoute, ...] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = route_path(scope)
            if path.startswith(self._prefix):
                found = self._auth.table.find(scope["method"], path[len(self._prefix) :])
                if found is not None and self._would_be_reached(scope):
                    route, parameters = found
                    documented = self._documented[id(route)]
                    # Metrics and tracing name requests by these.
                    scope["route"], scope["endpoint"] = documented, getattr(documented, "endpoint", None)
                    scope["path_params"] = {**scope.get("path_params", {}), **parameters}
                    await self._auth.answer(route, parameters, scope, receive, send)
                    return
        await self._app(scope, receive, send)

    def _would_be_reached(self, scope: Scope) -> bool:
        """Return whether the router would come to the auth routes, and run nothing else for them."""
        if self._reviewed != len(self._router.routes):
            self._reviewed = len(self._router.routes)
            self._earlier = self._routes_that_may_go_first()
        if self._earlier is None:
            return False
        if self._earlier:
            scope.setdefault("router", self._router)
        return all(route.matches(scope)[0] is not Match.FULL for route in self._earlier)

    def _routes_that_may_go_first(self) -> tuple[BaseRoute, ...] | None:
        """Return the host's routes to ask first, ``None`` when only the router can decide."""
        places = [
            place
            for place, route in enumerate(self._router.routes)
            if any(route is included for included in self._included)
        ]
        if len(places) != len(self._included) or self._router.dependencies:
            return None
        earlier = self._router.routes[: places[0]]
        return tuple(route for route in earlier if not self._never_matches(route))

    def _never_matches(self, route: BaseRoute) -> bool:
        """Return whether a route of the host can match no request of an auth route."""
        below = f"{self._prefix}/"
        if type(route) is Mount:
            return "{" not in route.path and not below.startswith(f"{route.path}/")
        if not isinstance(route, Route) or type(route).matches not in _PLAIN_MATCHES:
            return False
        return "{" not in route.path and not route.path.startswith(below)

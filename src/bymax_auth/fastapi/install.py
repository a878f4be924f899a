"""Installs routes, error handlers and OpenAPI components in one call, and returns the guards."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection

from bymax_auth.engine import AuthEngine
from bymax_auth.errors import AuthError, InternalError
from bymax_auth.fastapi.cors import AuthRouteCors
from bymax_auth.fastapi.direct import answer_directly
from bymax_auth.fastapi.errors import refused, register_exception_handlers
from bymax_auth.fastapi.guards import DependencyGuards
from bymax_auth.fastapi.login_end import WatchLogin
from bymax_auth.fastapi.openapi import apply_openapi
from bymax_auth.fastapi.public_path import ForwardedPrefix
from bymax_auth.fastapi.router import AuthRouter
from bymax_auth.fastapi.running_app import remember
from bymax_auth.http.client_ip import TrustedForwardedFor
from bymax_auth.http.config import AuthHttpConfig, RateLimit
from bymax_auth.http.rate_limit import RouteLimit, rate_limit_store
from bymax_auth.http.request import RequestView
from bymax_auth.http.routes import ROUTES
from bymax_auth.http.runtime import HttpRuntime

__all__ = ["InstalledAuth", "install"]

_COUNTER: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ROUTE_COUNTERS: Final = frozenset(spec.name for spec in ROUTES)


def install(app: FastAPI, engine: AuthEngine, http: AuthHttpConfig, *, cors: bool = True) -> "InstalledAuth":
    """
    Add the routes of `engine` to `app`, and return its guards.

    The app opens and closes the engine in its own lifespan.  With `cors`, pages of `cookies.trusted_origins`
    may call the auth routes and read the responses; an app with a CORS middleware for them turns it off.

    Raises:
        ConfigError: Tenant binding is enabled and no tenant resolver is configured.
        RuntimeError: Another engine is installed on this app.
    """
    auth = InstalledAuth(engine, http)
    remember(app, auth.runtime)
    if isinstance(http.client_ip_source, TrustedForwardedFor):
        app.user_middleware.insert(0, Middleware(ForwardedPrefix, source=http.client_ip_source))
    router = AuthRouter(auth.runtime)
    if cors and auth.runtime.origins:
        app.user_middleware.append(Middleware(AuthRouteCors, auth=router, origins=auth.runtime.origins))
    answer_directly(app, router)
    register_exception_handlers(app)
    apply_openapi(app, engine, http)
    return auth


class InstalledAuth(DependencyGuards):
    """
    The guards of one engine as dependencies, for ``Depends``.

    They work in every app, including mounted ones, because they are bound to their engine.
    """

    def __init__(self, engine: AuthEngine, http: AuthHttpConfig) -> None:
        self.engine: Final = engine
        self.http: Final = http
        self.runtime: Final = HttpRuntime(engine, http)
        super().__init__(self.runtime)

    async def ended(self) -> WatchLogin:
        """Return the function that watches a login: ``ended: Annotated[WatchLogin, Depends(auth.ended)]``."""
        return self.engine.ended

    def rate_limit(self, name: str, limit: RateLimit) -> Callable[[HTTPConnection], Awaitable[None]]:
        """
        Build a dependency that refuses, with 429, a client over the limit; `name` is the counter's name.

        Raises:
            ValueError: The name is not 1–64 letters, digits, ``_``, ``.`` or ``-``, or names an auth route.
        """
        if _COUNTER.fullmatch(name) is None or name in _ROUTE_COUNTERS:
            raise ValueError(f"{name!r} cannot name a rate limit.")
        counter = RouteLimit(
            counter=name,
            limit=limit,
            store=rate_limit_store(self.http, self.engine),
            identifiers=self.engine.identifiers,
            source=self.http.client_ip_source,
        )

        async def spend(connection: HTTPConnection) -> None:
            try:
                await counter.spend(RequestView(connection.scope))
            except (AuthError, InternalError) as error:
                raise refused(connection, self.runtime, error) from error

        return spend

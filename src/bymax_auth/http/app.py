"""The auth routes as a complete ASGI application, for any server or framework."""

from typing import Final

from bymax_auth.engine import AuthEngine
from bymax_auth.http.asgi import ASGIApp, Receive, Response, Scope, Send, send_response
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.pipeline import Pipeline
from bymax_auth.http.request import RequestView, route_path
from bymax_auth.http.routes import mounted_routes
from bymax_auth.http.runtime import HttpRuntime
from bymax_auth.http.table import RouteTable

__all__ = ["auth_app"]

_POLICY_VIOLATION: Final = 1008


def auth_app(engine: AuthEngine, http: AuthHttpConfig, *, app_at_prefix: bool = False) -> ASGIApp:
    """
    Return the routes of `engine` as an ASGI application.

    It is mounted at the prefix; with `app_at_prefix` it is served on its own and handles the paths below
    ``/{route_prefix}`` itself.  It manages no resources: the host opens and closes the engine.

    Raises:
        ConfigError: Tenant binding is enabled and no tenant resolver is configured.
    """
    return _AuthApp(HttpRuntime(engine, http), f"/{engine.config.route_prefix}" if app_at_prefix else "")


class _AuthApp:
    def __init__(self, runtime: HttpRuntime, prefix: str) -> None:
        self._pipeline = Pipeline(runtime)
        self._table = RouteTable(
            (prefix, self._pipeline.bind(spec)) for spec in mounted_routes(runtime.engine)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                response = await self._respond(scope, receive)
                if response is not None:
                    await send_response(send, response)
            case "lifespan":
                await _lifespan(receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
            case kind:
                raise RuntimeError(f"Unknown ASGI scope type {kind!r}.")

    async def _respond(self, scope: Scope, receive: Receive) -> Response | None:
        path = route_path(scope)
        found = self._table.find(scope["method"], path)
        if found is None:
            return self._table.refusal(path)
        route, parameters = found
        return await self._pipeline.respond(route, RequestView(scope, parameters, route.spec.path), receive)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return

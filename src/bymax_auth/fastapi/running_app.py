"""Which engine a connection belongs to: the one installed on the app that serves it."""

from typing import Final

from fastapi import FastAPI
from starlette.requests import HTTPConnection

from bymax_auth.http.auth_scope import SCOPE_KEY, AuthScope, attach
from bymax_auth.http.edge import Edge

__all__ = ["bind", "edge_of", "remember", "require_edge"]

_STATE_KEY: Final = "bymax_auth"
_NOTHING_INSTALLED: Final = (
    "No AuthEngine on this app: call bymax_auth.fastapi.install(app, engine, http), or add AuthMiddleware."
)


def remember(app: FastAPI, edge: Edge) -> None:
    """
    Attach an edge to an app.

    Raises:
        RuntimeError: The app has one already: its guards could not know which of them is meant.
    """
    if getattr(app.state, _STATE_KEY, None) is not None:
        raise RuntimeError("An AuthEngine is installed on this app already; mount a second app for another.")
    setattr(app.state, _STATE_KEY, edge)


def edge_of(connection: HTTPConnection) -> Edge | None:
    """Return the edge that is installed on the running app, or that a middleware left in the scope."""
    app: object = connection.scope.get("app")
    installed: object = getattr(getattr(app, "state", None), _STATE_KEY, None)
    if isinstance(installed, Edge):
        return installed
    found: object = connection.scope.get(SCOPE_KEY)
    return found.edge if isinstance(found, AuthScope) else None


def bind(connection: HTTPConnection) -> HTTPConnection:
    """
    Return the connection, ready for the guards of `bymax_auth.http.guards`.

    Raises:
        RuntimeError: There is no engine to ask.
    """
    attach(connection, require_edge(connection))
    return connection


def require_edge(connection: HTTPConnection) -> Edge:
    """
    Return the connection's edge.

    Raises:
        RuntimeError: There is none.
    """
    edge = edge_of(connection)
    if edge is None:
        raise RuntimeError(_NOTHING_INSTALLED)
    return edge

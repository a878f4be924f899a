"""Finds the engine of a connection: the one installed on the app that serves it."""

from typing import Final

from fastapi import FastAPI
from starlette.requests import HTTPConnection

from bymax_auth.http.auth_scope import SCOPE_KEY, AuthScope
from bymax_auth.http.runtime import HttpRuntime

__all__ = ["NOT_INSTALLED", "remember", "runtime_of"]

_ATTRIBUTE: Final = "_bymax_auth"
"""The attribute of an app that holds its runtime: read for each guard, faster than from `State`."""

NOT_INSTALLED: Final = (
    "No AuthEngine on this app: call bymax_auth.fastapi.install(app, engine, http), or add AuthMiddleware. "
    "If it is installed on another app of this process, use that app's bound guards in this one: with "
    "auth = install(...), Depends(auth.current_user) and Depends(auth.require_role(...))."
)
"""What a guard without an engine raises."""


def remember(app: FastAPI, runtime: HttpRuntime) -> None:
    """
    Attach a runtime to an app.

    Raises:
        RuntimeError: The app has one already; with two, its guards could not select the right one.
    """
    if getattr(app, _ATTRIBUTE, None) is not None:
        raise RuntimeError("An AuthEngine is installed on this app already; mount a second app for another.")
    setattr(app, _ATTRIBUTE, runtime)


def runtime_of(connection: HTTPConnection) -> HttpRuntime | None:
    """Return the runtime that is installed on the running app, or that a middleware attached to the scope."""
    installed: object = getattr(connection.scope.get("app"), _ATTRIBUTE, None)
    if isinstance(installed, HttpRuntime):
        return installed
    found: object = connection.scope.get(SCOPE_KEY)
    return found.runtime if isinstance(found, AuthScope) else None

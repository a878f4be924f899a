"""The components of the auth routes in the app's own OpenAPI document."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

from fastapi import FastAPI
from pydantic import JsonValue

from bymax_auth.engine import AuthEngine
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.openapi import components_of

__all__ = ["apply_openapi"]

_METHOD: Final = "openapi"

Generate = Callable[[], dict[str, Any]]
"""Generates an app's document."""

Components = Callable[[], dict[str, JsonValue]]
"""Returns the components of one engine's routes."""


def apply_openapi(app: FastAPI, engine: AuthEngine, http: AuthHttpConfig) -> None:
    """
    Add the schemas and security schemes that the auth routes refer to, to every document of `app`.

    FastAPI generates components for dependencies only, and these cannot express that two schemes are
    required together, or none.  An app that replaces ``app.openapi``, before or after this call, generates
    its document in its own way and gets the components added.  Repeated calls have no further effect.
    """
    # Generated when a document is first asked for: a service that shows none starts sooner.
    components = cache(partial(components_of, engine, http))
    known: object = vars(type(app)).get(_METHOD)
    if isinstance(known, _CompleteDocument):
        known.components.append(components)
        return
    # FastAPI's way to change the document is to assign the method, so only an attribute of the class can see
    # what is assigned later.  The class is this app's own: other apps of the host are not changed.
    own = type(app)
    members = {_METHOD: _CompleteDocument(own, [components]), "__module__": own.__module__}
    app.__class__ = type(own.__name__, (own,), members)


class _CompleteDocument:
    """The attribute ``openapi`` of one app: whatever method it has, with the components added."""

    def __init__(self, own: type[FastAPI], components: list[Components]) -> None:
        self._own: Final = own
        self.components: Final = components

    def __get__(self, app: FastAPI, _owner: type[FastAPI]) -> Generate:
        assigned: Generate | None = vars(app).get(_METHOD)
        generate = self._own.openapi.__get__(app) if assigned is None else assigned
        return _WithComponents(generate, self.components)

    def __set__(self, app: FastAPI, generate: Generate) -> None:
        vars(app)[_METHOD] = generate

    def __delete__(self, app: FastAPI) -> None:
        vars(app).pop(_METHOD, None)


class _WithComponents:
    """Generates the app's document and adds the components to it."""

    def __init__(self, generate: Generate, components: list[Components]) -> None:
        self._generate = generate
        self._components = components

    def __call__(self) -> dict[str, Any]:
        document = self._generate()
        own = document.setdefault("components", {})
        for components in self._components:
            for kind, named in components().items():
                if isinstance(named, dict) and named:
                    own[kind] = {**own.get(kind, {}), **named}
        return document

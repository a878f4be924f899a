"""The components of the auth routes in the app's own OpenAPI document."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from pydantic import JsonValue

from bymax_auth.engine import AuthEngine
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.openapi import components_of

__all__ = ["apply_openapi"]

# FastAPI's way to change the document is to replace this method, which type checkers reject.
_OPENAPI_METHOD: Final = "openapi"


def apply_openapi(app: FastAPI, engine: AuthEngine, http: AuthHttpConfig) -> None:
    """
    Add the schemas and security schemes that the auth routes refer to, to every document of `app`.

    FastAPI generates components for dependencies only, and these cannot express that two schemes are
    required together, or none.  Repeated calls have no further effect.
    """
    components = components_of(engine, http)
    if isinstance(app.openapi, _WithComponents):
        app.openapi.components.update(components)
        return
    setattr(app, _OPENAPI_METHOD, _WithComponents(app.openapi, components))


class _WithComponents:
    """Generates the app's document and adds the components to it."""

    def __init__(self, generate: Callable[[], dict[str, Any]], components: dict[str, JsonValue]) -> None:
        self._generate = generate
        self.components = components

    def __call__(self) -> dict[str, Any]:
        document = self._generate()
        own = document.setdefault("components", {})
        for kind, named in self.components.items():
            if isinstance(named, dict) and named:
                own[kind] = {**own.get(kind, {}), **named}
        return document

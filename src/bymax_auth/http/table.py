"""Finds a route by method and path: one lookup, and a literal path takes precedence over a parameter."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from bymax_auth.http.asgi import Response, empty_response
from bymax_auth.http.pipeline import BoundRoute

__all__ = ["RouteTable"]

_NO_PARAMETERS: Final[Mapping[str, str]] = MappingProxyType({})
_NOT_FOUND: Final = empty_response(404)


class RouteTable:
    """The mounted routes, by method and path."""

    __slots__ = ("_literal", "_literal_methods", "_templates")

    def __init__(self, routes: Iterable[tuple[str, BoundRoute]]) -> None:
        self._literal: dict[tuple[str, str], tuple[BoundRoute, Mapping[str, str]]] = {}
        self._literal_methods: dict[str, tuple[str, ...]] = {}
        self._templates: list[tuple[str, tuple[str, ...], BoundRoute]] = []
        for prefix, route in routes:
            path, method = prefix + route.spec.path, route.spec.method
            if "{" in path:
                self._templates.append((method, tuple(path.split("/")), route))
            else:
                self._literal[(method, path)] = (route, _NO_PARAMETERS)
                self._literal_methods[path] = (*self._literal_methods.get(path, ()), method)

    def find(self, method: str, path: str) -> tuple[BoundRoute, Mapping[str, str]] | None:
        """Return the route that serves `method` at `path`, and the values of its path parameters."""
        found = self._literal.get((method, path))
        if found is not None or path in self._literal_methods:
            return found
        segments = path.split("/")
        for accepted, template, route in self._templates:
            if accepted == method and (parameters := _match(template, segments)) is not None:
                return route, parameters
        return None

    def methods(self, path: str) -> tuple[str, ...]:
        """Return the methods that are served at `path`, possibly none."""
        if path in self._literal_methods:
            return self._literal_methods[path]
        segments = path.split("/")
        return tuple(
            method for method, template, _route in self._templates if _match(template, segments) is not None
        )

    def refusal(self, path: str) -> Response:
        """Return the response to a request for which `find` has no route."""
        allowed = self.methods(path)
        if not allowed:
            return _NOT_FOUND
        return empty_response(405, ((b"allow", ", ".join(allowed).encode()),))


def _match(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    if len(template) != len(segments):
        return None
    parameters: dict[str, str] = {}
    for expected, given in zip(template, segments, strict=True):
        if expected.startswith("{"):
            if not given:
                return None
            parameters[expected[1:-1]] = given
        elif expected != given:
            return None
    return parameters

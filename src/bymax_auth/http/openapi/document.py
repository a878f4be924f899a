"""Operations and components of one engine's routes, ready for any OpenAPI 3.1 document."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.engine import AuthEngine
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.openapi.responses import responses_of
from bymax_auth.http.openapi.schemas import (
    REQUIRED_REFRESH,
    name_of,
    reference,
    response_schemas,
    schema_of,
)
from bymax_auth.http.openapi.security import REQUIRED_BODY, JsonObject, requirement_of, security_schemes
from bymax_auth.http.openapi.texts import ROUTE_TEXTS
from bymax_auth.http.routes import RouteSpec, mounted_routes
from bymax_auth.http.schemas.auth import RefreshRequest

__all__ = ["Operation", "components_of", "openapi_fragment", "operations_of"]

_REFERENCE_PREFIX: Final = "#/components/schemas/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route as the document shows it; `details` are the members that have no field of their own."""

    spec: RouteSpec
    operation_id: str
    summary: str
    description: str
    deprecated: bool
    details: JsonObject

    def as_object(self) -> JsonObject:
        """Return the Operation Object."""
        operation: JsonObject = {
            "tags": [self.spec.group],
            "summary": self.summary,
            "description": self.description,
            "operationId": self.operation_id,
        }
        if self.deprecated:
            operation["deprecated"] = True
        return operation | self.details


def openapi_fragment(engine: AuthEngine, http: AuthHttpConfig) -> JsonObject:
    """Return ``paths`` and ``components`` of the routes, with the engine's prefix, for a host's document."""
    operations = operations_of(engine, http)
    paths: JsonObject = {}
    for path in dict.fromkeys(operation.spec.path for operation in operations):
        paths[f"/{engine.config.route_prefix}{path}"] = {
            operation.spec.method.lower(): operation.as_object()
            for operation in operations
            if operation.spec.path == path
        }
    return {"paths": paths, "components": components_of(engine, http)}


def operations_of(engine: AuthEngine, http: AuthHttpConfig) -> tuple[Operation, ...]:
    """Return the operation of each mounted route, in the order of the table."""
    seen: Counter[str] = Counter()
    operations: list[Operation] = []
    for spec in mounted_routes(engine):
        seen[spec.name] += 1
        operations.append(_operation(engine, http, spec, first=seen[spec.name] == 1))
    return tuple(operations)


def components_of(engine: AuthEngine, http: AuthHttpConfig) -> JsonObject:
    """Return the components that the operations refer to, and no others."""
    delivery = engine.config.auth.token_delivery
    operations = operations_of(engine, http)
    schemas = response_schemas(delivery)
    for operation in operations:
        body = operation.spec.body
        if body is not None:
            schemas[name_of(body)] = schema_of(name_of(body), body)
    schemas[REQUIRED_REFRESH] = schema_of(REQUIRED_REFRESH, RefreshRequest)
    used = _closure([operation.details for operation in operations], schemas)
    requirements = [requirement_of(operation.spec, delivery) for operation in operations]
    return {
        "schemas": {name: schemas[name] for name in sorted(used)},
        "securitySchemes": security_schemes(engine.config, requirements),
    }


def _operation(engine: AuthEngine, http: AuthHttpConfig, spec: RouteSpec, *, first: bool) -> Operation:
    delivery = engine.config.auth.token_delivery
    text = ROUTE_TEXTS[spec.name]
    details: JsonObject = {}
    if "{id}" in spec.path:
        details["parameters"] = [_SESSION_HASH]
    body = _request_body(spec, delivery)
    if body is not None:
        details["requestBody"] = body
    details["responses"] = responses_of(spec, engine.config, http)
    requirement = requirement_of(spec, delivery)
    details["security"] = [{name: [] for name in names} for names in requirement]
    # Generated clients drop the body of a DELETE, so where it carries the token the POST is the way.
    deprecated = spec.method == "DELETE" and body is not None and delivery is TokenDelivery.BEARER
    return Operation(
        spec=spec,
        operation_id=f"bymax_auth_{spec.name}" + ("" if first else f"_{spec.method.lower()}"),
        summary=text.summary,
        description=text.description + (_USE_POST if deprecated else ""),
        deprecated=deprecated,
        details=details,
    )


_SESSION_HASH: Final[JsonObject] = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The session's `sessionHash`.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
_USE_POST: Final = " Use `POST /sessions/revoke-all`: many clients send no body with a DELETE."


def _request_body(spec: RouteSpec, delivery: TokenDelivery) -> JsonObject | None:
    if spec.body is None:
        return None
    if spec.body_mode == "json":
        return _json_body(name_of(spec.body), required=True)
    if delivery is TokenDelivery.COOKIE:
        return None
    if spec.name in REQUIRED_BODY and delivery is TokenDelivery.BEARER:
        return _json_body(REQUIRED_REFRESH, required=True)
    return _json_body(name_of(spec.body), required=False)


def _json_body(name: str, *, required: bool) -> JsonObject:
    return {"required": required, "content": {"application/json": {"schema": reference(name)}}}


def _closure(roots: Iterable[JsonValue], schemas: Mapping[str, JsonObject]) -> set[str]:
    """Return the names of all components that can be reached from `roots`."""
    found: set[str] = set()
    waiting: list[JsonValue] = list(roots)
    while waiting:
        match waiting.pop():
            case {"$ref": str(target)} if (name := target.removeprefix(_REFERENCE_PREFIX)) not in found:
                found.add(name)
                waiting.append(schemas[name])
            case dict() as members:
                waiting.extend(members.values())
            case list() as items:
                waiting.extend(items)
            case _:
                pass
    return found

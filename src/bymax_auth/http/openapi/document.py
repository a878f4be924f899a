"""Operations and components of one engine's routes, for any OpenAPI 3.1 document."""

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Final, assert_never

from pydantic import JsonValue

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.engine import AuthEngine
from bymax_auth.http.config import AuthHttpConfig
from bymax_auth.http.delivery import DELIVERY_HEADER
from bymax_auth.http.openapi.responses import responses_of
from bymax_auth.http.openapi.schemas import (
    answer_schema,
    name_of,
    parts_of,
    reference,
    request_schema,
    shared_schemas,
    with_required_tenant,
    with_shortest_password,
)
from bymax_auth.http.openapi.security import JsonObject, security_schemes
from bymax_auth.http.routes import AnyRoute, mounted_routes
from bymax_auth.http.routes.answers import Answer, Empty, Json, Session
from bymax_auth.http.routes.credentials import REFRESH_COOKIE
from bymax_auth.http.schemas.auth import RequiredRefreshRequest
from bymax_auth.types.wire import WireModel

__all__ = ["Operation", "components_of", "openapi_fragment", "operations_of"]

_DELIVERY_PARAMETER: Final[JsonObject] = {
    "name": DELIVERY_HEADER,
    "in": "header",
    "required": False,
    "description": "How this client gets its tokens: in cookies alone, or in the body alone. A client that "
    "does not say gets both, except that the server may answer browser pages with cookies alone.",
    "schema": {"type": "string", "enum": [TokenDelivery.COOKIE.value, TokenDelivery.BEARER.value]},
}
_FORM: Final = "application/x-www-form-urlencoded"
_REFERENCE_PREFIX: Final = "#/components/schemas/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route in the document; `details` are the members that have no field of their own."""

    spec: AnyRoute
    operation_id: str
    summary: str
    description: str
    deprecated: bool
    details: JsonObject

    def as_object(self) -> JsonObject:
        """Return the Operation Object."""
        operation: JsonObject = {
            "tags": [self.spec.group.name],
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
    resolves_tenants = engine.config.auth.tenancy.resolver is not None
    schemas = shared_schemas(delivery)
    schemas[name_of(RequiredRefreshRequest)] = request_schema(RequiredRefreshRequest)
    for operation in operations:
        spec = operation.spec
        if spec.body_mode not in {"none", "query"}:
            body = with_shortest_password(request_schema(spec.body), engine.config.auth.password.min_length)
            schemas[name_of(spec.body)] = body if resolves_tenants else with_required_tenant(body)
            schemas |= parts_of(spec.body, "validation")
        for model in _answer_models(spec.answer):
            schemas |= parts_of(model, "serialization") | {name_of(model): answer_schema(model)}
    used = _closure([operation.details for operation in operations], schemas)
    requirements = [operation.spec.credentials.by(delivery) for operation in operations]
    return {
        "schemas": {name: deepcopy(schemas[name]) for name in sorted(used)},
        "securitySchemes": security_schemes(engine.config, requirements),
    }


def _operation(engine: AuthEngine, http: AuthHttpConfig, spec: AnyRoute, *, first: bool) -> Operation:
    delivery = engine.config.auth.token_delivery
    details: JsonObject = {}
    # A host may edit its document in place: what comes from constants or a cache is copied into each.
    resolves_tenants = engine.config.auth.tenancy.resolver is not None
    if parameters := deepcopy(_parameters(spec, delivery) + _query(spec, resolves_tenants=resolves_tenants)):
        details["parameters"] = parameters
    body = _request_body(spec, delivery)
    if body is not None:
        details["requestBody"] = body
    details["responses"] = responses_of(spec, engine.config, http)
    details["security"] = [{name: [] for name in names} for names in spec.credentials.by(delivery)]
    # Generated clients drop the body of a DELETE: where the body carries the token, they must use the POST.
    deprecated = bool(spec.post_alternative) and body is not None and delivery is TokenDelivery.BEARER
    advice = f" Use `POST {spec.post_alternative}`: many clients send no body with a DELETE."
    return Operation(
        spec=spec,
        operation_id=f"bymax_auth_{spec.name}" + ("" if first else f"_{spec.method.lower()}"),
        summary=spec.summary,
        description=spec.description + (advice if deprecated else ""),
        deprecated=deprecated,
        details=details,
    )


def _parameters(spec: AnyRoute, delivery: TokenDelivery) -> list[JsonValue]:
    parameters: list[JsonValue] = [
        {
            "name": parameter.name,
            "in": "path",
            "required": True,
            "description": parameter.description,
            "schema": parameter.schema,
        }
        for parameter in spec.parameters
    ]
    sets_cookies = isinstance(spec.answer, Session)
    clears_cookies = isinstance(spec.answer, Empty) and spec.answer.clears_cookies
    if delivery is TokenDelivery.BOTH and (sets_cookies or clears_cookies):
        parameters.append(_DELIVERY_PARAMETER)
    return parameters


def _request_body(spec: AnyRoute, delivery: TokenDelivery) -> JsonObject | None:
    match spec.body_mode:
        case "none" | "query":
            return None
        case "form":
            return _body_of(name_of(spec.body), _FORM, required=True)
        case "json" | "optional_json":
            return _json_body(name_of(spec.body), required=spec.body_mode == "json")
        case "lenient_refresh" | "forgiving_refresh":
            # These bodies carry a refresh token and nothing else.
            in_cookie = any(REFRESH_COOKIE in names for names in spec.credentials.by(delivery))
            if in_cookie and delivery is TokenDelivery.COOKIE:
                return None
            if spec.credentials.needs_refresh_token and not in_cookie:
                return _json_body(name_of(RequiredRefreshRequest), required=True)
            return _json_body(name_of(spec.body), required=False)
        case _:
            assert_never(spec.body_mode)


def _answer_models(answer: Answer) -> tuple[type[WireModel], ...]:
    """Return the models of the answer that have no component of their own already."""
    match answer:
        case Json(model=model, otherwise=otherwise):
            return (model,) if otherwise is None else (model, otherwise)
        case Session(otherwise=otherwise, also=also) if otherwise is not None:
            return (otherwise, *also)
        case _:
            return ()


def _query(spec: AnyRoute, *, resolves_tenants: bool) -> list[JsonValue]:
    """Return the parameters of the query; an absent one has no value, so that none is null."""
    if spec.body_mode != "query":
        return []
    schema = request_schema(spec.body)
    schema = schema if resolves_tenants else with_required_tenant(schema)
    properties, required = schema.get("properties"), schema.get("required")
    members = properties if isinstance(properties, dict) else {}
    return [
        {
            "name": name,
            "in": "query",
            "required": isinstance(required, list) and name in required,
            "schema": _without_null(rule),
        }
        for name, rule in members.items()
    ]


def _without_null(rule: JsonValue) -> JsonValue:
    if isinstance(rule, dict) and isinstance(kinds := rule.get("type"), list):
        return {**rule, "type": kinds[0]}
    return rule


def _json_body(name: str, *, required: bool) -> JsonObject:
    return _body_of(name, "application/json", required=required)


def _body_of(name: str, content_type: str, *, required: bool) -> JsonObject:
    return {"required": required, "content": {content_type: {"schema": reference(name)}}}


def _closure(roots: Iterable[JsonValue], schemas: Mapping[str, JsonObject]) -> set[str]:
    """Return the names of all components that `roots` refer to, directly or indirectly."""
    found: set[str] = set()
    pending: list[JsonValue] = list(roots)
    while pending:
        match pending.pop():
            case {"$ref": str(target)} if (name := target.removeprefix(_REFERENCE_PREFIX)) not in found:
                found.add(name)
                pending.append(schemas[name])
            case dict() as members:
                pending.extend(members.values())
            case list() as items:
                pending.extend(items)
            case _:
                pass
    return found

"""
JSON Schemas of request and response bodies, generated from the models.

Names start with ``BymaxAuth``, so that they do not collide with those of a host's own models.
"""

from functools import cache
from typing import Final

from pydantic import BaseModel, JsonValue
from pydantic.json_schema import JsonSchemaMode

from bymax_auth.config.enums import TokenDelivery
from bymax_auth.errors import INTERNAL_ONLY_CODES, AuthErrorCode
from bymax_auth.http.openapi.security import JsonObject
from bymax_auth.types.account import SafeAuthUser

__all__ = [
    "ERROR_ENVELOPE",
    "SESSION",
    "VALIDATION_ENVELOPE",
    "answer_schema",
    "name_of",
    "parts_of",
    "reference",
    "request_schema",
    "shared_schemas",
    "with_required_tenant",
    "with_shortest_password",
]

_PREFIX: Final = "BymaxAuth"
SESSION: Final = f"{_PREFIX}Session"
ERROR_ENVELOPE: Final = f"{_PREFIX}ErrorEnvelope"
VALIDATION_ENVELOPE: Final = f"{_PREFIX}ValidationErrorEnvelope"

_SUFFIXES: Final[dict[JsonSchemaMode, str]] = {"validation": "Input", "serialization": ""}
"""A host's model may take more than it shows: what is sent of it is a component beside what is answered."""

_TEXT: Final[JsonObject] = {"type": "string"}
_TENANT: Final = "tenantId"


def name_of(model: type[BaseModel]) -> str:
    """Return the component name of a model."""
    return f"{_PREFIX}{model.__name__}"


def reference(name: str) -> JsonObject:
    """Return a reference to the component called `name`."""
    return {"$ref": f"#/components/schemas/{name}"}


def request_schema(model: type[BaseModel]) -> JsonObject:
    """Return the component of a request body; a model inside it is a component of its own."""
    return _without_parts(_json_schema(model, "validation"))


def with_required_tenant(schema: JsonObject) -> JsonObject:
    """Return a request body's component for an engine where only the body can name the tenant."""
    properties, required = schema.get("properties"), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return schema
    tenant = properties.get(_TENANT)
    if not isinstance(tenant, dict):
        return schema
    stated: JsonObject = {**properties, _TENANT: {**tenant, **_TEXT}}
    needed: list[JsonValue] = [*required, _TENANT]
    return {**schema, "properties": stated, "required": needed}


def with_shortest_password(schema: JsonObject, min_length: int) -> JsonObject:
    """Return a request body's component in which a new password has the length that the engine asks for."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    stated: JsonObject = {**properties}
    for name, rules in properties.items():
        if isinstance(rules, dict) and _is_new_password(rules):
            stated[name] = {**rules, "minLength": min_length}
    return {**schema, "properties": stated}


def _is_new_password(rules: JsonObject) -> bool:
    """Return whether the rules are those of a new password; one that exists may be of any length."""
    shortest = rules.get("minLength")
    return rules.get("format") == "password" and isinstance(shortest, int) and shortest > 1


def answer_schema(model: type[BaseModel]) -> JsonObject:
    """Return the component of a response body; a model inside it is a component of its own."""
    return _without_parts(_json_schema(model, "serialization"))


def parts_of(model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, JsonObject]:
    """Return the components of the models inside a body, by name."""
    parts = _json_schema(model, mode).get("$defs", {})
    return {
        f"{_PREFIX}{name}{_SUFFIXES[mode]}": _simplified_object(part)
        for name, part in (parts.items() if isinstance(parts, dict) else ())
        if isinstance(part, dict)
    }


@cache
def _json_schema(model: type[BaseModel], mode: JsonSchemaMode) -> JsonObject:
    template = f"#/components/schemas/{_PREFIX}{{model}}{_SUFFIXES[mode]}"
    return model.model_json_schema(by_alias=True, mode=mode, ref_template=template)


def _without_parts(schema: JsonObject) -> JsonObject:
    return _simplified_object({key: value for key, value in schema.items() if key != "$defs"})


def shared_schemas(delivery: TokenDelivery) -> dict[str, JsonObject]:
    """Return the components that do not belong to a single route, by name."""
    return {
        name_of(SafeAuthUser): answer_schema(SafeAuthUser),
        SESSION: _session(delivery),
        ERROR_ENVELOPE: _error_envelope(),
        VALIDATION_ENVELOPE: _validation_envelope(),
    }


def _session(delivery: TokenDelivery) -> JsonObject:
    properties: JsonObject = {"user": reference(name_of(SafeAuthUser))}
    if delivery is not TokenDelivery.COOKIE:
        properties |= {"accessToken": _TEXT, "refreshToken": _TEXT}
    return {
        "type": "object",
        "description": "A signed-in account.",
        "properties": properties,
        # With both, a client may choose cookies alone.
        "required": ["user"] if delivery is TokenDelivery.BOTH else [*properties],
    }


def _error_envelope() -> JsonObject:
    public: list[JsonValue] = [code.value for code in AuthErrorCode if code not in INTERNAL_ONLY_CODES]
    waiting: JsonObject = {
        "type": "object",
        "properties": {"retryAfterSeconds": {"type": "integer", "minimum": 1}},
        "required": ["retryAfterSeconds"],
    }
    details: JsonObject = {
        "description": "How long to wait, or which fields are wrong; null where the code says it all.",
        "oneOf": [{"type": "null"}, waiting, {"type": "array", "items": _field_error()}],
    }
    return _envelope("A refusal. Clients decide by `code`.", {"type": "string", "enum": public}, details)


def _validation_envelope() -> JsonObject:
    return _envelope(
        "A request that breaks rules of form; `details` has one entry per broken rule.",
        {"type": "string", "const": AuthErrorCode.VALIDATION.value},
        {"type": "array", "items": _field_error()},
    )


def _field_error() -> JsonObject:
    return {
        "type": "object",
        "properties": {"field": _TEXT, "message": _TEXT},
        "required": ["field", "message"],
    }


def _envelope(description: str, code: JsonObject, details: JsonObject) -> JsonObject:
    error: JsonObject = {
        "type": "object",
        "properties": {"code": code, "message": _TEXT, "details": details},
        "required": ["code", "message", "details"],
    }
    return {
        "type": "object",
        "description": description,
        "properties": {"error": error},
        "required": ["error"],
    }


def _simplified_object(schema: JsonObject) -> JsonObject:
    """Remove pydantic's titles and defaults, and write an optional value as one schema with two types."""
    tidy = {key: value for key, value in schema.items() if key != "title"}
    properties = schema.get("properties")
    if isinstance(properties, dict):
        tidy["properties"] = {name: _simplified_property(value) for name, value in properties.items()}
    return tidy


def _simplified_property(schema: JsonValue) -> JsonValue:
    if not isinstance(schema, dict):
        return schema
    alternatives = schema.get("anyOf")
    if isinstance(alternatives, list) and alternatives[1:] == [{"type": "null"}]:
        value = alternatives[0]
        if isinstance(value, dict) and "type" in value:
            return {**value, "type": [value["type"], "null"]}
    return {key: rule for key, rule in schema.items() if key not in {"title", "default"}}

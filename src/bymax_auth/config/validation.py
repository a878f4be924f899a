"""Converts pydantic's validation errors of a configuration into one `ConfigError`."""

import types
from collections.abc import Mapping
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bymax_auth.config.examples import example_of
from bymax_auth.config.problems import ConfigError, ConfigProblem, problem

__all__ = ["group_of", "validated", "validated_in_part"]

Model = TypeVar("Model", bound=BaseModel)

_DURATION: Final = "Set {env} to whole seconds, such as 900, or to ISO 8601, such as PT15M."


def validated(model: type[Model], values: Mapping[str, object], context: Mapping[str, Any] | None) -> Model:
    """
    Build `model` from nested values.

    Raises:
        ConfigError: a name is unknown or a value has the wrong type; it lists one problem per option.
    """
    try:
        return model.model_validate(dict(values), context=context)
    except ValidationError as error:
        faults = [_problem(model, fault) for fault in error.errors(include_url=False, include_input=False)]
    # Raised outside the handler, so that the exception is not chained to one that holds the values.
    raise ConfigError(_first_of_each_option(faults))


def validated_in_part(
    model: type[Model], values: Mapping[str, object], context: Mapping[str, Any] | None
) -> tuple[Model, list[ConfigProblem]]:
    """Build `model` without the values that it refuses; return it with a problem for each of these."""
    given = _copied(values)
    found: list[ConfigProblem] = []
    while True:
        try:
            return model.model_validate(given, context=context), _first_of_each_option(found)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
        found += [_problem(model, fault) for fault in faults]
        for fault in faults:
            _remove(given, fault["loc"])


def _copied(values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: _copied(cast("Mapping[str, object]", value)) if isinstance(value, dict) else value
        for name, value in values.items()
    }


def _remove(values: dict[str, object], location: tuple[int | str, ...]) -> None:
    """Remove the innermost dictionary entry that a location leads to, unless that is done already."""
    name, *inside = map(str, location)
    value = values.get(name)
    if inside and isinstance(value, dict):
        _remove(cast("dict[str, object]", value), tuple(inside))
    else:
        values.pop(name, None)


def group_of(annotation: object) -> type[BaseModel] | None:
    """Return the group class in an option's annotation, or ``None`` for a single value."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return next((group for group in map(group_of, get_args(annotation)) if group), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _first_of_each_option(faults: list[ConfigProblem]) -> list[ConfigProblem]:
    found: dict[str, ConfigProblem] = {}
    for fault in faults:
        found.setdefault(fault.option, fault)
    return list(found.values())


def _problem(model: type[BaseModel], fault: ErrorDetails) -> ConfigProblem:
    option = _option(model, fault["loc"])
    if fault["type"] == "extra_forbidden":
        return problem(
            "unknown_option", option, "no option has this name", "Correct or remove {env}.", path=option
        )
    if fault["type"] == "invalid_duration":
        measured = fault.get("ctx", {})
        return problem(
            "invalid_duration", option, str(measured["fault"]), _DURATION, path=option, got=measured["got"]
        )
    if fault["type"] in {"time_delta_parsing", "time_delta_type"}:
        return problem("invalid_type", option, "is no duration", _DURATION, path=option)
    message = fault["msg"].removeprefix("Input ")
    example = example_of(_without_index(option), _field(model, option))
    hint = "Set {env} to a value of the documented type" + (f", such as {example}" if example else "") + "."
    return problem("invalid_type", option, message, hint, path=option)


def _without_index(option: str) -> str:
    return option.partition("[")[0]


def _field(model: type[BaseModel], option: str) -> FieldInfo | None:
    """Return the field of an option, or ``None`` where no option has this name."""
    found: FieldInfo | None = None
    group: type[BaseModel] | None = model
    for name in _without_index(option).split("."):
        found = None if group is None else group.model_fields.get(name)
        group = None if found is None else group_of(found.annotation)
    return found


def _option(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Return a location as a dotted path, ending at the last part that is an option."""
    path = ""
    group: type[BaseModel] | None = model
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif group is not None:
            path += f".{step}" if path else step
            known = group.model_fields.get(step)
            group = group_of(known.annotation) if known else None
        else:
            break
    return path

"""Converts the members of a request body to its model, or reports every rule that they break."""

from collections.abc import Mapping
from typing import Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bymax_auth.errors import FieldError, ValidationFailed
from bymax_auth.http.body import printable_key
from bymax_auth.http.schemas.fields import BROKEN_RULE, RequestModel

__all__ = ["validate"]

ModelT = TypeVar("ModelT", bound=RequestModel)

_MESSAGES: Final = {
    "missing": "is required",
    "string_type": "must be a string",
    "string_unicode": "must be valid Unicode text",
    "extra_forbidden": "is not allowed",
}
_MAX_PROBLEMS: Final = 64


def validate(model: type[ModelT], members: Mapping[str, object]) -> ModelT:
    """
    Return `members` as an instance of `model`.

    Raises:
        ValidationFailed: One entry per broken rule, in the order of the model's fields, then one
            per key that the model does not have.  No entry contains an input value.
    """
    try:
        return model.model_validate(members)
    except ValidationError as error:
        # The context holds the violated bound; the input values are left out.
        found = error.errors(include_input=False, include_url=False)
    raise ValidationFailed(fields=tuple(_field_error(problem) for problem in found[:_MAX_PROBLEMS]))


def _field_error(problem: ErrorDetails) -> FieldError:
    return FieldError(printable_key(str(problem["loc"][0])), _message(problem))


def _message(problem: ErrorDetails) -> str:
    match problem["type"]:
        case "string_too_short":
            return f"must be at least {_counted(problem, 'min_length')}"
        case "string_too_long":
            return f"must be at most {_counted(problem, 'max_length')}"
        case kind if kind == BROKEN_RULE:
            return problem["msg"]
        case kind:
            return _MESSAGES.get(kind, "is not valid")


def _counted(problem: ErrorDetails, bound: str) -> str:
    count: int = problem.get("ctx", {})[bound]
    return f"{count} character{'' if count == 1 else 's'}"

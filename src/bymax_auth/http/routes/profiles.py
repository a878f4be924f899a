"""The routes of an engine with a profile model: what creates an account takes one, what shows it has one."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Final, cast

from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
)

from bymax_auth.http.json_limits import PROFILE_BODY
from bymax_auth.http.routes.answers import Json
from bymax_auth.http.routes.spec import AnyRoute
from bymax_auth.http.schemas.auth import ProfiledRequest
from bymax_auth.services.failures import class_name, stack_of
from bymax_auth.types.account import OwnAccount
from bymax_auth.types.wire import WireModel

__all__ = ["with_profile"]

_LOGGER: Final = logging.getLogger("bymax_auth")


def with_profile(spec: AnyRoute, profile: type[BaseModel]) -> AnyRoute:
    """Return the route with the field ``profile`` in its body and in its answer, where each can have one."""
    answer = spec.answer
    if isinstance(answer, Json) and answer.profiled:
        return replace(spec, answer=replace(answer, model=_answer_with(answer.model, profile)))
    if issubclass(spec.body, ProfiledRequest):
        return replace(spec, body=_body_with(spec.body, profile), body_limits=PROFILE_BODY)
    return spec


@cache
def _body_with(body: type[ProfiledRequest], profile: type[BaseModel]) -> type[ProfiledRequest]:
    default: Any = Field(default_factory=profile) if _is_optional(profile) else ...
    fields = {"profile": (Annotated[profile, WrapValidator(_refused)], default)}
    return cast("type[ProfiledRequest]", _extended(body.__name__, body, fields))


def _is_optional(profile: type[BaseModel]) -> bool:
    """Say whether the model accepts a profile without members, as its validators decide."""
    try:
        profile()
    except Exception:  # noqa: BLE001 - a host's validator may raise anything
        return False
    return True


def _refused(value: object, validate: ValidatorFunctionWrapHandler) -> object:
    """Refuse what makes a validator of the host raise an exception that is none of pydantic's."""
    try:
        return validate(value)
    except ValidationError:
        raise
    except Exception as error:  # noqa: BLE001 - a host's validator may raise anything
        extra = {
            "event": "profile.validator_failed",
            "exception": class_name(error),
            "stack": stack_of(error),
        }
        _LOGGER.error("A validator of the profile model failed", extra=extra)
        raise ValueError("the profile is not valid") from None


@cache
def _answer_with(model: type[WireModel], profile: type[BaseModel]) -> type[WireModel]:
    fields = {"profile": (profile | None, ...)}
    return cast("type[WireModel]", _extended(OwnAccount.__name__, model, fields))


def _extended(name: str, model: type[BaseModel], fields: Mapping[str, Any]) -> type[BaseModel]:
    return create_model(name, __base__=model, __doc__=model.__doc__, **fields)

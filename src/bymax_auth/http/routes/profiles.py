"""The routes of an engine with a profile model: what creates an account takes one, what shows it has one."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, cast

from pydantic import BaseModel, Field, create_model

from bymax_auth.http.json_limits import PROFILE_BODY
from bymax_auth.http.routes.answers import Json
from bymax_auth.http.routes.spec import AnyRoute
from bymax_auth.http.schemas.auth import ProfiledRequest
from bymax_auth.types.account import OwnAccount
from bymax_auth.types.wire import WireModel

__all__ = ["with_profile"]


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
    required = any(field.is_required() for field in profile.model_fields.values())
    default: Any = ... if required else Field(default_factory=profile)
    fields = {"profile": (profile, default)}
    return cast("type[ProfiledRequest]", _extended(body.__name__, body, fields))


@cache
def _answer_with(model: type[WireModel], profile: type[BaseModel]) -> type[WireModel]:
    fields = {"profile": (profile | None, ...)}
    return cast("type[WireModel]", _extended(OwnAccount.__name__, model, fields))


def _extended(name: str, model: type[BaseModel], fields: Mapping[str, Any]) -> type[BaseModel]:
    return create_model(name, __base__=model, __doc__=model.__doc__, **fields)

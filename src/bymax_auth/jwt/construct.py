"""Building a pydantic model from values that have been judged, at half the price of judging them again."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

__all__ = ["constructor_of"]

_Model = TypeVar("_Model", bound=BaseModel)


def constructor_of(model: type[_Model], sample: dict[str, object]) -> Callable[[dict[str, object]], _Model]:
    """
    Return the fastest function that builds `model` from a value for each of its fields.

    Values are given by attribute name, in the order of the fields.

    That is an assembly of what `model_construct` would set, which takes a tenth of its time.  Pydantic
    does not promise that inside, so the assembly must prove itself on `sample` first; where it does not
    give what validation gives, the function returned is validation.
    """
    validated = model.model_validate(sample)
    try:
        construct = _direct_constructor(model)
        equivalent = _same(construct({name: sample[name] for name in model.model_fields}), validated)
    except (AttributeError, KeyError, TypeError):
        return model.model_validate
    return construct if equivalent else model.model_validate


def _direct_constructor(model: type[_Model]) -> Callable[[dict[str, object]], _Model]:
    """
    Return the assembly.

    The models are frozen, and setting through a slot's own descriptor costs half of `object.__setattr__`.

    Raises:
        AttributeError, KeyError: Pydantic keeps its state elsewhere.
    """
    fields, new, slots = set(model.model_fields), object.__new__, vars(BaseModel)
    set_values = slots["__dict__"].__set__
    set_fields = slots["__pydantic_fields_set__"].__set__
    set_extra = slots["__pydantic_extra__"].__set__
    set_private = slots["__pydantic_private__"].__set__

    def construct(values: dict[str, object]) -> _Model:
        instance = new(model)
        set_values(instance, values)
        set_fields(instance, fields)
        set_extra(instance, None)
        set_private(instance, None)
        return instance

    return construct


def _same(constructed: BaseModel, validated: BaseModel) -> bool:
    return (
        constructed == validated
        and constructed.model_copy() == validated
        and constructed.model_dump_json() == validated.model_dump_json()
        and constructed.model_fields_set == validated.model_fields_set
    )

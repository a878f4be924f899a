"""
The columns of a host's profile: one for each field of the model, by its name.

A row is read field by field, without the model's own validators: they have judged what a client sent, and
may refuse, or change once more, what they made of it.  For the same reason no alias counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    PydanticSchemaGenerationError,
    Secret,
    SecretBytes,
    SecretStr,
    TypeAdapter,
)
from pydantic.fields import FieldInfo
from pydantic_core import to_json, to_jsonable_python
from sqlalchemy import JSON, Column, Enum, Label, String, TypeDecorator

from bymax_auth.errors import RepositoryValueRefused

__all__ = ["ProfileColumns"]

_PREFIX: Final = "profile."
"""What tells a profile's columns from an account's among the labels of a row."""


@dataclass(frozen=True, slots=True)
class ProfileColumns:
    """A model of profiles, and the column and the type of each of its fields."""

    model: type[BaseModel]
    columns: Mapping[str, Column[Any]]
    types: Mapping[str, TypeAdapter[Any]]

    @classmethod
    def of(cls, model: type[BaseModel], columns: Mapping[str, Column[Any]]) -> "ProfileColumns":
        """Return those of a model whose every field has a column."""
        return cls(model, columns, {name: _kind_of(model.model_fields[name]) for name in columns})

    def labelled(self) -> list[Label[Any]]:
        """Return every column, labelled with its field."""
        return [column.label(_PREFIX + name) for name, column in self.columns.items()]

    def values(self, profile: BaseModel) -> dict[Column[Any], object]:
        """
        Return the column values of a profile.

        Raises:
            RepositoryValueRefused: A text is too long for its column.
        """
        # Fields that are shown to nobody (`exclude=True`) are stored too, so this is no `model_dump`.
        return {
            column: self._stored(name, getattr(profile, name), column)
            for name, column in self.columns.items()
        }

    def read(self, row: Mapping[str, Any]) -> BaseModel | None:
        """Return a row's profile; ``None`` for an account that has none, as one from before the model."""
        try:
            found: dict[str, Any] = {name: self._read(name, row[_PREFIX + name]) for name in self.columns}
            profile = self.model.model_construct(set(found), **found)
        except Exception:  # noqa: BLE001 - a type of the host may raise anything
            return None
        # It takes a field's value by the field's alias first, which may be the name of another field.
        vars(profile).update(found)
        return profile

    def _stored(self, name: str, value: object, column: Column[Any]) -> object:
        concealed = isinstance(value, Secret | SecretStr | SecretBytes)
        if concealed:
            # As JSON it would be asterisks.
            value = cast("Secret[object]", value).get_secret_value()
        if _is_json(column) or (_is_text(column) and value is not None and type(value) is not str):
            # With `round_trip`, so that a value has the form that its field takes.
            dump = to_jsonable_python if concealed else partial(self.types[name].dump_python, mode="json")
            try:
                value = dump(value, by_alias=False, round_trip=True)
                to_json(value)
            except ValueError:
                # Some databases store a lone surrogate, which could not be read as JSON again.
                raise RepositoryValueRefused(_PREFIX + name, "must be valid Unicode text") from None
        elif isinstance(value, str) and not _has(column, value):
            # Without a constraint it is written, and the account could not be read again.
            raise RepositoryValueRefused(_PREFIX + name, "must be a value of the column")
        maximum = cast("String", column.type).length if _is_text(column) else None
        if isinstance(value, str) and maximum is not None and len(value) > maximum:
            raise RepositoryValueRefused(_PREFIX + name, f"must be at most {maximum} characters")
        return value

    def _read(self, name: str, stored: object) -> Any:
        kind = self.types[name]
        if _is_json(self.columns[name]):
            # As JSON, for a strict type takes a list for a tuple and a text for a date there only.
            return kind.validate_json(to_json(stored), by_alias=False, by_name=True)
        return kind.validate_python(stored, by_alias=False, by_name=True)


def _kind_of(field: FieldInfo) -> TypeAdapter[Any]:
    annotation: Any = field.rebuild_annotation()
    try:
        return TypeAdapter(annotation)
    except PydanticSchemaGenerationError:
        # A class of the host that its model allows as it is.
        return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))


def _is_json(column: Column[Any]) -> bool:
    return isinstance(_type_of(column), JSON)


def _is_text(column: Column[Any]) -> bool:
    kind = _type_of(column)
    return isinstance(kind, String) and not isinstance(kind, Enum)


def _has(column: Column[Any], text: str) -> bool:
    """Say whether an enumeration has a text; every other column has each."""
    kind = _type_of(column)
    if not isinstance(kind, Enum):
        return True
    return text in kind.enums or (kind.enum_class is not None and isinstance(text, kind.enum_class))


def _type_of(column: Column[Any]) -> object:
    # A host's own type converts by itself.
    return None if isinstance(column.type, TypeDecorator) else column.type

"""The columns of a host's profile: one for each field of the model, by its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from sqlalchemy import Column, Label, String

from bymax_auth.errors import RepositoryValueRefused

__all__ = ["ProfileColumns"]

_PREFIX: Final = "profile."
"""What tells a profile's columns from an account's among the labels of a row."""


@dataclass(frozen=True, slots=True)
class ProfileColumns:
    """A model of profiles, and the column of each of its fields."""

    model: type[BaseModel]
    columns: Mapping[str, Column[Any]]

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
            column: _stored(name, getattr(profile, name), column) for name, column in self.columns.items()
        }

    def read(self, row: Mapping[str, Any]) -> BaseModel | None:
        """Return a row's profile; ``None`` for an account that has none, as one from before the model."""
        found = {field.alias or name: row[_PREFIX + name] for name, field in self.model.model_fields.items()}
        try:
            return self.model.model_validate(found)
        except ValidationError:
            return None


def _stored(name: str, value: object, column: Column[Any]) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    maximum = column.type.length if isinstance(column.type, String) else None
    if isinstance(value, str) and maximum is not None and len(value) > maximum:
        raise RepositoryValueRefused(_PREFIX + name, f"must be at most {maximum} characters")
    return value

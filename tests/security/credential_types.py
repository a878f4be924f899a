"""Every type of the package that holds a credential, found by walking it, and an instance of each."""

import dataclasses
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

import bymax_auth
from bymax_auth.types.secret import Secret
from tests.security.gates import is_secret

__all__ = ["PLANTED", "CredentialType", "classes", "credential_types"]

PLANTED = "planted-Zq7-amber-thicket-monsoon-0123456789"
"""Stands where a credential would."""

KEYS = ("_key", "_keys", "html", "text", "body", "proven", "profile", "state", "cookie")


class Profile(BaseModel):
    """What a host asks of a newcomer, which may be anything."""

    note: str


CONTENT = {str, bytes, Secret, BaseModel}
"""What a field that holds a credential is made of."""


@dataclasses.dataclass(frozen=True)
class CredentialType:
    """A dataclass or model, and which of its fields hold credentials."""

    type: type[Any]
    fields: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.type.__module__.removeprefix('bymax_auth.')}.{self.type.__qualname__}"

    def instance(self) -> Any:
        """An instance whose credentials are `PLANTED` and whose other fields hold nothing."""
        values: dict[str, Any] = {
            name: "plain" if hint is str else None for name, hint in _hints(self.type).items()
        }
        values |= {name: _planted(hint) for name, hint in self.fields.items()}
        if issubclass(self.type, BaseModel):
            return self.type.model_construct(**values)
        made = object.__new__(self.type)
        for name, value in values.items():
            object.__setattr__(made, name, value)
        return made


def credential_types() -> Iterator[CredentialType]:
    """Every dataclass and model with a field that is text, bytes or a model and named like a credential."""
    for kind in classes():
        if dataclasses.is_dataclass(kind) or issubclass(kind, BaseModel):
            held = {
                name: hint
                for name, hint in _hints(kind).items()
                if (is_secret(name) or name.endswith(KEYS)) and CONTENT & set(_parts(hint))
            }
            if held:
                yield CredentialType(kind, held)


def classes() -> list[type[Any]]:
    """Every class that the package defines."""
    found: dict[str, type[Any]] = {}
    for module in pkgutil.walk_packages(bymax_auth.__path__, "bymax_auth."):
        for value in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(value) and value.__module__ == module.name:
                found[f"{module.name}.{value.__qualname__}"] = value
    return list(found.values())


def _hints(kind: type[Any]) -> dict[str, Any]:
    names = (
        list(kind.model_fields)
        if issubclass(kind, BaseModel)
        else [field.name for field in dataclasses.fields(kind)]
    )
    hints = typing.get_type_hints(kind)
    return {name: hints[name] for name in names}


def _parts(hint: Any) -> Iterator[Any]:
    """The types of the values that a hint allows; a class that is itself the value is none."""
    yield hint
    for part in () if typing.get_origin(hint) is type else typing.get_args(hint):
        yield from _parts(part)


def _planted(hint: Any) -> Any:
    parts = set(_parts(hint))
    if BaseModel in parts:
        return Profile(note=PLANTED)
    value: Any = Secret(PLANTED) if Secret in parts else PLANTED.encode() if bytes in parts else PLANTED
    return (value,) if any(typing.get_origin(part) is tuple for part in parts) else value

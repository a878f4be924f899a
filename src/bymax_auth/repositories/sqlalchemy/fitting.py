"""
Whether a host's table fits the accounts that a repository keeps in it, judged when it is built.

Everything that does not fit is said at once, by column.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, cast

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from sqlalchemy import Column, Dialect, Index, Label, Table, UniqueConstraint, false, inspect
from sqlalchemy.orm import Mapper

from bymax_auth.errors import RepositoryValueRefused
from bymax_auth.repositories.sqlalchemy.conversions import (
    Conversion,
    NoConversion,
    Unwritable,
    code_list,
    flag,
    instant,
    key,
    text,
)
from bymax_auth.repositories.sqlalchemy.profiles import ProfileColumns
from bymax_auth.types.account import AuthPlatformUser, AuthUser

__all__ = ["AccountTable", "FittedTable", "IdentityRow", "Written", "fit", "fit_identities"]

AccountTable = Table | type[object]
"""A table, or a mapped class of the host."""

_CHOOSERS: Final[Mapping[str, Callable[[Column[Any], Dialect | None], Conversion]]] = {
    "id": key,
    "tenant_id": key,
    "user_id": key,
    "email_verified": flag,
    "mfa_enabled": flag,
    "last_login_at": instant,
    "linked_at": instant,
    "created_at": instant,
    "updated_at": instant,
    "mfa_recovery_codes": code_list,
}
"""How the fields that are not plain text are converted."""

_LONGEST_SECRETS: Final = {
    "password_hash": (160, "password hashes are up to that long"),
    "mfa_secret": (96, "encrypted secrets are up to that long"),
}
"""The longest password hash and encrypted TOTP secret that the library writes, rounded up."""
_UUID_LENGTH: Final = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Values that a repository writes by itself: without them in a column, no account can be created."""

    role: str | None = None
    status: str | None = None
    makes_ids: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRow:
    """A row of a table of identities."""

    tenant_id: str
    provider: str
    provider_id: str
    user_id: str
    linked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedTable:
    """A table with a column and a conversion for each field of an account, and its profile's columns."""

    table: Table
    columns: Mapping[str, Column[Any]]
    conversions: Mapping[str, Conversion]
    profile: ProfileColumns | None

    def labelled(self) -> list[Label[Any]]:
        """Return every column, labelled with its field."""
        own = [column.label(name) for name, column in self.columns.items()]
        return own if self.profile is None else own + self.profile.labelled()

    def values(self, values: Mapping[str, object]) -> dict[Column[Any], object]:
        """
        Return the column values of the fields in `values`.

        Raises:
            RepositoryValueRefused: A column cannot hold a value.
        """
        own = {name: value for name, value in values.items() if name in self.columns}
        written = {self.columns[name]: self._written(name, value) for name, value in own.items()}
        profile = values.get("profile")
        if self.profile is None or not isinstance(profile, BaseModel):
            return written
        return written | self.profile.values(profile)

    def matches(self, name: str, value: str | bool) -> Any:
        """Return the condition that a field is `value`: never true for what its column cannot hold."""
        try:
            return self.columns[name] == self.conversions[name].write(value)
        except Unwritable:
            return false()

    def after(self, name: str, value: str) -> Any:
        """Return the condition that a field comes after `value` in the column's order."""
        try:
            return self.columns[name] > self.conversions[name].write(value)
        except Unwritable:
            return false()

    def fields(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row, by field, as arguments of an account's constructor."""
        read = {
            name: None if row[name] is None else convert.read(row[name])
            for name, convert in self.conversions.items()
        }
        return read if self.profile is None else read | {"profile": self.profile.read(row)}

    def makes_id(self) -> bool:
        """Say whether the table makes the ids: by a default, an identity or a sequence."""
        return _fills(self.table, self.columns["id"])

    def _written(self, name: str, value: object) -> object:
        if value is None:
            return None
        try:
            return self.conversions[name].write(value)
        except Unwritable as error:
            raise RepositoryValueRefused(to_camel(name), str(error)) from None


def fit(
    source: AccountTable,
    account: type[AuthUser] | type[AuthPlatformUser] | type[IdentityRow],
    written: Written,
    dialect: Dialect | None,
    profile: type[BaseModel] | None = None,
) -> FittedTable:
    """
    Return the table of `source` for rows of this kind, with a column for each field of `profile`.

    Raises:
        ValueError: It does not fit; the message names every column and says what each needs.
    """
    table, found = _table_of(source)
    needed = {field.name: field for field in fields(account) if field.name != "profile"}
    faults = {name: "is missing" for name in needed if name not in found}
    columns = {name: found[name] for name in needed if name in found}
    conversions: dict[str, Conversion] = {}
    for name, column in columns.items():
        try:
            conversions[name] = _CHOOSERS.get(name, text)(column, dialect)
        except NoConversion as error:
            faults[name] = f"{error}, not {column.type!r}"
    for name, convert in conversions.items():
        optional = "None" in str(needed[name].type)
        for fault in _unfit(name, columns[name], convert, written, optional=optional):
            faults[name] = fault
    extra = [] if profile is None else [*profile.model_fields]
    faults |= {name: "is missing, and the profile has it" for name in extra if name not in found}
    faults |= {name: "is a field of the account, and of the profile" for name in extra if name in needed}
    if profile is not None and profile.model_config.get("extra") == "allow":
        faults["profile"] = "has extra='allow', and further fields have no column"
    kept = {name: found[name] for name in extra if name in found}
    ours = {*columns.values(), *kept.values()}
    faults |= {
        column.name: "is NOT NULL, has no default, and is no field of an account"
        for column in table.columns
        if column not in ours and not column.nullable and not _fills(table, column)
    }
    if faults:
        said = "; ".join(f"{name} {fault}" for name, fault in faults.items())
        raise ValueError(f"{table.name} does not fit {account.__name__}: {said}.")
    own = None if profile is None else ProfileColumns.of(profile, kept)
    return FittedTable(table=table, columns=columns, conversions=conversions, profile=own)


def fit_identities(source: AccountTable, dialect: Dialect | None) -> FittedTable:
    """
    Return the table of `source` for identities.

    Raises:
        ValueError: It does not fit, or nothing in it keeps one identity from being two users'.
    """
    fitted = fit(source, IdentityRow, Written(), dialect)
    identity = {fitted.columns[name] for name in ("tenant_id", "provider", "provider_id")}
    constraints = [
        *(one for one in fitted.table.constraints if isinstance(one, UniqueConstraint)),
        fitted.table.primary_key,
    ]
    unique = [set(one.columns) for one in constraints] + [
        set(index.expressions) for index in fitted.table.indexes if _is_unique(index)
    ]
    if identity not in unique:
        raise ValueError(
            f"{fitted.table.name} does not fit IdentityRow: tenant, provider and provider_id must be unique "
            "together, by the primary key, a constraint or an index."
        )
    return fitted


def _is_unique(index: Index) -> bool:
    """Say whether the index concerns every row."""
    partial = any(options.get("where") is not None for options in index.dialect_options.values())
    return bool(index.unique) and not partial


def _table_of(source: AccountTable) -> tuple[Table, Mapping[str, Column[Any]]]:
    if isinstance(source, Table):
        return source, dict(source.columns.items())
    mapper = cast("Mapper[object]", inspect(source))
    if len(mapper.tables) != 1:
        raise ValueError(f"{source.__name__} is mapped to {len(mapper.tables)} tables.")
    return cast("Table", mapper.tables[0]), dict(mapper.columns.items())


def _unfit(
    name: str, column: Column[Any], convert: Conversion, written: Written, *, optional: bool
) -> Iterator[str]:
    """Yield what is wrong with a column whose type fits; the last one is reported."""
    if optional and not column.nullable:
        yield "must be nullable: not every account has one"
    if column.computed is not None and name != "id":
        yield "is computed by the database, so no account can be written to it"
    longest, why = _LONGEST_SECRETS.get(name, (0, ""))
    if convert.maximum is not None and convert.maximum < longest:
        yield f"must hold {longest} characters: {why}"
    if name == "id" and written.makes_ids:
        yield from _cannot_be_made(column, convert)
    value = getattr(written, name, None) if name in {"role", "status"} else None
    if value is not None:
        try:
            convert.write(value)
        except Unwritable as error:
            yield f"{error}, and new accounts have {value!r}"


def _cannot_be_made(column: Column[Any], convert: Conversion) -> Iterator[str]:
    filled = _fills(column.table, column)
    if convert.python_type is int and not filled:
        yield "is an integer that nothing counts: give it autoincrement, an identity or a default"
    if filled and not column.primary_key:
        yield "has a default and is not in the primary key, from which a new id is read back"
    if not filled and convert.maximum is not None and convert.maximum < _UUID_LENGTH:
        yield f"must hold {_UUID_LENGTH} characters: new ids are UUIDs"


def _fills(table: Any, column: Column[Any]) -> bool:
    """Say whether a row that names no value for the column gets one."""
    return (
        column.default is not None
        or column.server_default is not None
        or column.computed is not None
        or column.identity is not None
        or table.autoincrement_column is column
    )

"""Tables of another system, found by the names that its versions give them, and read as they are stored."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, inspect
from sqlalchemy.types import NullType

from bymax_auth.cli.migrate.candidates import SourceUnusable

__all__ = ["OWNER", "FoundTable", "Row", "TableForm", "find_table", "table_names"]

Row = Mapping[str, Any]
"""A row by the names of its columns."""

OWNER: Final = "owner"
"""The column by which a row refers to its account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm:
    """A table as a system has it: its possible names, and each column that must be there, with its names."""

    names: Sequence[str]
    columns: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    needed: bool = False

    @classmethod
    def of_owner(cls, *names: str, needed: bool = False, **columns: Sequence[str]) -> "TableForm":
        """Return the form of a table whose rows refer to accounts."""
        return cls(names=names, columns={OWNER: ("user_id", "userId"), **columns}, needed=needed)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table that is there, and the columns of its form by the names that they have."""

    table: Table
    names: Mapping[str, str]

    def column(self, name: str) -> Column[Any]:
        """Return a column of the form."""
        return self.table.c[self.names[name]]

    def renamed(self, row: Row) -> Row:
        """Return a row in which the columns of the form have its names."""
        return {**row, **{name: row[actual] for name, actual in self.names.items()}}


def table_names(connection: Connection, schema: str | None) -> Collection[str]:
    """Return the names of all tables of a schema."""
    return frozenset(inspect(connection).get_table_names(schema=schema))


def find_table(
    connection: Connection, form: TableForm, present: Collection[str], schema: str | None
) -> FoundTable | None:
    """
    Return the table of a form, ``None`` where there is none that must be there.

    Raises:
        SourceUnusable: It is missing, lacks a column, or several tables of accounts have the form.
    """
    metadata = MetaData()
    named = [_reflected(connection, name, metadata, schema) for name in form.names if name in present]
    if not named:
        if form.needed:
            raise SourceUnusable(f"the source has no table {form.names[0]!r}{_hint(form)}.")
        return None
    fitting = [found for table in named if (found := _fit(form, table)) is not None]
    if len(fitting) > 1 and OWNER not in form.columns:
        both = " and ".join(repr(one.table.name) for one in fitting)
        raise SourceUnusable(f"the source has the tables {both}{_hint(form)}.")
    if not fitting:
        missing = [names[0] for names in form.columns.values() if not _first(named[0], names)]
        raise SourceUnusable(f"the table {named[0].name!r} has no column {', '.join(missing)}.")
    return fitting[0]


def _hint(form: TableForm) -> str:
    return "" if OWNER in form.columns else ": name one with --table"


def _fit(form: TableForm, table: Table) -> FoundTable | None:
    names = {name: _first(table, possible) for name, possible in form.columns.items()}
    found = {name: actual for name, actual in names.items() if actual}
    return FoundTable(table, found) if len(found) == len(names) else None


def _first(table: Table, names: Sequence[str]) -> str:
    return next((name for name in names if name in table.c), "")


def _reflected(connection: Connection, name: str, metadata: MetaData, schema: str | None) -> Table:
    sqlite = connection.dialect.name == "sqlite"

    def as_stored(_inspector: object, _table: Table, column: dict[str, Any]) -> None:
        # SQLite keeps any value in any column, and a type would raise for one that it does not expect.
        if sqlite and not isinstance(column["type"], Integer | String):
            column["type"] = NullType()

    return Table(
        name,
        metadata,
        schema=schema,
        autoload_with=connection,
        resolve_fks=False,
        listeners=[("column_reflect", as_stored)],
    )

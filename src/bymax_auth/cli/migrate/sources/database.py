"""A source in a database: its tables as they are there, read page by page in the order of the ids."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, MetaData, Table, func, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, InvalidRequestError, NoSuchTableError
from sqlalchemy.ext.asyncio import AsyncEngine

from bymax_auth.cli.deployment import connections_to
from bymax_auth.cli.migrate.candidates import Candidate, Page, SourceUnusable
from bymax_auth.repositories.sqlalchemy.failures import translated
from bymax_auth.types.wire import as_utc

__all__ = ["PAGE", "DatabaseSource", "Row", "Tables", "moment", "open_source_database", "text"]

PAGE: Final = 500

Row = Mapping[str, Any]
"""A row by the names of its columns."""


def open_source_database(url: str) -> AsyncEngine:
    """
    Return the connections to the database of the other system; its first use opens one.

    Raises:
        SourceUnusable: It is no database URL, its driver is not installed, or its file does not exist.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
            raise SourceUnusable("the source's database file does not exist.")
        return connections_to(parsed)
    except ImportError as error:
        raise SourceUnusable(f"the source needs a driver: {error.name} is not installed.") from None
    except InvalidRequestError:
        raise SourceUnusable(
            "the source's URL names a driver that is not asynchronous: leave it out."
        ) from None
    except (ArgumentError, ValueError):
        raise SourceUnusable(
            "the source is not a database URL, such as postgresql://user@host/name."
        ) from None


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a source, by the name that the other system gives them; optional ones may be absent."""

    found: Mapping[str, Table]

    def column(self, table: str, *names: str) -> Column[Any] | None:
        """Return the first of these columns that a table has."""
        present = self.found.get(table)
        if present is None:
            return None
        return next((present.c[name] for name in names if name in present.c), None)


class DatabaseSource:
    """
    Implements `Source` for one system; a subclass says which tables it has and what a row means.

    Args:
        connections: The database.
        table: The name of the table of accounts, where it is not the default one.
    """

    users: str
    """The name of the table of accounts."""
    schema: str | None = None
    required: Mapping[str, Sequence[str]]
    """Columns of the table of accounts that must be there, each with its possible names."""
    optional: Sequence[str] = ()
    """Further tables."""

    def __init__(self, connections: AsyncEngine, table: str | None) -> None:
        self._connections = connections
        self._users = table or self.users
        self._tables: Tables | None = None

    async def total(self) -> int | None:
        """Return how many rows the table of accounts has."""
        tables = await self._read_tables()
        with translated():
            async with self._connections.connect() as connection:
                return await connection.scalar(select(func.count()).select_from(tables.found[self._users]))

    async def pages(self, after: str | None) -> AsyncIterator[Page]:
        """Yield the accounts in the order of their ids."""
        tables = await self._read_tables()
        users = tables.found[self._users]
        key = users.c.id
        while True:
            statement = select(users).order_by(key).limit(PAGE)
            if after is not None:
                statement = statement.where(key > _as_key(key, after))
            rows = await self.rows(statement)
            if not rows:
                return
            related = await self.related(tables, [row["id"] for row in rows])
            after = str(rows[-1]["id"])
            candidates = [self.candidate(_renamed(row, self.required), related) for row in rows]
            yield Page(candidates=candidates, cursor=after)

    def candidate(self, row: Row, related: Mapping[str, Mapping[Any, list[Row]]]) -> Candidate:
        """Return the account of a row, with the rows of other tables that refer to it."""
        raise NotImplementedError

    async def related(self, tables: Tables, ids: Sequence[Any]) -> Mapping[str, Mapping[Any, list[Row]]]:
        """Return the rows of further tables that refer to these accounts, by table and by account."""
        found: dict[str, Mapping[Any, list[Row]]] = {}
        for name in self.optional:
            owner = tables.column(name, "user_id", "userId")
            if owner is None:
                continue
            of_owner: dict[Any, list[Row]] = {}
            for row in await self.rows(select(owner.table).where(owner.in_(ids))):
                of_owner.setdefault(row[owner.name], []).append(row)
            found[name] = of_owner
        return found

    async def rows(self, statement: Any) -> list[Row]:
        """Run a query."""
        with translated():
            async with self._connections.connect() as connection:
                return [dict(row) for row in (await connection.execute(statement)).mappings()]

    async def aclose(self) -> None:
        """Close every connection."""
        await self._connections.dispose()

    async def _read_tables(self) -> Tables:
        if self._tables is None:
            with translated():
                async with self._connections.connect() as connection:
                    found = await connection.run_sync(self._reflected)
            if found is None:
                raise SourceUnusable(f"the source has no table {self._users!r}: name it with --table.")
            missing = [
                names[0]
                for names in ([["id"], *self.required.values()])
                if found.column(self._users, *names) is None
            ]
            if missing:
                raise SourceUnusable(f"the table {self._users!r} has no column {', '.join(missing)}.")
            self._tables = found
        return self._tables

    def _reflected(self, connection: Any) -> Tables | None:
        metadata = MetaData()
        tables: dict[str, Table] = {}
        present = set(inspect(connection).get_table_names(schema=self.schema))
        for name in (self._users, *self.optional):
            if name not in present:
                continue
            try:
                tables[name] = Table(
                    name, metadata, schema=self.schema, autoload_with=connection, resolve_fks=False
                )
            except NoSuchTableError:  # pragma: no cover - dropped between two statements
                continue
        return Tables(tables) if self._users in tables else None


def text(value: object) -> str:
    """Return a value of a database as text, nothing as an empty one."""
    return "" if value is None else str(value)


def moment(value: object) -> datetime | None:
    """Return an instant, ``None`` for what is none."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return as_utc(value) if isinstance(value, datetime) else None


def _renamed(row: Row, required: Mapping[str, Sequence[str]]) -> Row:
    """Return a row in which a column has its first name; of several columns the one named first counts."""
    found = {names[0]: next((name for name in names if name in row), None) for names in required.values()}
    renamed = {first: row[name] for first, name in found.items() if name is not None}
    return {**row, **renamed}


def _as_key(column: Column[Any], cursor: str) -> object:
    kind = _python_type(column)
    if kind is int:
        return int(cursor)
    return UUID(cursor) if kind is UUID else cursor


def _python_type(column: Column[Any]) -> type[Any] | None:
    try:
        return column.type.python_type
    except NotImplementedError:
        return None

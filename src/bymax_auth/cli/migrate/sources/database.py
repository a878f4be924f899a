"""A source in a database: its tables as they are there, read page by page in the order of the ids."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Connection, Select, func, make_url, select
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine

from bymax_auth.cli.deployment import connections_to
from bymax_auth.cli.migrate.candidates import Candidate, Page, SourceUnusable
from bymax_auth.cli.migrate.sources.ownership import (
    ACCOUNT,
    Ownership,
    belongs,
    is_exactly,
    ownership_of,
)
from bymax_auth.cli.migrate.sources.tables import OWNER, FoundTable, Row, TableForm, find_table, table_names
from bymax_auth.cli.migrate.sources.values import UNREADABLE, damaged
from bymax_auth.errors import RepositoryBackendError
from bymax_auth.repositories.sqlalchemy.conversions import python_type_of
from bymax_auth.repositories.sqlalchemy.failures import translated

__all__ = ["PAGE", "DatabaseSource", "Related", "open_source_database"]

PAGE: Final = 500

_ROWS: Final = "\0"
"""Begins the cursor of a page of rows that belong to nobody: how many of them were read."""

_Tables = tuple[FoundTable, Mapping[str, Ownership]]
"""The table of accounts, and by their first names the tables whose rows refer to them."""

Related = Mapping[str, Mapping[Any, Sequence[Row]]]
"""Rows of further tables, by the first name of the table and by account."""


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


class DatabaseSource(ABC):
    """
    Implements `Source` for one system; a subclass says which tables it has and what a row means.

    Args:
        connections: The database.
        table: The name of the table of accounts, where it is not the default one.
    """

    users: TableForm
    """The table of accounts."""
    schema: str | None = None
    further: Sequence[TableForm] = ()
    """Tables whose rows refer to accounts."""

    def __init__(self, connections: AsyncEngine, table: str | None) -> None:
        self._connections = connections
        names = (table,) if table else self.users.names
        columns = {"id": ("id",), **self.users.columns}
        self._form: Final = TableForm(names=names, columns=columns, needed=True)
        self._tables: _Tables | None = None

    async def total(self) -> int | None:
        """Return how many rows the table of accounts has."""
        users, _ = await self._read_tables()
        return await self._count(select(users.table.c.id))

    async def pages(self, after: str | None) -> AsyncIterator[Page]:
        """Yield the accounts in the order of their ids, then the rows of other tables that belong to none."""
        users, further = await self._read_tables()
        if after is None or not after.startswith(_ROWS):
            async for page in self._account_pages(users, further, after):
                yield page
        done = int(after.removeprefix(_ROWS)) if after is not None and after.startswith(_ROWS) else 0
        async for page in self._unowned_pages(further, done):
            yield page

    async def _account_pages(
        self, users: FoundTable, further: Mapping[str, Ownership], after: str | None
    ) -> AsyncIterator[Page]:
        key = users.table.c.id
        # Not its text: bytes and numbers are ordered by themselves, and a page could begin again for ever.
        last = None if after is None else _as_key(key, after)
        while True:
            ids = select(key).order_by(key).limit(PAGE)
            if last is not None:
                ids = ids.where(key > last)
            found = [row["id"] for row in await self._rows(ids)]
            if not found:
                return
            candidates = await self._candidates(users, further, found)
            last = found[-1]
            yield Page(candidates=candidates, cursor=str(last))
            if last is None:  # nothing comes after an id that is none
                return

    async def _unowned_pages(self, further: Mapping[str, Ownership], done: int) -> AsyncIterator[Page]:
        before = 0
        for ownership in further.values():
            count = await self._count(ownership.unowned())
            for offset in range(max(0, done - before), count, PAGE):
                found = await self._unowned(ownership, offset, min(PAGE, count - offset))
                yield Page(candidates=found, cursor=f"{_ROWS}{before + offset + len(found)}")
            before += count

    async def _unowned(self, ownership: Ownership, offset: int, count: int) -> list[Candidate]:
        """Return what stands for some owners that are no account; one that cannot be read is damaged."""
        name, unowned = ownership.table.table.name, ownership.unowned()
        try:
            rows = await self._rows(unowned.offset(offset).limit(count))
        except RepositoryBackendError:
            if count > 1:
                return [(await self._unowned(ownership, offset + one, 1))[0] for one in range(count)]
            # A database that fails altogether raises here.
            await self._count(unowned)
            return [damaged(f"{name}: {offset}")]
        return [Candidate(id=f"{name}: {row[OWNER]}", email=None, refused="owner_missing") for row in rows]

    @abstractmethod
    def candidate(self, row: Row, related: Related) -> Candidate:
        """Return the account of a row, with the rows of other tables that refer to it."""

    def tables(self, present: Collection[str]) -> Sequence[TableForm]:
        """Return the further tables, of those that are present."""
        return self.further

    async def aclose(self) -> None:
        """Close every connection."""
        await self._connections.dispose()

    async def _candidates(
        self, users: FoundTable, further: Mapping[str, Ownership], ids: Sequence[Any]
    ) -> list[Candidate]:
        """Return the accounts with these ids; one that its driver cannot read is damaged."""
        key = users.table.c.id
        try:
            rows = {row["id"]: row for row in await self._rows(select(users.table).where(key.in_(ids)))}
            related, unclear = await self._related(further, ids)
        except RepositoryBackendError:
            if len(ids) > 1:
                return [(await self._candidates(users, further, [one]))[0] for one in ids]
            # A database that fails altogether raises here.
            await self._rows(select(key).where(key == ids[0]))
            return [damaged(str(ids[0]))]
        return [
            Candidate(id=str(one), email=None, refused="owner_unclear")
            if one in unclear
            else self._read(one, rows.get(one), users, related)
            for one in ids
        ]

    def _read(self, account_id: object, row: Row | None, users: FoundTable, related: Related) -> Candidate:
        if row is None:  # deleted since its id was read
            return Candidate(id=str(account_id), email=None, refused="deleted")
        try:
            return self.candidate(users.renamed(row), related)
        except UNREADABLE:
            return damaged(str(account_id))

    async def _related(
        self, further: Mapping[str, Ownership], ids: Sequence[Any]
    ) -> tuple[Related, Collection[Any]]:
        """Return the rows of these accounts, and the accounts that may have the rows of others."""
        found: dict[str, Mapping[Any, Sequence[Row]]] = {}
        unclear: set[Any] = set()
        for name, ownership in further.items():
            of_account: dict[Any, list[Row]] = {}
            rows = [row for one in ownership.rows_of(ids) for row in await self._rows(one)]
            accounts = await self._accounts_of(ownership, rows)
            for row in rows:
                account, owner = row[ACCOUNT], row[ownership.owner.name]
                match belongs(owner, account, accounts.get(owner, ())):
                    case True:
                        of_account.setdefault(account, []).append(ownership.table.renamed(row))
                    case False:
                        pass
                    case None:
                        unclear.add(account)
            found[name] = of_account
        return found, unclear

    async def _accounts_of(self, ownership: Ownership, rows: Sequence[Row]) -> Mapping[Any, Collection[Any]]:
        """Return to which accounts the database gives the owners that are not written as the account's id."""
        name, found = ownership.owner.name, dict[Any, set[Any]]()
        owners = {row[name] for row in rows if not is_exactly(row[name], row[ACCOUNT])}
        if owners:
            for one in ownership.accounts_of(list(owners)):
                for row in await self._rows(one):
                    found.setdefault(row[OWNER], set()).add(row[ACCOUNT])
        return found

    async def _rows(self, statement: Select[Any]) -> list[Row]:
        with translated():
            async with self._connections.connect() as connection:
                return [dict(row) for row in (await connection.execute(statement)).mappings()]

    async def _count(self, statement: Select[Any]) -> int:
        (row,) = await self._rows(select(func.count().label("count")).select_from(statement.subquery()))
        return int(row["count"])

    async def _read_tables(self) -> _Tables:
        if self._tables is None:
            found: _Tables | SourceUnusable
            with translated():
                async with self._connections.connect() as connection:
                    found = await connection.run_sync(self._find)
            if isinstance(found, SourceUnusable):
                raise found
            self._tables = found
        return self._tables

    def _find(self, connection: Connection) -> _Tables | SourceUnusable:
        """Return the tables, or what is wrong with them, which is no failure of the database."""
        present = table_names(connection, self.schema)
        try:
            users = find_table(connection, self._form, present, self.schema)
            if users is None:
                raise AssertionError("the table of accounts is needed")
            further = {
                form.names[0]: ownership_of(connection, users.table.c.id, found)
                for form in self.tables(present)
                if (found := find_table(connection, form, present, self.schema)) is not None
            }
        except SourceUnusable as problem:
            return problem
        return users, further


def _as_key(column: Column[Any], cursor: str) -> object:
    kind = python_type_of(column.type)
    try:
        if kind is int:
            return int(cursor)
        return UUID(cursor) if kind is UUID else cursor
    except ValueError:
        raise SourceUnusable("the report's position is no id of the source.") from None

"""
To which account a row of another table belongs.

    the row's owner, as text, is the account's id                        ──▶ it is the account's
    the database takes it for the id of that account alone,
      and it is another spelling of it: 'A1' of 'a1', '007' of 7          ──▶ it is the account's
    the database takes it for an id, and it may be somebody else's        ──▶ the account is refused
    the database takes it for no id                                       ──▶ the row is reported

Databases compare text with numbers, or ignore case, accents and what follows a number; what they take for
equal may be another account, and its password would open this one.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    cast,
    collate,
    false,
    literal,
    not_,
    select,
)
from sqlalchemy.exc import DBAPIError

from bymax_auth.cli.migrate.sources.tables import OWNER, FoundTable

__all__ = ["ACCOUNT", "Ownership", "belongs", "is_exactly", "ownership_of"]

ACCOUNT: Final = "bymax_auth_account"
"""The name of the account's id beside the columns of a row that refers to it."""

Comparison = Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]
"""Says whether a row's owner is an account's id."""

_BINARY: Final = {"postgresql": "C", "mysql": "utf8mb4_bin", "mariadb": "utf8mb4_bin"}


@dataclass(frozen=True, slots=True)
class Ownership:
    """
    The rows of a table and the accounts that they refer to.

    Args:
        key: The id of accounts.
        table: The table.
        comparisons: The ways in which the database compares an owner with an id; either of them is enough.
    """

    key: Column[Any]
    table: FoundTable
    comparisons: Sequence[Comparison]

    @property
    def owner(self) -> Column[Any]:
        """The column by which a row refers to its account."""
        return self.table.column(OWNER)

    def rows_of(self, ids: Sequence[Any]) -> Iterator[Select[Any]]:
        """Yield what selects the rows that the database gives to these accounts, each row in one of them."""
        for joined in self._joined(self.table.table):
            yield joined.where(self.key.in_(ids))

    def accounts_of(self, owners: Sequence[Any]) -> Iterator[Select[Any]]:
        """Yield what selects the accounts to which the database gives rows with these owners."""
        for joined in self._joined(self.owner.label(OWNER)):
            yield joined.distinct().where(self.owner.in_(owners))

    def unowned(self) -> Select[Any]:
        """Return what selects the owners that are no account, in a fixed order."""
        statement = select(self.owner.label(OWNER)).distinct().order_by(self.owner)
        joined: Any = self.table.table
        for equal in self.comparisons:
            other = self.key.table.alias()
            # An outer join, and no subquery, for which SQLite would read every account for every row.
            joined = joined.outerjoin(other, equal(self.owner, other.c[self.key.name]))
            statement = statement.where(other.c[self.key.name].is_(None))
        return statement.select_from(joined)

    def _joined(self, wanted: Table | ColumnElement[Any]) -> Iterator[Select[Any]]:
        """Yield what selects ids and what is wanted, by each comparison, without what earlier ones join."""
        selected: Select[Any] = select(self.key.label(ACCOUNT)).add_columns(wanted)
        earlier: list[ColumnElement[bool]] = []
        for equal in self.comparisons:
            condition = equal(self.owner, self.key)
            yield selected.join_from(self.key.table, self.table.table, condition).where(
                *(not_(one) for one in earlier)
            )
            earlier.append(condition)


def ownership_of(connection: Connection, key: Column[Any], table: FoundTable) -> Ownership:
    """Return how rows of a table refer to accounts."""
    owner = table.column(OWNER)
    if connection.dialect.name == "sqlite":
        # The left operand says which text is equal.  Source: SQLite, Datatypes §7.1 and Foreign Keys §3.
        alike = _collation(connection, owner) == _collation(connection, key)
        return Ownership(key, table, (_of_owner,) if alike else (_of_owner, _of_key))
    collation = _BINARY.get(connection.dialect.name)
    if collation is None or _comparable(connection, owner, key):
        return Ownership(key, table, (_of_owner,))
    return Ownership(key, table, (_as_text(collation),))


def is_exactly(owner: object, account: object) -> bool:
    """Say whether an owner is written as the id of an account."""
    return str(owner) == str(account)


def belongs(owner: object, account: object, accounts: Collection[object]) -> bool | None:
    """
    Say whether a row with this owner is the account's, ``None`` where that is unclear.

    Args:
        owner: What the row says.
        account: An account to which the database gives the row.
        accounts: All of them.
    """
    if is_exactly(owner, account):
        return True
    if any(is_exactly(owner, one) for one in accounts):
        return False
    return True if len(accounts) == 1 and _spelled(owner) == _spelled(account) else None


def _spelled(value: object) -> str:
    """Return what two spellings of an id have in common: no case, no spaces at the end, no leading zeros."""
    text = str(value).rstrip(" ").casefold()
    if text.isdecimal():
        return text.lstrip("0") or "0"
    try:
        return UUID(text).hex
    except ValueError:
        return text


def _of_owner(owner: ColumnElement[Any], key: ColumnElement[Any]) -> ColumnElement[bool]:
    return owner == key


def _of_key(owner: ColumnElement[Any], key: ColumnElement[Any]) -> ColumnElement[bool]:
    return key == owner


def _as_text(collation: str) -> Comparison:
    def equal(owner: ColumnElement[Any], key: ColumnElement[Any]) -> ColumnElement[bool]:
        return collate(cast(owner, Text), collation) == cast(key, Text)

    return equal


def _collation(connection: Connection, column: Column[Any]) -> object:
    """Return which texts a column of SQLite takes for equal: a subquery keeps its collation."""
    none = select(column.label("compared")).where(false())
    text = none.union_all(select(literal("a"))).subquery().c.compared
    return connection.execute(select(text == literal("A"), text == literal("a "))).one()


def _comparable(connection: Connection, owner: Column[Any], key: Column[Any]) -> bool:
    """Say whether the database compares the two columns; their types or collations may not go together."""
    one = select(owner).where(owner.is_not(None)).limit(1).scalar_subquery()
    another = select(key).limit(1).scalar_subquery()
    try:
        with connection.begin_nested():
            connection.execute(select(one == another))
    except DBAPIError:
        return False
    return True

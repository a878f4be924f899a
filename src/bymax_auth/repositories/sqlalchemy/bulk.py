"""
Many accounts at once, for a migration from another system: looked up, inserted, completed and removed.

Rule 1: a batch is one transaction.  After a failure, none of it is stored.
Rule 2: an account that exists is only completed: a column is written where it is empty, and in no other case.
Rule 3: removing undoes exactly that.  An account is removed by whoever wrote it, which its time of creation
        tells (`marked`), and a column is emptied where it still has the value that was written.
Rule 4: what people have used since is kept, unless the caller asks for it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from secrets import randbelow
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bymax_auth.errors import RepositoryConflict
from bymax_auth.repositories.sqlalchemy.failures import ForeignKeyViolated, translated
from bymax_auth.repositories.sqlalchemy.folding import Folded
from bymax_auth.repositories.sqlalchemy.tables import users
from bymax_auth.types.account import AuthUser
from bymax_auth.types.wire import as_utc

__all__ = [
    "FILLED_COLUMNS",
    "BulkAccounts",
    "Completion",
    "Emptied",
    "Filled",
    "KnownAccount",
    "Removal",
    "Written",
    "fingerprint",
    "marked",
]

FILLED_COLUMNS: Final = ("password_hash", "oauth_provider", "oauth_provider_id")
"""The columns that a migration may complete on an account that exists."""

_IDENTITY: Final = frozenset({"oauth_provider", "oauth_provider_id"})

_AT_ONCE: Final = 500
"""Values in one statement; SQLite and asyncpg limit the parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAccount:
    """What a migration has to know of an account that exists."""

    id: str
    email: str
    email_verified: bool
    mfa_enabled: bool
    has_password: bool
    oauth_provider: str | None
    oauth_provider_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Values for empty columns of an account."""

    id: str
    values: Mapping[str, str] = field(repr=False)


class Written(NamedTuple):
    """An account as it was written: when it was created, and a digest of its other values."""

    id: str
    created_at: str
    digest: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Written":
        """Return what recognises a row: nothing of it but its id and its time of creation."""
        values = {name: _plain(value) for name, value in row.items() if name not in _CHANGING}
        text = json.dumps(values, sort_keys=True, ensure_ascii=True)
        return cls(str(row["id"]), _instant(row["created_at"]), fingerprint(text))


class Filled(NamedTuple):
    """What was filled of an account: the fingerprints of the values, and when they were written."""

    id: str
    fingerprints: Mapping[str, str]
    written_at: datetime


class Removal(NamedTuple):
    """Accounts that were removed, that people have used and are kept, and that other rows refer to."""

    removed: Sequence[str]
    used: Sequence[str]
    referenced: Sequence[str]


class Emptied(StrEnum):
    """What became of the values that were filled."""

    EMPTIED = "emptied"
    CHANGED = "changed"
    USED = "used"


_CHANGING: Final = frozenset({"last_login_at"})


def fingerprint(value: str) -> str:
    """Return a digest by which a written value is recognised, so that no report has to hold it."""
    return hashlib.sha256(value.encode()).hexdigest()


def marked(created_at: datetime) -> datetime:
    """
    Return a time of creation that tells who has written the account.

    Its milliseconds stay, of which nothing shows more; what is below them is drawn by lot.  Two migrations of
    one account differ in it, so that undoing the one leaves what the other has written.
    """
    return created_at.replace(microsecond=created_at.microsecond // 1000 * 1000 + randbelow(1000))


class BulkAccounts:
    """The accounts of one tenant, in the library's own table."""

    def __init__(self, connections: AsyncEngine, tenant_id: str, table: Table = users) -> None:
        self._connections = connections
        self._tenant_id = tenant_id
        self._table = table

    async def known(
        self, ids: Sequence[str], emails: Sequence[str], identities: Sequence[tuple[str, str]]
    ) -> list[KnownAccount]:
        """
        Return the accounts with one of these ids or canonical addresses, and some with their identities.

        An identity is a provider and an id there.

        Raises:
            RepositoryBackendError: The database failed.
        """
        columns = self._table.c
        wanted = select(
            columns.id,
            columns.email,
            columns.email_verified,
            columns.mfa_enabled,
            columns.password_hash.is_not(None).label("has_password"),
            columns.oauth_provider,
            columns.oauth_provider_id,
        ).where(columns.tenant_id == self._tenant_id)
        # Three queries, each with an index of its own: no database has one for all three together.
        conditions = [
            columns.id.in_(ids),
            Folded(columns.email).in_(emails),
            columns.oauth_provider.in_({provider for provider, _ in identities})
            & columns.oauth_provider_id.in_([provider_id for _, provider_id in identities]),
        ]
        found: dict[str, KnownAccount] = {}
        with translated():
            async with self._connections.connect() as connection:
                for condition, values in zip(conditions, (ids, emails, identities), strict=True):
                    if values:
                        rows = await connection.execute(wanted.where(condition))
                        found |= {account.id: account for account in map(_known, rows.mappings())}
        return list(found.values())

    async def write(self, created: Sequence[AuthUser], completed: Sequence[Completion]) -> None:
        """
        Store new accounts and complete existing ones.  Atomic.

        Raises:
            RepositoryConflict: Another account has one of the ids, addresses or identities meanwhile, or what
                was empty has been filled.
            RepositoryBackendError: The database failed.
        """
        overtaken = False
        with translated():
            async with self._connections.connect() as connection:
                if created:
                    await connection.execute(insert(self._table), [self._row(one) for one in created])
                for completion in completed:
                    overtaken = overtaken or not await self._complete(connection, completion)
                await (connection.rollback() if overtaken else connection.commit())
        if overtaken:
            raise RepositoryConflict("An account was completed by somebody else.")

    def written(self, account: AuthUser) -> Written:
        """Return what recognises an account after `write` has stored it."""
        return Written.of(self._row(account))

    async def has_written(self, created: Sequence[Written], completed: Sequence[Filled]) -> bool:
        """
        Return whether a batch was stored, when the writer was stopped before it could tell.

        Its accounts are stored together, so most of those that are there tell; without any, every value.

        Raises:
            RepositoryBackendError: The database failed.
        """
        rows = await self._rows([*(one.id for one in created), *(one.id for one in completed)])
        if created:
            there = [_is_of(row, one) for one in created if (row := rows.get(one.id)) is not None]
            return 2 * sum(there) > len(there)
        return all(
            (row := rows.get(one.id)) is not None and len(_unchanged(row, one)) == len(one.fingerprints)
            for one in completed
        )

    async def used(self, written: Sequence[Written]) -> list[str]:
        """
        Return those of the accounts that people have used or changed since they were written.

        Raises:
            RepositoryBackendError: The database failed.
        """
        rows = await self._rows([one.id for one in written])
        return [one.id for one in written if _is_used(rows.get(one.id), one)]

    async def remove(self, written: Sequence[Written], *, used: bool) -> Removal:
        """
        Delete accounts as they were written.  Atomic for each, and idempotent.

        An account that somebody else has written under the same id is neither removed nor named.

        Args:
            written: The accounts, at most as many as a batch has.
            used: Whether to delete those as well that people have used or changed since.

        Raises:
            RepositoryBackendError: The database failed.
        """
        try:
            return await self._remove(written, used=used)
        except ForeignKeyViolated:
            if len(written) == 1:
                return Removal((), (), (written[0].id,))
        parts = [await self.remove([one], used=used) for one in written]
        return Removal(*([one for part in parts for one in part[place]] for place in range(3)))

    async def empty(self, filled: Filled, *, used: bool) -> Emptied:
        """
        Empty the columns that still have the values that were written, an identity as a whole.  Atomic.

        Args:
            filled: What was written.
            used: Whether to do so as well where somebody has signed in to the account since.

        Raises:
            RepositoryBackendError: The database failed.
        """
        columns = self._table.c
        with translated():
            async with self._connections.begin() as connection:
                where = (columns.tenant_id == self._tenant_id, columns.id == filled.id)
                found = await connection.execute(select(self._table).where(*where).with_for_update())
                row = found.mappings().first()
                unchanged = {} if row is None else _unchanged(row, filled)
                if row is None or not unchanged:
                    return Emptied.CHANGED
                signed_in = row["last_login_at"]
                if not used and signed_in is not None and as_utc(signed_in) >= filled.written_at:
                    return Emptied.USED
                same = [columns[name] == value for name, value in unchanged.items()]
                await connection.execute(
                    update(self._table).where(*where, *same).values(dict.fromkeys(unchanged, None))
                )
        return Emptied.EMPTIED

    async def _remove(self, written: Sequence[Written], *, used: bool) -> Removal:
        columns = self._table.c
        chosen: list[str] = []
        kept: list[str] = []
        with translated():
            async with self._connections.begin() as connection:
                rows = await self._rows_in(connection, [one.id for one in written], locked=True)
                for one in written:
                    if _is_of(row := rows.get(one.id), one):
                        (kept if not used and _is_used(row, one) else chosen).append(one.id)
                for start in range(0, len(chosen), _AT_ONCE):
                    where = [columns.tenant_id == self._tenant_id, columns.id.in_(chosen[start:][:_AT_ONCE])]
                    if not used:
                        # SQLite locks no rows for reading, and somebody may have signed in since.
                        where.append(columns.last_login_at.is_(None))
                    await connection.execute(delete(self._table).where(*where))
                left = await self._rows_in(connection, chosen)
        return Removal([one for one in chosen if one not in left], [*kept, *left], ())

    async def _rows(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        with translated():
            async with self._connections.connect() as connection:
                return await self._rows_in(connection, ids)

    async def _rows_in(
        self, connection: AsyncConnection, ids: Sequence[str], *, locked: bool = False
    ) -> dict[str, Mapping[str, Any]]:
        columns = self._table.c
        found: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(ids), _AT_ONCE):
            statement = select(self._table).where(
                columns.tenant_id == self._tenant_id, columns.id.in_(ids[start : start + _AT_ONCE])
            )
            rows = await connection.execute(statement.with_for_update() if locked else statement)
            found |= {str(row["id"]): {str(name): row[name] for name in row} for row in rows.mappings()}
        return found

    def _row(self, account: AuthUser) -> dict[str, object]:
        row: dict[str, object] = {column.key: getattr(account, column.key) for column in self._table.columns}
        codes = account.mfa_recovery_codes
        row["mfa_recovery_codes"] = None if codes is None else list(codes)
        return row

    async def _complete(self, connection: AsyncConnection, completion: Completion) -> bool:
        """Fill what is empty; say whether it still was."""
        if not completion.values:
            return True
        columns = self._table.c
        empty = [columns[name].is_(None) for name in completion.values]
        done = await connection.execute(
            update(self._table)
            .where(columns.tenant_id == self._tenant_id, columns.id == completion.id, *empty)
            .values(dict(completion.values))
        )
        return done.rowcount == 1


def _known(row: Mapping[Any, Any]) -> KnownAccount:
    return KnownAccount(
        id=str(row["id"]),
        email=str(row["email"]),
        email_verified=bool(row["email_verified"]),
        mfa_enabled=bool(row["mfa_enabled"]),
        has_password=bool(row["has_password"]),
        oauth_provider=row["oauth_provider"],
        oauth_provider_id=row["oauth_provider_id"],
    )


def _is_of(row: Mapping[str, Any] | None, written: Written) -> bool:
    return row is not None and _instant(row["created_at"]) == written.created_at


def _is_used(row: Mapping[str, Any] | None, written: Written) -> bool:
    if row is None or not _is_of(row, written):
        return False
    return row["last_login_at"] is not None or Written.of(row) != written


def _unchanged(row: Mapping[Any, Any], filled: Filled) -> dict[str, str]:
    """Return the columns that still have the values that were written, an identity as a whole."""
    same = {
        name: str(row[name])
        for name in FILLED_COLUMNS
        if row[name] is not None and fingerprint(str(row[name])) == filled.fingerprints.get(name)
    }
    if not same.keys() >= _IDENTITY:
        same = {name: value for name, value in same.items() if name not in _IDENTITY}
    return same


def _plain(value: object) -> object:
    """Return a value in the one form that it has before it is stored and after."""
    if isinstance(value, datetime):
        return _instant(value)
    return value


def _instant(value: datetime) -> str:
    return as_utc(value).isoformat(timespec="microseconds")

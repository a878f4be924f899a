"""
Many accounts at once, for a migration from another system: looked up, inserted, completed and removed.

Rule 1: a batch is one transaction.  After a failure, none of it is stored.
Rule 2: an account that exists is only completed: a column is written where it is empty, and in no other case.
Rule 3: removing undoes exactly that: a column is emptied where it still has the value that was written.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bymax_auth.repositories.sqlalchemy.failures import translated
from bymax_auth.repositories.sqlalchemy.folding import Folded
from bymax_auth.repositories.sqlalchemy.tables import users
from bymax_auth.types.account import AuthUser

__all__ = ["FILLED_COLUMNS", "BulkAccounts", "Completion", "KnownAccount", "fingerprint"]

FILLED_COLUMNS: Final = ("password_hash", "oauth_provider", "oauth_provider_id")
"""The columns that a migration may complete on an account that exists."""

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


def fingerprint(value: str) -> str:
    """Return a digest by which a written value is recognised, so that no report has to hold it."""
    return hashlib.sha256(value.encode()).hexdigest()


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
            RepositoryConflict: Another account has one of the ids, addresses or identities meanwhile.
            RepositoryBackendError: The database failed.
        """
        with translated():
            async with self._connections.begin() as connection:
                if created:
                    await connection.execute(insert(self._table), [self._row(one) for one in created])
                for completion in completed:
                    await self._complete(connection, completion)

    async def remove(self, ids: Sequence[str]) -> int:
        """
        Delete accounts, and return how many there were.  Atomic and idempotent.

        Raises:
            RepositoryBackendError: The database failed, or a row of another table refers to an account.
        """
        columns, removed = self._table.c, 0
        with translated():
            async with self._connections.begin() as connection:
                for start in range(0, len(ids), _AT_ONCE):
                    some = ids[start : start + _AT_ONCE]
                    done = await connection.execute(
                        delete(self._table).where(columns.tenant_id == self._tenant_id, columns.id.in_(some))
                    )
                    removed += done.rowcount
        return removed

    async def signed_in(self, ids: Sequence[str]) -> list[str]:
        """
        Return those of the accounts that have signed in here.

        Raises:
            RepositoryBackendError: The database failed.
        """
        columns = self._table.c
        found: list[str] = []
        with translated():
            async with self._connections.connect() as connection:
                for start in range(0, len(ids), _AT_ONCE):
                    statement = select(columns.id).where(
                        columns.tenant_id == self._tenant_id,
                        columns.id.in_(ids[start : start + _AT_ONCE]),
                        columns.last_login_at.is_not(None),
                    )
                    found += (await connection.execute(statement)).scalars()
        return found

    async def empty(self, account_id: str, written: Mapping[str, str]) -> bool:
        """
        Empty the columns that still have the values with these fingerprints; say whether any had.  Atomic.

        Raises:
            RepositoryBackendError: The database failed.
        """
        names = [name for name in FILLED_COLUMNS if name in written]
        if not names:
            return False
        with translated():
            async with self._connections.begin() as connection:
                columns = self._table.c
                where = (columns.tenant_id == self._tenant_id, columns.id == account_id)
                found = await connection.execute(
                    select(*(columns[name] for name in names)).where(*where).with_for_update()
                )
                row = found.mappings().first()
                kept = _unchanged(row, written) if row is not None else ()
                if kept:
                    await connection.execute(
                        update(self._table).where(*where).values(dict.fromkeys(kept, None))
                    )
        return bool(kept)

    def _row(self, account: AuthUser) -> dict[str, object]:
        row: dict[str, object] = {column.key: getattr(account, column.key) for column in self._table.columns}
        codes = account.mfa_recovery_codes
        row["mfa_recovery_codes"] = None if codes is None else list(codes)
        return row

    async def _complete(self, connection: AsyncConnection, completion: Completion) -> None:
        if not completion.values:
            return
        columns = self._table.c
        empty = [columns[name].is_(None) for name in completion.values]
        await connection.execute(
            update(self._table)
            .where(columns.tenant_id == self._tenant_id, columns.id == completion.id, *empty)
            .values(dict(completion.values))
        )


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


def _unchanged(row: Mapping[Any, Any], written: Mapping[str, str]) -> Collection[str]:
    return [
        str(name)
        for name, value in row.items()
        if value is not None and fingerprint(str(value)) == written[str(name)]
    ]

"""Where accounts go: the tenant's table, or for a dry run a temporary file over it."""

import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import astuple, fields
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from bymax_auth.cli.migrate.bounds import canonical_address, is_usable_id, is_usable_identity
from bymax_auth.cli.migrate.candidates import Candidate
from bymax_auth.cli.migrate.lines import BatchLine
from bymax_auth.repositories.sqlalchemy.bulk import BulkAccounts, Completion, KnownAccount, Written
from bymax_auth.types.account import AuthUser

__all__ = ["Destination", "DryRun", "Stored", "addressed"]

_COLUMNS: Final = tuple(one.name for one in fields(KnownAccount))


class Destination(Protocol):
    """The accounts that exist, and the ones that are added to them."""

    async def known(self, candidates: Sequence[Candidate]) -> Sequence[KnownAccount]:
        """Return the accounts that have an id, address or identity of one of these."""
        ...

    async def write(self, created: Sequence[AuthUser], completed: Sequence[Completion]) -> None:
        """
        Store a batch.

        Raises:
            RepositoryConflict: Another account has one of the values meanwhile.
        """
        ...

    def written(self, account: AuthUser) -> Written:
        """Return what recognises an account after it is stored."""
        ...

    async def has_written(self, batch: BatchLine) -> bool:
        """Return whether a batch that was announced is stored."""
        ...


class Stored:
    """Implements `Destination` in the database."""

    def __init__(self, accounts: BulkAccounts) -> None:
        self._accounts = accounts

    async def known(self, candidates: Sequence[Candidate]) -> Sequence[KnownAccount]:
        """Return the accounts that have an id, address or identity of one of these."""
        return await self._accounts.known(*addressed(candidates))

    async def write(self, created: Sequence[AuthUser], completed: Sequence[Completion]) -> None:
        """Store a batch."""
        await self._accounts.write(created, completed)

    def written(self, account: AuthUser) -> Written:
        """Return what recognises an account after it is stored."""
        return self._accounts.written(account)

    async def has_written(self, batch: BatchLine) -> bool:
        """Return whether a batch that was announced is stored."""
        return await self._accounts.has_written(batch.created, batch.filled)


class DryRun:
    """
    Implements `Destination` without writing to the database.

    What would have been written is kept in a temporary file, so that two accounts with one address are found
    as they would be, and a dry run takes no more memory than the migration.
    """

    def __init__(self, accounts: BulkAccounts) -> None:
        self._accounts = accounts
        self._seen: dict[str, KnownAccount] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="bymax-auth-")
        self._file = sqlite3.connect(Path(self._folder.name) / "dry-run.db", isolation_level=None)
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute(f"CREATE TABLE accounts ({', '.join(_COLUMNS)}, PRIMARY KEY (id))")
        for name in ("email", "oauth_provider_id"):
            self._file.execute(f"CREATE INDEX by_{name} ON accounts ({name})")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._folder.cleanup()

    async def known(self, candidates: Sequence[Candidate]) -> Sequence[KnownAccount]:
        """Return the accounts that have an id, address or identity of one of these."""
        wanted = addressed(candidates)
        found = {one.id: one for one in await self._accounts.known(*wanted)}
        ids, emails, identities = wanted
        for column, values in (
            ("id", ids),
            ("email", emails),
            ("oauth_provider_id", [provider_id for _, provider_id in identities]),
        ):
            found |= {one.id: one for one in self._rows(column, values)}
        self._seen = found
        return list(found.values())

    async def write(self, created: Sequence[AuthUser], completed: Sequence[Completion]) -> None:
        """Keep a batch for the accounts that follow."""
        for account in created:
            self._seen[account.id] = KnownAccount(
                id=account.id,
                email=account.email,
                email_verified=account.email_verified,
                mfa_enabled=account.mfa_enabled,
                has_password=account.password_hash is not None,
                oauth_provider=account.oauth_provider,
                oauth_provider_id=account.oauth_provider_id,
            )
        changed = {account.id for account in created}
        for one in completed:
            known = self._seen[one.id]
            self._seen[one.id] = KnownAccount(
                id=known.id,
                email=known.email,
                email_verified=known.email_verified,
                mfa_enabled=known.mfa_enabled,
                has_password=known.has_password or "password_hash" in one.values,
                oauth_provider=one.values.get("oauth_provider", known.oauth_provider),
                oauth_provider_id=one.values.get("oauth_provider_id", known.oauth_provider_id),
            )
            changed.add(one.id)
        places = ", ".join("?" * len(_COLUMNS))
        self._file.execute("BEGIN")
        self._file.executemany(
            f"INSERT OR REPLACE INTO accounts VALUES ({places})",  # noqa: S608 - only placeholders
            (astuple(self._seen[one]) for one in changed),
        )
        self._file.execute("COMMIT")

    def written(self, account: AuthUser) -> Written:
        """Return what would recognise an account."""
        return self._accounts.written(account)

    async def has_written(self, batch: BatchLine) -> bool:
        """Return that nothing is."""
        return False

    def _rows(self, column: str, values: Sequence[str]) -> Iterable[KnownAccount]:
        places = ", ".join("?" * len(values))
        statement = f"SELECT * FROM accounts WHERE {column} IN ({places})"  # noqa: S608 - a name of ours
        with closing(self._file.execute(statement, values)) as found:
            for row in found:
                named = dict(zip(_COLUMNS, row, strict=True))
                for name in ("email_verified", "mfa_enabled", "has_password"):
                    named[name] = bool(named[name])
                yield KnownAccount(**named)


def addressed(
    candidates: Sequence[Candidate],
) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Return the ids, addresses and identities of some candidates, without what no account can have."""
    addresses = (canonical_address(one.email) for one in candidates)
    return (
        [one.id for one in candidates if is_usable_id(one.id)],
        [one for one in addresses if one is not None],
        [
            (identity.provider, identity.provider_id)
            for one in candidates
            for identity in one.identities
            if is_usable_identity(identity)
        ],
    )

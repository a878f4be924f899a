"""Moving accounts batch by batch, while others register."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bymax_auth.cli.migrate.candidates import Candidate, Identity
from bymax_auth.cli.migrate.destination import Stored
from bymax_auth.cli.migrate.lines import BatchLine, read_lines
from bymax_auth.cli.migrate.report import Report
from bymax_auth.cli.migrate.run import migrate_accounts
from bymax_auth.errors import RepositoryConflict
from bymax_auth.repositories.sqlalchemy.bulk import BulkAccounts, Completion, KnownAccount, Written
from bymax_auth.types.account import AuthUser
from tests.unit.cli.migrate.moves import HEADER, JUDGE, People, moved, table_in


@dataclass
class Table:
    """A destination in memory, to which others add accounts just before a write."""

    registrations: list[KnownAccount] = field(default_factory=list[KnownAccount])
    rows: dict[str, KnownAccount] = field(default_factory=dict[str, KnownAccount])

    async def known(self, candidates: Sequence[Candidate]) -> Sequence[KnownAccount]:
        return list(self.rows.values())

    async def write(self, created: Sequence[AuthUser], completed: Sequence[Completion]) -> None:
        if self.registrations:
            other = self.registrations.pop()
            self.rows[other.id] = other
            raise RepositoryConflict("taken")
        for one in created:
            self.rows[one.id] = known(one.id, one.email)

    def written(self, account: AuthUser) -> Written:
        return Written(account.id, "", "")

    async def has_written(self, batch: BatchLine) -> bool:
        return all(one.id in self.rows for one in batch.created)


def known(account_id: str, email: str, *, verified: bool = False) -> KnownAccount:
    return KnownAccount(
        id=account_id,
        email=email,
        email_verified=verified,
        mfa_enabled=False,
        has_password=True,
        oauth_provider=None,
        oauth_provider_id=None,
    )


PEOPLE = People([Candidate(id="1", email="ada@example.com"), Candidate(id="2", email="bob@example.com")])


async def test_an_address_that_is_registered_at_that_moment_is_judged_again(tmp_path: Path) -> None:
    """The move would stop, or write over the account of whoever was first."""
    table = Table([known("other", "ada@example.com")])
    report = Report.begin(tmp_path / "r.jsonl", HEADER)
    summary = await migrate_accounts(PEOPLE, table, JUDGE, report, lambda _: None)
    report.close()

    assert (summary.kept, dict(summary.refused)) == (1, {"address_taken": 1})
    assert set(table.rows) == {"other", "2"}
    announced = [line for line, _ in read_lines(tmp_path / "r.jsonl") if isinstance(line, BatchLine)]
    assert [[one.id for one in batch.created] for batch in announced] == [["1", "2"], ["2"]]


async def test_a_conflict_that_does_not_end_is_an_error() -> None:
    """The command would run for ever."""
    table = Table([known(f"other{number}", f"x{number}@example.com") for number in range(9)])

    with pytest.raises(RepositoryConflict):
        await migrate_accounts(PEOPLE, table, JUDGE, None, lambda _: None)


async def test_an_ended_migration_is_not_repeated(tmp_path: Path) -> None:
    """Running the command once more would say that everything was moved twice."""
    table, path = Table(), tmp_path / "r.jsonl"
    first = Report.begin(path, HEADER)
    await migrate_accounts(PEOPLE, table, JUDGE, first, lambda _: None)
    first.close()
    size = path.stat().st_size
    again = Report.resume(path, HEADER)
    summary = await migrate_accounts(PEOPLE, table, JUDGE, again, lambda _: None)
    again.close()

    assert (summary.kept, summary.read) == (2, 2)
    assert path.stat().st_size == size


async def test_a_value_that_is_filled_meanwhile_is_judged_again(tmp_path: Path) -> None:
    """The report would claim what somebody else has written, and undoing it would empty that."""
    google = Identity(provider="google", provider_id="1")
    ada = Candidate(id="1", email="ada@example.com", verified=True, identities=(google,))
    async with table_in(tmp_path) as (engine, accounts):
        await moved(accounts, tmp_path / "first.jsonl", replace(ada, id="0", identities=()))
        slow = Overtaken(
            accounts, engine, "UPDATE auth_users SET oauth_provider = 'github', oauth_provider_id = '7'"
        )
        summary = await moved(slow, tmp_path / "r.jsonl", ada)
    announced = [line for line, _ in read_lines(tmp_path / "r.jsonl") if isinstance(line, BatchLine)]

    assert (summary.merged, summary.notes["identities_not_kept"]) == (1, 1)
    assert [len(one.filled) for one in announced] == [1, 0]


class Overtaken(Stored):
    """A table in which somebody writes just before the first batch."""

    def __init__(self, accounts: BulkAccounts, engine: AsyncEngine, statement: str) -> None:
        super().__init__(accounts)
        self._engine, self._statements = engine, [statement]

    async def write(self, created: Sequence[AuthUser], completed: Sequence[Completion]) -> None:
        while self._statements:
            async with self._engine.begin() as connection:
                await connection.execute(text(self._statements.pop()))
        await super().write(created, completed)

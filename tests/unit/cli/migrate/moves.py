"""Accounts that are moved into a table, with nothing of the command around it."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bymax_auth.cli.migrate.candidates import Candidate, Page
from bymax_auth.cli.migrate.destination import Destination, Stored
from bymax_auth.cli.migrate.judgement import Judge
from bymax_auth.cli.migrate.lines import Header
from bymax_auth.cli.migrate.report import Report, Summary
from bymax_auth.cli.migrate.run import migrate_accounts
from bymax_auth.cli.migrate.systems import System
from bymax_auth.repositories.sqlalchemy.bulk import BulkAccounts
from bymax_auth.repositories.sqlalchemy.tables import metadata
from bymax_auth.testing import FakeClock

__all__ = ["HEADER", "JUDGE", "TENANT", "People", "judging", "moved", "table_in"]

TENANT = "acme"
HEADER = Header(origin=System.CSV, source="x", tenant_id=TENANT, dry_run=False)
JUDGE = Judge(
    tenant_id=TENANT,
    role="MEMBER",
    superuser_role="MEMBER",
    roles=frozenset({"MEMBER"}),
    disabled_status="inactive",
    all_verified=False,
    drop_factors=False,
    seal=None,
    clock=FakeClock(),
)


def judging(**changes: Any) -> Judge:
    """Return one that decides otherwise."""
    return replace(JUDGE, **changes)


@dataclass
class People:
    """A source in memory, in one page."""

    candidates: Sequence[Candidate]

    async def total(self) -> int | None:
        return len(self.candidates)

    async def pages(self, after: str | None) -> AsyncIterator[Page]:
        if after is None:
            yield Page(candidates=self.candidates, cursor="end")

    async def aclose(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def table_in(folder: Path) -> AsyncGenerator[tuple[AsyncEngine, BulkAccounts]]:
    """Make the library's table in a file."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/users.db")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    try:
        yield engine, BulkAccounts(engine, TENANT)
    finally:
        await engine.dispose()


async def moved(
    destination: BulkAccounts | Destination, path: Path, *candidates: Candidate, judge: Judge = JUDGE
) -> Summary:
    """Move accounts, or go on with a report that is there."""
    begin = Report.resume if path.exists() else Report.begin
    into = Stored(destination) if isinstance(destination, BulkAccounts) else destination
    with closing(begin(path, HEADER)) as report:
        return await migrate_accounts(People(candidates), into, judge, report, lambda _: None)

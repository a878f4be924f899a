"""
Undoes a migration by its report: removes what it created, and empties what it filled.

    written by this report?     no ──▶ left alone
    used or changed since?     yes ──▶ kept and named, unless the operator takes those as well
                                no ──▶ removed, or emptied

A batch is noted in the report when it is done, so that another run concerns only what this one has kept.
"""

from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bymax_auth.cli.migrate.lines import BatchLine
from bymax_auth.cli.migrate.report import UndoneReport
from bymax_auth.repositories.sqlalchemy.bulk import BulkAccounts, Emptied

__all__ = ["Outcome", "Undo"]


@dataclass(slots=True)
class Outcome:
    """How many accounts were removed and emptied, and the ids of those that are kept."""

    removed: int = 0
    emptied: int = 0
    used: list[str] = field(default_factory=list[str])
    referenced: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """
    Undoes a migration.

    Args:
        accounts: Where it wrote.
        end_sessions: Ends the sessions of an account.
        with_used: Whether accounts that people have used since are undone as well.
        advance: Called with a number of accounts that are done.
    """

    accounts: BulkAccounts
    end_sessions: Callable[[str], Awaitable[object]]
    with_used: bool
    advance: Callable[[int], None]

    async def run(self, path: Path) -> Outcome:
        """
        Undo it.  Idempotent: what was stopped, or kept, can be undone by another run.

        Raises:
            ReportUnusable: The file is no report, or a damaged one; nothing is undone.
            RepositoryBackendError: The database failed.
            InternalError: The stores failed.
            OSError: The report cannot be read or written.
        """
        outcome = Outcome()
        with closing(UndoneReport(path)) as report:
            for batch, confirmed in report.batches():
                left = report.left_of(batch)
                if confirmed or left is not None or await self._is_written(batch):
                    report.revert(batch, await self._revert(batch, left, outcome))
                self.advance(len(batch.created) + len(batch.completed))
        return outcome

    async def _is_written(self, batch: BatchLine) -> bool:
        return await self.accounts.has_written(batch.created, batch.filled)

    async def _revert(self, batch: BatchLine, left: frozenset[str] | None, outcome: Outcome) -> list[str]:
        """Undo a batch, or what an earlier run has left of it; return the ids of what is kept."""
        created = [one for one in batch.created if left is None or one.id in left]
        # An account may have sessions only if somebody has used it; one that opens meanwhile ends afterwards.
        active = await self.accounts.used(created) if self.with_used else ()
        for account_id in active:
            await self.end_sessions(account_id)
        removal = await self.accounts.remove(created, used=self.with_used)
        for account_id in active:
            await self.end_sessions(account_id)
        kept = [*removal.used, *removal.referenced]
        outcome.removed += len(removal.removed)
        outcome.used += removal.used
        outcome.referenced += removal.referenced
        for one in batch.filled:
            if left is not None and one.id not in left:
                continue
            done = await self.accounts.empty(one, used=self.with_used)
            outcome.emptied += done is Emptied.EMPTIED
            if done is Emptied.USED:
                outcome.used.append(one.id)
                kept.append(one.id)
        return kept

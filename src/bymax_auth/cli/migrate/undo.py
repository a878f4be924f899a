"""Undoes a migration by its report: removes what it created, and empties what it filled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bymax_auth.cli.migrate.report import batches_of, mark_undone
from bymax_auth.repositories.sqlalchemy.bulk import BulkAccounts

__all__ = ["Undone", "undo_migration"]


@dataclass(slots=True)
class Undone:
    """How many accounts were removed, and of how many the filled values."""

    removed: int = 0
    emptied: int = 0


async def undo_migration(
    path: Path,
    accounts: BulkAccounts,
    end_sessions: Callable[[str], Awaitable[object]],
    advance: Callable[[int], None],
) -> Undone:
    """
    Undo a migration.  Idempotent: what was stopped can be repeated.

    Sessions of an account end before and after it is removed, for one that was created in between.

    Raises:
        RepositoryBackendError: The database failed, or a row of another table refers to an account.
        InternalError: The stores failed.
    """
    undone = Undone()
    for batch in batches_of(path):
        ids: list[str] = batch["created"]
        active = await accounts.signed_in(ids)
        for account_id in active:
            await end_sessions(account_id)
        undone.removed += await accounts.remove(ids)
        for account_id in active:
            await end_sessions(account_id)
        for one in batch["completed"]:
            undone.emptied += await accounts.empty(one["id"], one["filled"])
        advance(len(ids) + len(batch["completed"]))
    mark_undone(path)
    return undone

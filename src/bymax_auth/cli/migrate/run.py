"""
Moves accounts batch by batch: read, judge, announce in the report, write, confirm.

One batch is in memory at a time.  A migration that was stopped goes on after the last batch that was written;
of a batch that was announced, the database says whether it was.
"""

from collections.abc import Callable
from typing import Final

from bymax_auth.cli.migrate.candidates import Page, Source
from bymax_auth.cli.migrate.destination import Destination
from bymax_auth.cli.migrate.judgement import Judge
from bymax_auth.cli.migrate.lines import BatchLine
from bymax_auth.cli.migrate.report import Report, Summary, line_of
from bymax_auth.errors import RepositoryConflict

__all__ = ["migrate_accounts"]

_ATTEMPTS: Final = 5
"""A registration at the same moment may take an address of a batch, which is then judged again."""


async def migrate_accounts(
    source: Source,
    destination: Destination,
    judge: Judge,
    report: Report | None,
    advance: Callable[[int], None],
) -> Summary:
    """
    Move every account of the source, and return how many became what.

    Args:
        source: Where they are.
        destination: Where they go.
        judge: Decides about each.
        report: Records each batch; ``None`` for a dry run without a report.
        advance: Called with a number of accounts that were read.

    Raises:
        SourceUnusable: The source cannot be read.
        RepositoryError: The database failed; what was written before is in the report.
    """
    summary = Summary() if report is None else report.progressed.summary
    if report is not None:
        await _settle(report, destination)
        advance(summary.read)
    cursor = None if report is None else report.progressed.cursor
    async for page in source.pages(cursor):
        line = await _move(page, destination, judge, report)
        if report is None:
            summary.add(line)
        advance(len(page.candidates))
    if report is not None:
        report.end()
    return summary


async def _settle(report: Report, destination: Destination) -> None:
    """Find out whether the batch that was announced last was written."""
    pending = report.progressed.pending
    if pending is None:
        return
    if await destination.has_written(pending):
        report.confirm()
    else:
        report.discard()


async def _move(page: Page, destination: Destination, judge: Judge, report: Report | None) -> BatchLine:
    number = 1 if report is None else report.progressed.number + 1
    for attempt in range(1, _ATTEMPTS + 1):
        batch = judge.judge(page.candidates, await destination.known(page.candidates))
        line = line_of(batch, number, page.cursor, judge.clock.now(), destination.written)
        if report is not None:
            report.announce(line)
        try:
            await destination.write(batch.created, batch.completed)
        except RepositoryConflict:
            if attempt == _ATTEMPTS:
                raise
            continue
        if report is not None:
            report.confirm()
        return line
    raise AssertionError("the last attempt returns or raises")

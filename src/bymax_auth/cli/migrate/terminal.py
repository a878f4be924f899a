"""Runs a migration or its undoing, and prints the outcome; an error ends the command with one line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import typer

from bymax_auth.cli.deployment import Database
from bymax_auth.cli.exits import stop
from bymax_auth.cli.migrate.candidates import SourceUnusable
from bymax_auth.cli.migrate.operation import Migration, Result, migrate, undo
from bymax_auth.cli.migrate.report import ReportUnusable
from bymax_auth.cli.operation import perform_with_database
from bymax_auth.cli.operator import TenantOperator
from bymax_auth.cli.output import print_json
from bymax_auth.config.profiles import Profile

__all__ = ["run_migration", "run_undo"]

_REFUSED: Final[Mapping[str, str]] = {
    "address_invalid": "have an address that is none",
    "address_missing": "have no mail address",
    "address_taken": "share an address with another account, and not both have proven it",
    "anonymous": "are anonymous",
    "deleted": "are deleted",
    "id_invalid": "have an id that is empty, too long or unprintable",
    "id_taken": "have the id of another account",
    "record_damaged": "are damaged records",
    "role_unknown": "have a role that the configuration has not",
    "second_factor_would_be_lost": "would lose their second factor (--drop-second-factors)",
    "single_sign_on": "sign in through their company's identity provider",
}
_NOTES: Final[Mapping[str, str]] = {
    "disabled": "may not sign in",
    "identities_not_kept": "further identities at providers are not kept",
    "second_factor_dropped": "lose their second factor",
    "unknown_password_format": "lose their password, whose format is unknown or too dear",
    "unverified_address": "have yet to prove their address",
    "without_password": "have no password here, and can reset it",
}


def run_migration(asked: Migration, tenant_id: str, profile: Profile, *, json: bool) -> None:
    """Move accounts, or find out what would become of them."""

    async def work(operator: TenantOperator, database: Database) -> Result | str:
        try:
            return await migrate(asked, operator, database)
        except (SourceUnusable, ReportUnusable) as error:
            return str(error)

    result = perform_with_database(work, tenant_id, profile)
    if isinstance(result, str):
        stop(result)
    if json:
        print_json(
            {
                "dryRun": not asked.write,
                **result.summary.fields(),
                "formatsToAccept": result.formats_to_accept,
            }
        )
        return
    for line in _lines(asked, result):
        typer.echo(line)


def run_undo(path: Path, tenant_id: str, profile: Profile, *, json: bool) -> None:
    """Undo a migration."""

    async def work(operator: TenantOperator, database: Database) -> tuple[int, int] | str:
        try:
            undone = await undo(path, operator, database)
        except ReportUnusable as error:
            return str(error)
        return undone.removed, undone.emptied

    result = perform_with_database(work, tenant_id, profile)
    if isinstance(result, str):
        stop(result)
    removed, emptied = result
    if json:
        print_json({"removed": removed, "emptied": emptied})
        return
    typer.echo(f"{removed} accounts removed, {emptied} as they were before.")


def _lines(asked: Migration, result: Result) -> Iterator[str]:
    summary = result.summary
    yield f"{summary.read} accounts read"
    yield f"{summary.kept} kept"
    for name, count in sorted(summary.notes.items()):
        yield f"  {count} {_NOTES[name]}"
    if summary.merged:
        yield f"{summary.merged} merged into an account that exists"
    if summary.present:
        yield f"{summary.present} here already"
    yield f"{summary.refused.total()} refused"
    for reason, count in sorted(summary.refused.items()):
        yield f"  {count} {_REFUSED[reason]} [{reason}]"
    if result.formats_to_accept:
        formats = ",".join(result.formats_to_accept)
        yield f"To accept their passwords, set BYMAX_AUTH_PASSWORD__IMPORTERS to include {formats}"
    if asked.report is not None:
        yield f"Report: {asked.report}"
    if not asked.write:
        yield "Nothing was written. Write with --write."

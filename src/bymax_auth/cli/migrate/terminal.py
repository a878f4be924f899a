"""Runs a migration or its undoing, and prints the outcome; an error ends the command with one line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import typer

from bymax_auth.cli.deployment import Database
from bymax_auth.cli.exits import stop
from bymax_auth.cli.migrate.candidates import SourceUnusable
from bymax_auth.cli.migrate.lines import ReportUnusable
from bymax_auth.cli.migrate.operation import Migration, Result, migrate, undo
from bymax_auth.cli.migrate.undo import Outcome
from bymax_auth.cli.operation import perform_with_database
from bymax_auth.cli.operator import TenantOperator
from bymax_auth.cli.output import print_json
from bymax_auth.config.profiles import Profile

__all__ = ["run_migration", "run_undo"]

_LISTED: Final = 50

_REFUSED: Final[Mapping[str, str]] = {
    "account_disabled": "are blocked there, and share an address with an account that may not be",
    "account_missing": "are passwords of accounts that are not here: move the export of users first",
    "address_invalid": "have an address that is none",
    "address_missing": "have no mail address",
    "address_taken": "share an address with another account, and not both have proven it",
    "anonymous": "are anonymous",
    "deleted": "are deleted",
    "id_invalid": "have an id that is empty, too long or unprintable",
    "id_taken": "have the id of another account",
    "owner_missing": "are no accounts, but rows of other tables that belong to none",
    "owner_unclear": "have rows in other tables that may be another account's",
    "record_damaged": "are damaged records",
    "role_unknown": "have a role that the configuration has not",
    "second_factor_would_be_lost": "would lose their second factor (--drop-second-factors)",
    "single_sign_on": "sign in through their company's identity provider",
}
_NOTES: Final[Mapping[str, str]] = {
    "disabled": "may not sign in",
    "identities_not_kept": "further identities at providers are not kept",
    "identities_of_another_form": "identities are not kept: their provider names people otherwise here",
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
        except OSError as error:
            return _unreadable(asked.report, error)

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


def run_undo(path: Path, tenant_id: str, profile: Profile, *, with_used: bool, json: bool) -> None:
    """Undo a migration."""

    async def work(operator: TenantOperator, database: Database) -> Outcome | str:
        try:
            return await undo(path, operator, database, with_used=with_used)
        except ReportUnusable as error:
            return str(error)
        except OSError as error:
            return _unreadable(path, error)

    outcome = perform_with_database(work, tenant_id, profile)
    if isinstance(outcome, str):
        stop(outcome)
    if json:
        print_json(
            {
                "removed": outcome.removed,
                "emptied": outcome.emptied,
                "used": outcome.used,
                "referenced": outcome.referenced,
            }
        )
        return
    typer.echo(f"{outcome.removed} accounts removed, {outcome.emptied} as they were before.")
    for ids, why in (
        (outcome.used, "were used or changed since and are kept (--with-used)"),
        (outcome.referenced, "are kept, because rows of other tables refer to them"),
    ):
        if ids:
            typer.echo(f"{len(ids)} {why}:")
            typer.echo("".join(f"  {one}\n" for one in ids[:_LISTED]), nl=False)
        if len(ids) > _LISTED:
            typer.echo(f"  … and {len(ids) - _LISTED} more (--json names them)")


def _unreadable(path: Path | None, error: OSError) -> str:
    return f"{path or 'a temporary file'} cannot be read or written: {error.strerror}."


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
    if summary.damaged:
        more = ", …" if summary.refused["record_damaged"] > len(summary.damaged) else ""
        yield f"  damaged: {', '.join(summary.damaged)}{more}"
    if result.formats_to_accept:
        formats = ",".join(result.formats_to_accept)
        yield f"To accept their passwords, set BYMAX_AUTH_PASSWORD__IMPORTERS to include {formats}"
    if asked.report is not None:
        yield f"Report: {asked.report}"
    if not asked.write:
        yield "Nothing was written. Write with --write."

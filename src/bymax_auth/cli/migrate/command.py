"""`bymax-auth migrate`: its arguments, and what it prints."""

from pathlib import Path
from typing import Annotated, Final

import typer

from bymax_auth.cli.exits import stop
from bymax_auth.cli.migrate.systems import System
from bymax_auth.config.profiles import Profile

__all__ = ["migrate"]

_DEFAULT_REPORT: Final = Path("bymax-auth-migration.jsonl")


Source = Annotated[
    str | None, typer.Argument(help="The URL of the other system's database, or the file of its export.")
]
From = Annotated[System | None, typer.Option("--from", help="The system that accounts are moved from.")]
Tenant = Annotated[str, typer.Option(help="The tenant that they become accounts of.", show_default=False)]
Role = Annotated[str | None, typer.Option(help="Their role, one of the configuration's.")]
SuperuserRole = Annotated[
    str | None, typer.Option(help="The role of the other system's superusers; the same by default.")
]
TableName = Annotated[str | None, typer.Option(help="The name of its table of accounts, if not the default.")]
Verified = Annotated[bool, typer.Option("--assume-verified", help="Take every address for proven.")]
WithoutFactors = Annotated[
    bool,
    typer.Option(
        "--drop-second-factors", help="Move accounts whose second factor cannot be kept, without it."
    ),
]
Write = Annotated[
    bool, typer.Option("--write", help="Write, or go on with what was stopped. Without it, nothing is.")
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        help=f"The report, by which a migration is resumed and undone; {_DEFAULT_REPORT} with --write.",
        dir_okay=False,
    ),
]
Undo = Annotated[
    Path | None, typer.Option(help="Undo the migration of this report.", exists=True, dir_okay=False)
]
WithUsed = Annotated[
    bool, typer.Option("--with-used", help="Undo accounts that people have used since as well.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Base = Annotated[
    Profile,
    typer.Option(envvar="BYMAX_AUTH_SERVE__PROFILE", help="The defaults that the variables override."),
]


def migrate(  # noqa: PLR0913 - a command has as many options as there are choices
    source: Source = None,
    *,
    system: From = None,
    tenant: Tenant,
    role: Role = None,
    superuser_role: SuperuserRole = None,
    table: TableName = None,
    assume_verified: Verified = False,
    drop_second_factors: WithoutFactors = False,
    write: Write = False,
    report: ReportFile = None,
    undo: Undo = None,
    with_used: WithUsed = False,
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """Move the accounts of another system into a tenant; first without --write, to see what would happen."""
    # These import SQLAlchemy and the engine, and most commands do not need them.
    from bymax_auth.cli.migrate.operation import Migration
    from bymax_auth.cli.migrate.terminal import run_migration, run_undo

    if undo is not None:
        if source is not None or system is not None or write:
            stop("--undo takes --tenant and --with-used only: the report says what is undone.", 2)
        run_undo(undo, tenant, profile, with_used=with_used, json=json)
        return
    if with_used:
        stop("--with-used belongs to --undo.", 2)
    if source is None or system is None or role is None:
        stop("name the system (--from), its source and the role of its accounts (--role).", 2)
    asked = Migration(
        system=system,
        source=source,
        table=table,
        role=role,
        superuser_role=superuser_role,
        all_verified=assume_verified,
        drop_factors=drop_second_factors,
        write=write,
        report=report or (_DEFAULT_REPORT if write else None),
    )
    run_migration(asked, tenant, profile, json=json)

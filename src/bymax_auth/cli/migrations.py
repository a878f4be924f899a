"""`bymax-auth migrations`: writes an Alembic migration for the account tables, or creates them."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Final

import typer

from bymax_auth.cli.exits import database_failure, exit_without_values, stop

__all__ = ["migrations"]

_BASE: Final = "base"
"""Source: Alembic's name for the state before the first revision."""


migrations: Final = typer.Typer(rich_markup_mode=None)


@migrations.callback(invoke_without_command=True)
def write(
    context: typer.Context,
    *,
    out: Annotated[Path, typer.Option(help="The project's versions folder.", file_okay=False)] = Path(
        "migrations/versions"
    ),
    revises: Annotated[
        str | None,
        typer.Option(
            help="The project's head revision, or base for a separate branch; omit it in a new project."
        ),
    ] = None,
    audit: Annotated[bool, typer.Option("--audit", help="Write the audit log's table instead.")] = False,
) -> None:
    """Write an Alembic migration that creates the account tables, or, with `apply`, create them."""
    if context.invoked_subcommand is not None:
        return
    # SQLAlchemy is slow to import, and most commands do not need it.
    from bymax_auth.repositories.sqlalchemy import audit_metadata, metadata
    from bymax_auth.repositories.sqlalchemy.migrations import AUDIT_NAME, NAME, write_migration

    name, tables = (AUDIT_NAME, audit_metadata) if audit else (NAME, metadata)

    try:
        if revises is None and _holds_revisions(out, but=name):
            stop(
                f"{out} contains revisions: pass the head with --revises (`alembic heads` prints it), "
                "or --revises base for a separate branch.",
                2,
            )
        path = write_migration(out, revises=None if revises == _BASE else revises, tables=tables, name=name)
    except FileExistsError as error:
        stop(f"{error.filename} already exists and was not changed.")
    except ValueError as error:
        stop(str(error), 2)
    except OSError as error:
        stop(f"{out} cannot be written to: {error.strerror}. Name the versions folder with --out.")
    typer.echo(path)


@migrations.command(short_help="Create the missing tables, without Alembic.")
def apply(
    *, audit: Annotated[bool, typer.Option("--audit", help="Create the audit log's table as well.")] = False
) -> None:
    """Create the missing tables in BYMAX_AUTH_DATABASE_URL, without Alembic; no table is changed."""
    from bymax_auth.cli.deployment import DATABASE_URL, DeploymentError, open_database
    from bymax_auth.errors import RepositoryBackendError

    async def create() -> tuple[str, ...]:
        database = open_database(os.environ.get(DATABASE_URL, "").strip() or None)
        try:
            return await database.create_missing_tables(audit=audit)
        finally:
            await database.dispose()

    with exit_without_values():
        try:
            made = asyncio.run(create())
        except DeploymentError as error:
            stop(str(error), 2)
        except RepositoryBackendError as error:
            stop(database_failure(error))
    typer.echo("\n".join(f"created {name}" for name in made) or "Every table exists already.")


def _holds_revisions(folder: Path, *, but: str) -> bool:
    """Return whether a folder has other revisions: with two heads, `alembic upgrade head` fails."""
    return any(
        "down_revision" in file.read_text(encoding="utf-8", errors="replace")
        for file in folder.glob("*.py")
        if not file.name.endswith(f"_{but}.py")
    )

"""`bymax-auth migrations`: the tables of the accounts as a migration of the host's project."""

from pathlib import Path
from typing import Annotated

import typer

from bymax_auth.cli.stopping import stop

__all__ = ["migrations"]


def migrations(
    *,
    out: Annotated[Path, typer.Option(help="The project's folder of versions.", file_okay=False)] = Path(
        "migrations/versions"
    ),
    revises: Annotated[
        str | None, typer.Option(help="The project's newest revision; leave it out for the first one.")
    ] = None,
) -> None:
    """Write an Alembic migration that creates the tables of the accounts."""
    # Importing SQLAlchemy takes a moment, and most commands do without it.
    from bymax_auth.repositories.sqlalchemy.migrations import write_migration

    try:
        path = write_migration(out, revises=revises)
    except FileExistsError as error:
        stop(f"{error.filename} is there already, and stays as it is.")
    except ValueError as error:
        stop(str(error), 2)
    except OSError as error:
        stop(f"{out} cannot be written to: {error.strerror}.")
    typer.echo(path)

"""`bymax-auth migrations`: the tables of the accounts as a migration of the host's project."""

from pathlib import Path
from typing import Annotated, Final

import typer

from bymax_auth.cli.exits import stop

__all__ = ["migrations"]

_BASE: Final = "base"
"""Source: Alembic's own name for what the first revision comes after."""


def migrations(
    *,
    out: Annotated[Path, typer.Option(help="The project's folder of versions.", file_okay=False)] = Path(
        "migrations/versions"
    ),
    revises: Annotated[
        str | None,
        typer.Option(
            help="The project's newest revision, base for a line of its own; none in a new project."
        ),
    ] = None,
) -> None:
    """Write an Alembic migration that creates the tables of the accounts."""
    # Importing SQLAlchemy takes a moment, and most commands do without it.
    from bymax_auth.repositories.sqlalchemy.migrations import NAME, write_migration

    try:
        if revises is None and _holds_revisions(out, but=NAME):
            stop(
                f"{out} holds revisions: name the newest with --revises (`alembic heads` prints it), "
                "or write --revises base for a line of its own.",
                2,
            )
        path = write_migration(out, revises=None if revises == _BASE else revises)
    except FileExistsError as error:
        stop(f"{error.filename} is there already, and stays as it is.")
    except ValueError as error:
        stop(str(error), 2)
    except OSError as error:
        stop(f"{out} cannot be written to: {error.strerror}.")
    typer.echo(path)


def _holds_revisions(folder: Path, *, but: str) -> bool:
    """A second first revision leaves the project with two heads, and Alembic upgrades to neither."""
    return any(
        "down_revision" in file.read_text(encoding="utf-8", errors="replace")
        for file in folder.glob("*.py")
        if not file.name.endswith(f"_{but}.py")
    )

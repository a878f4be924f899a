"""`bymax-auth migrations`: writes an Alembic migration for the account tables."""

from pathlib import Path
from typing import Annotated, Final

import typer

from bymax_auth.cli.exits import stop

__all__ = ["migrations"]

_BASE: Final = "base"
"""Source: Alembic's name for the state before the first revision."""


def migrations(
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
) -> None:
    """Write an Alembic migration that creates the account tables."""
    # SQLAlchemy is slow to import, and most commands do not need it.
    from bymax_auth.repositories.sqlalchemy.migrations import NAME, write_migration

    try:
        if revises is None and _holds_revisions(out, but=NAME):
            stop(
                f"{out} contains revisions: pass the head with --revises (`alembic heads` prints it), "
                "or --revises base for a separate branch.",
                2,
            )
        path = write_migration(out, revises=None if revises == _BASE else revises)
    except FileExistsError as error:
        stop(f"{error.filename} already exists and was not changed.")
    except ValueError as error:
        stop(str(error), 2)
    except OSError as error:
        stop(f"{out} cannot be written to: {error.strerror}.")
    typer.echo(path)


def _holds_revisions(folder: Path, *, but: str) -> bool:
    """Return whether a folder has other revisions: with two heads, `alembic upgrade head` fails."""
    return any(
        "down_revision" in file.read_text(encoding="utf-8", errors="replace")
        for file in folder.glob("*.py")
        if not file.name.endswith(f"_{but}.py")
    )

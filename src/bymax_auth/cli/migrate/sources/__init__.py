"""The systems that accounts can be moved from, each a `Source`."""

from pathlib import Path
from typing import Final

from bymax_auth.cli.migrate.candidates import Source, SourceUnusable
from bymax_auth.cli.migrate.sources.auth0 import Auth0Export
from bymax_auth.cli.migrate.sources.better_auth import BetterAuth
from bymax_auth.cli.migrate.sources.csv_file import CsvFile
from bymax_auth.cli.migrate.sources.database import DatabaseSource, open_source_database
from bymax_auth.cli.migrate.sources.django import Django
from bymax_auth.cli.migrate.sources.fastapi_users import FastApiUsers
from bymax_auth.cli.migrate.sources.files import FileSource
from bymax_auth.cli.migrate.sources.supabase import Supabase
from bymax_auth.cli.migrate.systems import System

__all__ = ["open_source"]

_DATABASES: Final[dict[System, type[DatabaseSource]]] = {
    System.BETTER_AUTH: BetterAuth,
    System.DJANGO: Django,
    System.FASTAPI_USERS: FastApiUsers,
    System.SUPABASE: Supabase,
}
_FILES: Final[dict[System, type[FileSource]]] = {System.AUTH0: Auth0Export, System.CSV: CsvFile}


def open_source(system: System, source: str, table: str | None) -> Source:
    """
    Return the accounts of another system.

    Args:
        system: Which system it is.
        source: The URL of its database, or the path of its export.
        table: The name of its table of accounts, where it is not the default one.

    Raises:
        SourceUnusable: There is no such file, or it is not the URL of a database.
    """
    database = _DATABASES.get(system)
    if database is not None:
        return database(open_source_database(source), table)
    path = Path(source)
    if "://" in source:  # the address of a database, which may have its password
        raise SourceUnusable(f"{system} reads an exported file, and not a database.")
    if not path.is_file():
        raise SourceUnusable(f"{path} is not a file.")
    return _FILES[system](path)

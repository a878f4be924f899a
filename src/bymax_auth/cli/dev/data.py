"""
The data of the development server: one SQLite file.

The file contains the stores, the accounts and the server's secret, so that sessions survive a
restart, and a second process sees the same.  It is for development only; a deployment stores its
secrets separately from its data.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import URL, Column, MetaData, Table, Text, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.repositories.sqlalchemy import (
    SqlAlchemyPlatformUserRepository,
    SqlAlchemyUserRepository,
    identities_table,
    platform_users_table,
    users_table,
)
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.secret import Secret

__all__ = ["DataFileUnusable", "DevData", "open_data"]

_BASE_ROLE: Final = "MEMBER"
_BUSY_TIMEOUT_SECONDS: Final = 5
"""The busy timeout of SQLite; the stores use the same timeout for the same file."""

_TABLES: Final = MetaData()
_USERS: Final = users_table(_TABLES)
_IDENTITIES: Final = identities_table(_TABLES)
_ADMINS: Final = platform_users_table(_TABLES)
_SECRET: Final = Table("dev_secret", _TABLES, Column("value", Text, nullable=False))


class DataFileUnusable(Exception):
    """The data file cannot be used; the message is one line with the reason."""


@dataclass(frozen=True, slots=True)
class DevData:
    """The stores, accounts and secret of a development server, and the file that holds them."""

    path: Path
    stores: EmbeddedStores
    users: UserRepository
    admins: SqlAlchemyPlatformUserRepository
    secret: Secret


@asynccontextmanager
async def open_data(path: Path | None) -> AsyncGenerator[DevData]:
    """
    Open the data of a development server; without a path it is a temporary file.

    Raises:
        DataFileUnusable: The file belongs to another application, or cannot be read and written.
    """
    if path is None:
        with TemporaryDirectory(prefix="bymax-auth-dev-", ignore_cleanup_errors=True) as folder:
            async with open_data(Path(folder) / "dev.db") as data:
                yield data
        return
    stores = EmbeddedStores(path)
    database = _database(path)
    try:
        # The stores are opened first: they reject a foreign file before anything is written to it.
        secret = await _prepare(stores, database, path)
        sessions = async_sessionmaker(database, expire_on_commit=False)
        users = SqlAlchemyUserRepository(sessions, table=_USERS, identities=_IDENTITIES, base_role=_BASE_ROLE)
        admins = SqlAlchemyPlatformUserRepository(sessions, table=_ADMINS)
        yield DevData(path, stores, users, admins, Secret(secret))
    finally:
        await database.dispose()
        await stores.aclose()


def _database(path: Path) -> AsyncEngine:
    # An absolute path prevents the special meaning of names such as `:memory:`.
    url = URL.create("sqlite+aiosqlite", database=str(path.absolute()))
    return create_async_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_SECONDS})


async def _prepare(stores: EmbeddedStores, database: AsyncEngine, path: Path) -> str:
    """Create missing tables and the secret in the file, and return the secret."""
    try:
        await stores.start()
        async with database.begin() as connection:
            # Locks the file, so that of two servers only one creates the tables and the secret.
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            await connection.run_sync(_TABLES.create_all)
            kept = await connection.scalar(select(_SECRET.c.value))
            if kept is None:
                kept = fresh_secret()
                await connection.execute(insert(_SECRET).values(value=kept))
            return str(kept)
    except StoreUnavailable as error:
        raise DataFileUnusable(str(error)) from error
    except DBAPIError as error:
        raise DataFileUnusable(f"The data file {path} cannot be used: {error.orig}.") from error

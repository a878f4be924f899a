"""
What the development server keeps: in memory, or in one SQLite file.

The file holds the stores, the users and the server's own secret, so that sessions survive a
restart.  It is for development; a deployment keeps its secrets apart from its data.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Column, MetaData, Table, Text, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, users_table
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.secret import Secret

__all__ = ["DataFileUnusable", "DevData", "open_data"]

_BASE_ROLE: Final = "MEMBER"
_BUSY_TIMEOUT_SECONDS: Final = 5
"""How long a writer waits for another; the stores, which write to the same file, wait as long."""

_TABLES: Final = MetaData()
_USERS: Final = users_table(_TABLES)
_SECRET: Final = Table("dev_secret", _TABLES, Column("value", Text, nullable=False))


class DataFileUnusable(Exception):
    """The data file cannot be used; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class DevData:
    """Everything stateful that a development server is built on."""

    stores: EmbeddedStores
    users: UserRepository
    secret: Secret


@asynccontextmanager
async def open_data(path: Path | None) -> AsyncGenerator[DevData]:
    """
    Open the data of a development server; without a path it lives in memory.

    Raises:
        DataFileUnusable: The file is another application's, or cannot be read and written.
    """
    if path is None:
        users = InMemoryUserRepository(base_role=_BASE_ROLE)
        yield DevData(EmbeddedStores(), users, Secret(fresh_secret()))
        return
    stores = EmbeddedStores(path)
    database = _database(path)
    try:
        # The stores go first: they recognise a file that is not ours before anything is written to it.
        secret = await _prepare(stores, database, path)
        sessions = async_sessionmaker(database, expire_on_commit=False)
        yield DevData(
            stores, SqlAlchemyUserRepository(sessions, table=_USERS, base_role=_BASE_ROLE), Secret(secret)
        )
    finally:
        await database.dispose()
        await stores.aclose()


def _database(path: Path) -> AsyncEngine:
    # A name that means something to SQLite, as `:memory:` does, is only a name once it is absolute.
    url = URL.create("sqlite+aiosqlite", database=str(path.absolute()))
    return create_async_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_SECONDS})


async def _prepare(stores: EmbeddedStores, database: AsyncEngine, path: Path) -> str:
    """Create in the file what it lacks, and return the secret that it keeps."""
    try:
        await stores.start()
        async with database.begin() as connection:
            # Of two servers that meet a new file, one creates the tables and the secret.
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

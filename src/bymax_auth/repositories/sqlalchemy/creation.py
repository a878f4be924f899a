"""
Creates tables that a database does not have, for a deployment without migrations of its own.

Several processes may do so at once, as the replicas of a service do: on PostgreSQL and SQLite they run
one after the other, in one transaction each.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from bymax_auth.repositories.sqlalchemy.failures import translated
from bymax_auth.repositories.sqlalchemy.tables import metadata

__all__ = ["create_missing_tables", "missing_tables"]

_LOCK_ID: Final = int.from_bytes(b"bymaxdb1", "big", signed=True)
_LOCKS: Final = {
    "postgresql": f"SELECT pg_advisory_xact_lock({_LOCK_ID})",
    "sqlite": "BEGIN IMMEDIATE",
}
"""The statement that makes another process wait until the transaction ends."""


async def missing_tables(connections: AsyncEngine, names: Iterable[str]) -> tuple[str, ...]:
    """
    Return the tables of `names` that the database does not have.

    Raises:
        RepositoryBackendError: The database is unreachable.
    """
    with translated():
        async with connections.connect() as connection:
            return await connection.run_sync(_missing, tuple(names))


async def create_missing_tables(connections: AsyncEngine, tables: MetaData = metadata) -> tuple[str, ...]:
    """
    Create the tables that the database does not have, with their indexes, and return their names.

    A table that exists is not changed.

    Raises:
        RepositoryBackendError: The database is unreachable, or refuses to create a table.
    """
    names = tuple(table.name for table in tables.sorted_tables)
    with translated():
        async with connections.begin() as connection:
            lock = _LOCKS.get(connection.dialect.name)
            if lock is not None:
                await connection.exec_driver_sql(lock)
            missing = await connection.run_sync(_missing, names)
            await connection.run_sync(tables.create_all)
    return missing


def _missing(connection: Connection, names: tuple[str, ...]) -> tuple[str, ...]:
    inspector = inspect(connection)
    return tuple(name for name in names if not inspector.has_table(name))

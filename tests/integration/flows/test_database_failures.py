"""What the log says when the accounts' database fails."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bymax_auth import AuthEngine
from bymax_auth.errors import RepositoryUnavailable
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, metadata
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.types.inputs import RegisterInput
from tests.integration.flows.world import CONTEXT, EMAIL, PASSWORD, TENANT, config_of

PERSON = RegisterInput(email=EMAIL, name="Ana", password=PASSWORD, tenant_id=TENANT)


async def test_a_locked_database_is_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator reads "internal error" and cannot tell a locked file from a missing table."""
    path = tmp_path / "users.db"
    database = create_async_engine(f"sqlite+aiosqlite:///{path}", connect_args={"timeout": 0})
    async with database.begin() as connection:
        await connection.run_sync(metadata.create_all)
    users = SqlAlchemyUserRepository(async_sessionmaker(database))
    options = config_of(platform={"enabled": False})
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            async with AuthEngine(options, users=users, stores=EmbeddedStores()) as engine:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(RepositoryUnavailable):
                    await engine.register(PERSON, CONTEXT)
                other.execute("ROLLBACK")
    finally:
        await database.dispose()
    [record] = [one for one in caplog.records if getattr(one, "event", None) == "internal_error"]
    told = vars(record)
    assert (record.levelno, told["origin"]) == (logging.ERROR, "repository.create")
    assert told["exception"] == "RepositoryBackendError"
    assert told["causes"] == (
        "sqlalchemy.exc.OperationalError",
        "sqlite3.OperationalError (SQLITE_BUSY)",
    )
    assert all(secret not in str(told) for secret in (EMAIL, PASSWORD, "INSERT", str(tmp_path)))

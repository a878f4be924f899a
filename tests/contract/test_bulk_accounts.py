"""Accounts that a migration writes, recognised again in every database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKeyConstraint, MetaData, Table, event, insert, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bymax_auth.repositories.sqlalchemy import metadata
from bymax_auth.repositories.sqlalchemy.bulk import BulkAccounts, Completion, Emptied, Filled, fingerprint
from bymax_auth.repositories.sqlalchemy.tables import bounded, users_table
from bymax_auth.types.account import AuthUser

MOMENT = datetime(2020, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
ADA = AuthUser(
    id="ada",
    email="ada@example.com",
    name="Ada Lovelace",
    password_hash="a hash",
    role="MEMBER",
    status="active",
    tenant_id="acme",
    email_verified=True,
    created_at=MOMENT,
    mfa_enabled=True,
    mfa_secret="sealed",
    mfa_recovery_codes=(),
)
BOB = replace(ADA, id="bob", email="bob@example.com", mfa_enabled=False, mfa_secret=None)


def orders_table() -> Table:
    """A table of a host, whose rows refer to accounts."""
    into = MetaData()
    users = users_table(into)
    tenant, customer = Column("tenant_id", bounded(128)), Column("customer", bounded(128))
    referring = ForeignKeyConstraint([tenant, customer], [users.c.tenant_id, users.c.id])
    return Table("orders", into, tenant, customer, referring)


class BulkAccountsContract:
    """What holds in each database."""

    async def test_an_account_is_recognised_as_it_was_written(self, engine: AsyncEngine) -> None:
        """A database returns other types than it was given, and nothing could be undone."""
        accounts = BulkAccounts(engine, "acme")
        written = [accounts.written(one) for one in (ADA, BOB)]
        await accounts.write([ADA, BOB], [])

        assert await accounts.has_written(written, [])
        assert await accounts.used(written) == []
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE auth_users SET name = 'Bob' WHERE id = 'bob'"))
        assert await accounts.used(written) == ["bob"]
        assert tuple(map(list, await accounts.remove(written, used=False))) == (["ada"], ["bob"], [])
        others = [one._replace(created_at="2020-01-02T03:04:05.678902+00:00") for one in written]
        assert tuple(map(list, await accounts.remove(others, used=True))) == ([], [], [])

    async def test_what_was_filled_is_emptied(self, engine: AsyncEngine) -> None:
        """Somebody's own password would be emptied, or a stranger's stay."""
        accounts = BulkAccounts(engine, "acme")
        values = {"oauth_provider": "google", "oauth_provider_id": "1"}
        filled = Filled("ada", {name: fingerprint(value) for name, value in values.items()}, MOMENT)
        await accounts.write([ADA], [])
        assert not await accounts.has_written([], [filled])
        await accounts.write([], [Completion(id="ada", values=values)])

        assert await accounts.has_written([], [filled])
        assert await accounts.empty(filled, used=False) is Emptied.EMPTIED
        assert await accounts.empty(filled, used=False) is Emptied.CHANGED

    async def test_an_account_to_which_rows_refer_is_named(self, engine: AsyncEngine) -> None:
        """The order of one customer would stop the undoing of everybody."""
        accounts, orders = BulkAccounts(engine, "acme"), orders_table()
        await accounts.write([ADA, BOB], [])
        async with engine.begin() as connection:
            await connection.run_sync(orders.create)
            await connection.execute(insert(orders).values(tenant_id="acme", customer="ada"))
        try:
            removal = await accounts.remove([accounts.written(one) for one in (ADA, BOB)], used=False)
            assert (list(removal.removed), list(removal.referenced)) == (["bob"], ["ada"])
        finally:
            async with engine.begin() as connection:
                await connection.run_sync(orders.drop)


async def emptied(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(metadata.create_all)
    try:
        yield engine
    finally:
        await engine.dispose()


class TestInSqlite(BulkAccountsContract):
    @pytest.fixture
    async def engine(self, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
        async for engine in emptied(f"sqlite+aiosqlite:///{tmp_path}/users.db"):
            await engine.dispose()

            @event.listens_for(engine.sync_engine, "connect")
            def enforce(connection: Any, _record: object) -> None:
                connection.execute("PRAGMA foreign_keys = ON")

            yield engine


@pytest.mark.processes
class TestInPostgres(BulkAccountsContract):
    @pytest.fixture
    async def engine(self, postgres_url: str) -> AsyncIterator[AsyncEngine]:
        async for engine in emptied(postgres_url):
            yield engine


@pytest.mark.processes
class TestInMariaDb(BulkAccountsContract):
    @pytest.fixture
    async def engine(self, mariadb_url: str) -> AsyncIterator[AsyncEngine]:
        async for engine in emptied(mariadb_url.replace("asyncmy", "aiomysql")):
            yield engine

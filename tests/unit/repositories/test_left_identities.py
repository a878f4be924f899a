"""Identities whose user a host has deleted by itself, on a database that does not delete them as well."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    delete,
)
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth.ports.accounts import UnlinkOutcome
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository
from bymax_auth.types.account import AuthUser, CreateUserData, CreateWithOAuthData

TABLES = MetaData()
MEMBERS = Table(
    "members",
    TABLES,
    # The number of a deleted row is given again, as SQLite does without AUTOINCREMENT.
    Column("id", Integer, primary_key=True),
    Column("tenant_id", String(64), nullable=False),
    Column("email", String(255), nullable=False),
    Column("name", String(50), nullable=False),
    Column("password_hash", String(255)),
    Column("role", String(32), nullable=False),
    Column("status", String(32), nullable=False),
    Column("email_verified", Boolean, nullable=False),
    Column("mfa_enabled", Boolean, nullable=False),
    Column("mfa_secret", String(255)),
    Column("mfa_recovery_codes", JSON),
    Column("oauth_provider", String(64)),
    Column("oauth_provider_id", String(255)),
    Column("last_login_at", DateTime),
    Column("created_at", DateTime, nullable=False),
    UniqueConstraint("tenant_id", "email"),
)
LOGINS = Table(
    "logins",
    TABLES,
    Column("tenant_id", String(64), primary_key=True),
    Column("provider", String(64), primary_key=True),
    Column("provider_id", String(255), primary_key=True),
    Column("user_id", Integer, nullable=False),
    Column("linked_at", DateTime),
)

IDENTIFIED = CreateWithOAuthData(
    email="eve@example.com", name="Eve", tenant_id="acme", oauth_provider="google", oauth_provider_id="1"
)
NEWCOMER = CreateUserData(email="ada@example.com", name="Ada", password_hash="$hash", tenant_id="acme")
LEFT = {"tenant_id": "acme", "provider": "google", "provider_id": "1", "user_id": 99}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/users.db")
    async with engine.begin() as connection:
        await connection.run_sync(TABLES.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
def users(engine: AsyncEngine) -> SqlAlchemyUserRepository:
    return SqlAlchemyUserRepository(async_sessionmaker(engine), table=MEMBERS, identities=LOGINS)


async def deleted_by_the_host(engine: AsyncEngine, users: SqlAlchemyUserRepository) -> AuthUser:
    """Eve's account, of which the identity is left."""
    eve = await users.create_with_oauth(IDENTIFIED)
    async with engine.begin() as connection:
        await connection.execute(delete(MEMBERS))
    assert await users.find_by_oauth_id("google", "1", tenant_id="acme") is None
    return eve


async def test_a_new_account_does_not_get_the_identity_of_whoever_had_its_number(
    engine: AsyncEngine, users: SqlAlchemyUserRepository
) -> None:
    """Whoever has deleted an account would sign in to that of the next person who registers."""
    eve = await deleted_by_the_host(engine, users)
    ada = await users.create(NEWCOMER)
    assert ada.id == eve.id
    assert await users.find_by_oauth_id("google", "1", tenant_id="acme") is None
    assert await users.list_identities(ada.id, tenant_id="acme") == ()


async def test_a_person_of_a_provider_gets_their_own_identity_alone(
    engine: AsyncEngine, users: SqlAlchemyUserRepository
) -> None:
    """The same for somebody whom a provider has identified, and for an import."""
    eve = await deleted_by_the_host(engine, users)
    ada = await users.create_with_oauth(replace(IDENTIFIED, email="ada@example.com", oauth_provider_id="2"))
    assert ada.id == eve.id
    assert await users.find_by_oauth_id("google", "1", tenant_id="acme") is None
    found = await users.find_by_oauth_id("google", "2", tenant_id="acme")
    assert found is not None
    assert found.id == ada.id
    async with engine.begin() as connection:
        await connection.execute(delete(MEMBERS))
    await users.add(replace(ada, email="ben@example.com", oauth_provider=None, oauth_provider_id=None))
    assert await users.find_by_oauth_id("google", "2", tenant_id="acme") is None


async def test_an_identity_that_signs_somebody_in_is_listed_and_can_be_unlinked(
    engine: AsyncEngine, users: SqlAlchemyUserRepository
) -> None:
    """A way in that its owner cannot see, and that no reset of an unverified account removes."""
    ada = AuthUser(
        id="7",
        email="ada@example.com",
        name="Ada",
        password_hash="$hash",
        role="USER",
        status="active",
        tenant_id="acme",
        email_verified=True,
        created_at=NOW,
    )
    await users.add(ada)
    async with engine.begin() as connection:  # as another implementation writes it
        await connection.execute(LOGINS.insert().values(LEFT))
        await connection.execute(
            MEMBERS.update().where(MEMBERS.c.id == 7).values(oauth_provider="google", oauth_provider_id="1")
        )
    found = await users.find_by_oauth_id("google", "1", tenant_id="acme")
    assert found is not None
    assert found.id == "7"
    [listed] = await users.list_identities("7", tenant_id="acme")
    assert (listed.provider, listed.provider_id) == ("google", "1")
    outcome = await users.unlink_oauth("7", "google", "1", tenant_id="acme", usable=())
    assert outcome is UnlinkOutcome.UNLINKED
    assert await users.find_by_oauth_id("google", "1", tenant_id="acme") is None

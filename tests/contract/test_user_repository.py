"""The repositories that come with the library keep their port's promises."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.repositories.sqlalchemy import (
    SqlAlchemyPlatformUserRepository,
    SqlAlchemyUserRepository,
    metadata,
    users_table,
)
from bymax_auth.testing import PlatformUserRepositoryContract, UserRepositoryContract
from bymax_auth.testing.identities import IdentityContract
from bymax_auth.testing.linked_identities import LinkedIdentityContract
from bymax_auth.types.account import AuthPlatformUser, AuthUser
from tests.long import long_only

Sessions = async_sessionmaker[AsyncSession]


@asynccontextmanager
async def fresh_tables(url: str) -> AsyncIterator[Sessions]:
    """Sessions on a database whose tables are new and empty."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.run_sync(metadata.create_all)
        yield async_sessionmaker(engine)
    finally:
        await engine.dispose()


class TestUsersInMemory(UserRepositoryContract):
    @pytest.fixture
    def users(self) -> InMemoryUserRepository:
        return InMemoryUserRepository()

    async def seed(self, users: InMemoryUserRepository, user: AuthUser) -> None:
        users.add(user)


class SqlUsers(UserRepositoryContract):
    async def seed(self, users: SqlAlchemyUserRepository, user: AuthUser) -> None:
        await users.add(user)


class TestUsersInSqlite(SqlUsers):
    @pytest.fixture
    async def users(self, tmp_path: Path) -> AsyncIterator[SqlAlchemyUserRepository]:
        async with fresh_tables(f"sqlite+aiosqlite:///{tmp_path}/users.db") as sessions:
            yield SqlAlchemyUserRepository(sessions)


class TestUsersWithOneIdentity(IdentityContract, LinkedIdentityContract):
    """A host's own table of users, without one of identities."""

    keeps_several_identities = False

    @pytest.fixture
    async def users(self, tmp_path: Path) -> AsyncIterator[SqlAlchemyUserRepository]:
        own = users_table(MetaData(), "auth_users")
        async with fresh_tables(f"sqlite+aiosqlite:///{tmp_path}/users.db") as sessions:
            yield SqlAlchemyUserRepository(sessions, table=own)

    async def seed(self, users: SqlAlchemyUserRepository, user: AuthUser) -> None:
        await users.add(user)


@pytest.mark.processes
class TestUsersInPostgres(SqlUsers):
    @pytest.fixture(params=["asyncpg", pytest.param("psycopg", marks=long_only)])
    async def users(
        self, postgres_url: str, request: pytest.FixtureRequest
    ) -> AsyncIterator[SqlAlchemyUserRepository]:
        async with fresh_tables(postgres_url.replace("asyncpg", request.param)) as sessions:
            yield SqlAlchemyUserRepository(sessions)


@pytest.mark.processes
class TestUsersInMariaDb(SqlUsers):
    @pytest.fixture(params=[pytest.param("asyncmy", marks=long_only), "aiomysql"])
    async def users(
        self, mariadb_url: str, request: pytest.FixtureRequest
    ) -> AsyncIterator[SqlAlchemyUserRepository]:
        async with fresh_tables(mariadb_url.replace("asyncmy", request.param)) as sessions:
            yield SqlAlchemyUserRepository(sessions)


class TestAdminsInMemory(PlatformUserRepositoryContract):
    @pytest.fixture
    def admins(self) -> InMemoryPlatformUserRepository:
        return InMemoryPlatformUserRepository()

    async def seed(self, admins: InMemoryPlatformUserRepository, admin: AuthPlatformUser) -> None:
        admins.add(admin)


class SqlAdmins(PlatformUserRepositoryContract):
    async def seed(self, admins: SqlAlchemyPlatformUserRepository, admin: AuthPlatformUser) -> None:
        await admins.add(admin)


class TestAdminsInSqlite(SqlAdmins):
    @pytest.fixture
    async def admins(self, tmp_path: Path) -> AsyncIterator[SqlAlchemyPlatformUserRepository]:
        async with fresh_tables(f"sqlite+aiosqlite:///{tmp_path}/admins.db") as sessions:
            yield SqlAlchemyPlatformUserRepository(sessions)


@pytest.mark.processes
class TestAdminsInPostgres(SqlAdmins):
    @pytest.fixture(params=["asyncpg", pytest.param("psycopg", marks=long_only)])
    async def admins(
        self, postgres_url: str, request: pytest.FixtureRequest
    ) -> AsyncIterator[SqlAlchemyPlatformUserRepository]:
        async with fresh_tables(postgres_url.replace("asyncpg", request.param)) as sessions:
            yield SqlAlchemyPlatformUserRepository(sessions)


@pytest.mark.processes
class TestAdminsInMariaDb(SqlAdmins):
    @pytest.fixture(params=[pytest.param("asyncmy", marks=long_only), "aiomysql"])
    async def admins(
        self, mariadb_url: str, request: pytest.FixtureRequest
    ) -> AsyncIterator[SqlAlchemyPlatformUserRepository]:
        async with fresh_tables(mariadb_url.replace("asyncmy", request.param)) as sessions:
            yield SqlAlchemyPlatformUserRepository(sessions)

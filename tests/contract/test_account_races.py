"""People who register one address at the same moment, each on a connection of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bymax_auth.errors import RepositoryConflict
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, metadata
from bymax_auth.types.account import AuthUser, CreateUserData
from tests.long import rounds

pytestmark = pytest.mark.processes

PEOPLE = 8
ROUNDS = rounds(4, 10)


class Person:
    """Somebody whose insert waits, with a connection of its own open, until everybody's has one."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], everybody: asyncio.Barrier) -> None:
        self.sessions = sessions
        self.users = SqlAlchemyUserRepository(sessions)
        self._everybody = everybody

    async def register(self, number: int) -> AuthUser:
        try:
            async with self.sessions() as session:
                await session.connection()
        except BaseException:
            await self._everybody.abort()  # the others would wait for ever
            raise
        await self._everybody.wait()
        # Two spellings of one address: the index that refuses the second folds case.
        email = "ada@example.com" if number % 2 else "ADA@example.com"
        data = CreateUserData(email=email, name="Ada", password_hash="scrypt:x:y", tenant_id="acme")
        return await self.users.create(data)


@pytest.fixture
async def people(postgres_url: str) -> AsyncIterator[list[Person]]:
    """Everybody's repository, on a pool that nobody shares, over empty tables."""
    everybody = asyncio.Barrier(PEOPLE)
    async with AsyncExitStack() as closing:
        engines = [create_async_engine(postgres_url, pool_size=1, max_overflow=0) for _ in range(PEOPLE)]
        for engine in engines:
            closing.push_async_callback(engine.dispose)
        async with engines[0].begin() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.run_sync(metadata.create_all)
        yield [Person(async_sessionmaker(engine), everybody) for engine in engines]


async def test_one_of_many_connections_registers_an_address(people: list[Person]) -> None:
    """Two workers give one address two accounts, or answer the slower person with a failure."""
    for _ in range(ROUNDS):
        outcomes = await asyncio.gather(
            *(person.register(number) for number, person in enumerate(people)),
            return_exceptions=True,
        )
        winners = [outcome for outcome in outcomes if isinstance(outcome, AuthUser)]
        assert len(winners) == 1
        assert [type(outcome) for outcome in outcomes if outcome is not winners[0]] == (
            [RepositoryConflict] * (PEOPLE - 1)
        )
        stored = await people[0].users.page(tenant_id="acme")
        assert stored == tuple(winners)
        await forget(people[0])


async def forget(person: Person) -> None:
    """Empty the table for the next round."""
    async with person.sessions() as session, session.begin():
        await session.execute(metadata.tables["auth_users"].delete())

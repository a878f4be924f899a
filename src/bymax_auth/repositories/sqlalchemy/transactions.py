"""One short transaction per repository method, mostly of one statement."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy import CursorResult, Dialect, Executable, Insert, StaticPool, UpdateBase
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bymax_auth.repositories.sqlalchemy.failures import translated

__all__ = ["SessionFactory", "Statements", "Transactions", "dialect_of"]

SessionFactory = Callable[[], AsyncSession]
"""The type of a host's ``async_sessionmaker``."""


class Statements:
    """Runs the statements of one transaction, and translates what the database says to each."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def rows(self, statement: Executable) -> list[dict[str, Any]]:
        """Return every row of a query, by label."""
        with translated():
            return [
                {str(label): value for label, value in row.items()}
                for row in (await self._session.execute(statement)).mappings()
            ]

    async def write(self, statement: UpdateBase) -> int:
        """Run a write and return the number of matched rows."""
        with translated():
            result = await self._session.execute(statement)
        return cast("CursorResult[Any]", result).rowcount

    async def insert(self, statement: Insert) -> Mapping[str, Any]:
        """Insert a row and return its primary key, by column; ``None`` where the database does not tell."""
        with translated():
            result = cast("CursorResult[Any]", await self._session.execute(statement))
        names = (column.key for column in statement.table.primary_key)
        return dict(zip(names, result.inserted_primary_key or (), strict=False))


class Transactions:
    """
    Runs statements in transactions, by default each in one of its own, and translates database errors.

    Raises:
        ValueError: Every session would use one connection, so that a rollback of one request would undo
            what another has written.
    """

    def __init__(self, sessions: SessionFactory) -> None:
        engine = _engine_of(sessions)
        if engine is not None and isinstance(engine.pool, StaticPool):
            raise ValueError(
                "The engine shares one connection between all sessions (StaticPool, the default of SQLite in "
                "memory), so concurrent requests would share a transaction. Use a database file, such as "
                "sqlite+aiosqlite:///app.db; in tests, one in a temporary folder."
            )
        self._sessions = sessions

    async def rows(self, statement: Executable) -> list[dict[str, Any]]:
        """Return every row of a query, by label."""
        async with self.open() as run:
            return await run.rows(statement)

    async def write(self, statement: UpdateBase) -> int:
        """Run a write and return the number of matched rows."""
        async with self.open() as run:
            return await run.write(statement)

    async def insert(self, statement: Insert) -> Mapping[str, Any]:
        """Insert a row and return its primary key, by column; ``None`` where the database does not tell."""
        async with self.open() as run:
            return await run.insert(statement)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Statements]:
        """Begin a transaction, which is committed after the block, or rolled back when it raises."""
        # Outermost, so that a commit, a rollback or a connection that fails is translated too.
        with translated():
            async with self._sessions() as session, session.begin():
                yield Statements(session)


def dialect_of(sessions: SessionFactory) -> Dialect | None:
    """Return the dialect of the sessions' engine; ``None`` where the factory does not tell it."""
    engine = _engine_of(sessions)
    return None if engine is None else engine.dialect


def _engine_of(sessions: SessionFactory) -> AsyncEngine | None:
    settings: Mapping[str, object] = getattr(sessions, "kw", {})
    bound = settings.get("bind")
    return bound if isinstance(bound, AsyncEngine) else None

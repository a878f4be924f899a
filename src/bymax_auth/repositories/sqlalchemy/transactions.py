"""One short transaction per repository method."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, UpdateBase
from sqlalchemy.ext.asyncio import AsyncSession

from bymax_auth.repositories.sqlalchemy.failures import translated

__all__ = ["SessionFactory", "Transactions"]

SessionFactory = Callable[[], AsyncSession]
"""The type of a host's ``async_sessionmaker``."""


class Transactions:
    """Runs one statement in one transaction, and translates database errors."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions

    async def rows(self, statement: Executable) -> list[dict[str, Any]]:
        """Return every row of a query, by label."""
        async with self._session() as session:
            return [
                {str(label): value for label, value in row.items()}
                for row in (await session.execute(statement)).mappings()
            ]

    async def write(self, statement: UpdateBase) -> int:
        """Run a write and return the number of matched rows."""
        async with self._session() as session:
            result = await session.execute(statement)
            return cast("CursorResult[Any]", result).rowcount

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[AsyncSession]:
        # Outermost, so that a commit, a rollback or a connection that fails is translated too.
        with translated():
            async with self._sessions() as session, session.begin():
                yield session

"""Platform administrators in a SQL table."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, func, insert, select, update

from bymax_auth.ports.clock import Clock
from bymax_auth.repositories.sqlalchemy.rows import account_fields, account_values
from bymax_auth.repositories.sqlalchemy.tables import AccountTable, columns_of, platform_users
from bymax_auth.repositories.sqlalchemy.transactions import SessionFactory, Transactions
from bymax_auth.types.account import AuthPlatformUser

__all__ = ["SqlAlchemyPlatformUserRepository"]


class SqlAlchemyPlatformUserRepository:
    """
    Implements `PlatformUserRepository` over any asyncio driver of SQLAlchemy.

    Args:
        sessions: The host's ``async_sessionmaker``; each call uses one session for one statement.
        table: The table, or a class mapped to one, with a column for each field of `AuthPlatformUser`.
    """

    def __init__(
        self, sessions: SessionFactory, *, table: AccountTable = platform_users, clock: Clock | None = None
    ) -> None:
        self._transactions = Transactions(sessions)
        self._table, self._columns = columns_of(table, AuthPlatformUser)
        self._clock = clock

    async def find_by_id(self, admin_id: str) -> AuthPlatformUser | None:
        return await self._find_one(self._columns["id"] == admin_id)

    async def find_by_email(self, email: str) -> AuthPlatformUser | None:
        return await self._find_one(func.lower(self._columns["email"]) == func.lower(email.lower()))

    async def add(self, admin: AuthPlatformUser) -> None:
        """
        Insert a complete administrator; the port has no method that creates one.

        Raises:
            RepositoryConflict: There is an administrator with this id or address.
        """
        values = {self._columns[name]: value for name, value in account_values(admin).items()}
        await self._transactions.write(insert(self._table).values(values))

    async def update_password(
        self, admin_id: str, password_hash: str, *, expected_hash: str | None = None
    ) -> bool:
        where: ColumnElement[bool] = self._columns["id"] == admin_id
        if expected_hash is not None:
            where = and_(where, self._columns["password_hash"] == expected_hash)
        return await self._set(where, password_hash=password_hash)

    async def update_last_login(self, admin_id: str) -> None:
        await self._set(self._columns["id"] == admin_id, last_login_at=self._now())

    async def update_status(self, admin_id: str, status: str) -> None:
        await self._set(self._columns["id"] == admin_id, status=status)

    async def _find_one(self, where: ColumnElement[bool]) -> AuthPlatformUser | None:
        columns = [column.label(name) for name, column in self._columns.items()]
        rows = await self._transactions.rows(select(*columns).where(where).limit(2))
        return AuthPlatformUser(**account_fields(rows[0])) if len(rows) == 1 else None

    async def _set(self, where: ColumnElement[bool], **changes: object) -> bool:
        changes["updated_at"] = self._now()
        values = {self._columns[name]: value for name, value in changes.items()}
        return await self._transactions.write(update(self._table).where(where).values(values)) > 0

    def _now(self) -> datetime:
        return datetime.now(UTC) if self._clock is None else self._clock.now()

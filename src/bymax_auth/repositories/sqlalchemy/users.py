"""Dashboard users in a SQL table."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Label, and_, delete, func, insert, select, update

from bymax_auth.ports.clock import Clock
from bymax_auth.repositories.sqlalchemy.rows import account_fields, account_values
from bymax_auth.repositories.sqlalchemy.tables import AccountTable, columns_of, users
from bymax_auth.repositories.sqlalchemy.transactions import SessionFactory, Transactions
from bymax_auth.types.account import AuthUser, CreateUserData

__all__ = ["SqlAlchemyUserRepository"]


class SqlAlchemyUserRepository:
    """
    Implements `UserRepository` over any asyncio driver of SQLAlchemy.

    Args:
        sessions: The host's ``async_sessionmaker``; each call uses one session for one statement.
        table: The table, or a class mapped to one, with a text column for each field of `AuthUser`.
        base_role: The role of a user created without one.
    """

    def __init__(
        self,
        sessions: SessionFactory,
        *,
        table: AccountTable = users,
        base_role: str = "USER",
        clock: Clock | None = None,
    ) -> None:
        self._transactions = Transactions(sessions)
        self._table, self._columns = columns_of(table, AuthUser)
        self._base_role = base_role
        self._clock = clock

    async def find_by_id(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        if tenant_id is not None:
            return await self._find_one(self._identifies(user_id, tenant_id))
        return await self._find_one(self._columns["id"] == user_id)

    async def find_by_email(self, email: str, *, tenant_id: str) -> AuthUser | None:
        # Lowered in Python for letters that the database's `lower` does not convert, and in SQL for
        # rows that the host wrote; both sides then match the index.
        same_address = func.lower(self._columns["email"]) == func.lower(email.lower())
        return await self._find_one(and_(self._columns["tenant_id"] == tenant_id, same_address))

    async def page(
        self, *, tenant_id: str, after_id: str | None = None, limit: int = 100
    ) -> tuple[AuthUser, ...]:
        """
        Return a page of a tenant's users, ordered by id, for administration; flows read one account only.

        Args:
            tenant_id: The tenant.
            after_id: The id of the last user of the previous page; ``None`` for the first page.
            limit: The maximum number of users.  A shorter page is the last.
        """
        where: ColumnElement[bool] = self._columns["tenant_id"] == tenant_id
        if after_id is not None:
            where = and_(where, self._columns["id"] > after_id)
        statement = select(*self._labelled()).where(where).order_by(self._columns["id"]).limit(limit)
        rows = await self._transactions.rows(statement)
        return tuple(AuthUser(**account_fields(row)) for row in rows)

    async def create(self, data: CreateUserData) -> AuthUser:
        user = AuthUser(
            id=str(uuid4()),
            email=data.email,
            name=data.name,
            password_hash=data.password_hash,
            role=self._base_role if data.role is None else data.role,
            status="pending" if data.status is None else data.status,
            tenant_id=data.tenant_id,
            email_verified=bool(data.email_verified),
            created_at=self._now(),
        )
        await self.add(user)
        return user

    async def add(self, user: AuthUser) -> None:
        """
        Insert a complete user, for imports and seed data.

        Raises:
            RepositoryConflict: The tenant has a user with this id, address or linked account.
        """
        values = {self._columns[name]: value for name, value in account_values(user).items()}
        await self._transactions.write(insert(self._table).values(values))

    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str, expected_hash: str | None = None
    ) -> bool:
        where = self._identifies(user_id, tenant_id)
        if expected_hash is not None:
            where = and_(where, self._columns["password_hash"] == expected_hash)
        return await self._set(where, "password_hash", password_hash)

    async def update_last_login(self, user_id: str, *, tenant_id: str) -> None:
        await self._set(self._identifies(user_id, tenant_id), "last_login_at", self._now())

    async def update_status(self, user_id: str, status: str, *, tenant_id: str) -> None:
        await self._set(self._identifies(user_id, tenant_id), "status", status)

    async def update_email_verified(self, user_id: str, verified: bool, *, tenant_id: str) -> None:
        await self._set(self._identifies(user_id, tenant_id), "email_verified", verified)

    async def update_role(self, user_id: str, role: str, *, tenant_id: str) -> None:
        """Store a role.  A host that does so also calls ``engine.revoke_all_sessions``: tokens carry it."""
        await self._set(self._identifies(user_id, tenant_id), "role", role)

    async def remove(self, user_id: str, *, tenant_id: str) -> bool:
        """
        Delete the user's row, and say whether there was one.

        A host that deletes an account also calls ``engine.revoke_all_sessions``, before and after.
        """
        statement = delete(self._table).where(self._identifies(user_id, tenant_id))
        return await self._transactions.write(statement) > 0

    def _identifies(self, user_id: str, tenant_id: str) -> ColumnElement[bool]:
        return and_(self._columns["tenant_id"] == tenant_id, self._columns["id"] == user_id)

    async def _find_one(self, where: ColumnElement[bool]) -> AuthUser | None:
        rows = await self._transactions.rows(select(*self._labelled()).where(where).limit(2))
        return AuthUser(**account_fields(rows[0])) if len(rows) == 1 else None

    def _labelled(self) -> list[Label[Any]]:
        return [column.label(name) for name, column in self._columns.items()]

    async def _set(self, where: ColumnElement[bool], name: str, value: object) -> bool:
        statement = update(self._table).where(where).values({self._columns[name]: value})
        return await self._transactions.write(statement) > 0

    def _now(self) -> datetime:
        return datetime.now(UTC) if self._clock is None else self._clock.now()

"""Platform administrators in a SQL table."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, select, true, update

from bymax_auth.errors import RepositoryBackendError
from bymax_auth.ports.clock import Clock
from bymax_auth.repositories.sqlalchemy.fitting import AccountTable, Written, fit
from bymax_auth.repositories.sqlalchemy.folding import same_address
from bymax_auth.repositories.sqlalchemy.insertion import insert_account
from bymax_auth.repositories.sqlalchemy.tables import platform_users
from bymax_auth.repositories.sqlalchemy.transactions import SessionFactory, Transactions, dialect_of
from bymax_auth.types.account import AuthPlatformUser, UpdatePlatformMfaData

__all__ = ["SqlAlchemyPlatformUserRepository"]


class SqlAlchemyPlatformUserRepository:
    """
    Implements `PlatformUserRepository` over any asyncio driver of SQLAlchemy.

    Args:
        sessions: The host's ``async_sessionmaker``; each call uses one session for one statement.
        table: The table, or a class mapped to one, with a column for each field of `AuthPlatformUser`.  Ids
            may be text, UUIDs or integers, timestamps with or without a zone.

    Raises:
        ValueError: The table does not fit, or all sessions share one connection; the message names every
            column and says what it needs.
    """

    def __init__(
        self, sessions: SessionFactory, *, table: AccountTable = platform_users, clock: Clock | None = None
    ) -> None:
        self._transactions = Transactions(sessions)
        self._fitted = fit(table, AuthPlatformUser, Written(), dialect_of(sessions))
        self._clock = clock

    async def find_by_id(self, admin_id: str) -> AuthPlatformUser | None:
        found = await self._find(self._fitted.matches("id", admin_id))
        # A collation may find other spellings, and each of those is the identifier of nobody.
        return found if found is not None and found.id == admin_id else None

    async def find_by_email(self, email: str) -> AuthPlatformUser | None:
        found = await self._find(same_address(self._fitted.columns["email"], email.lower()))
        # A collation may take é for e, and the account of one mailbox for that of another.
        return found if found is not None and found.email.lower() == email.lower() else None

    async def page(self, *, after_id: str | None = None, limit: int = 100) -> tuple[AuthPlatformUser, ...]:
        """
        Return a page of the administrators, ordered by id; flows read one account only.

        Args:
            after_id: The id of the last administrator of the previous page; ``None`` for the first page.
            limit: The maximum number of administrators.  A shorter page is the last.
        """
        where: ColumnElement[bool] = true() if after_id is None else self._fitted.after("id", after_id)
        statement = select(*self._fitted.labelled()).where(where).limit(limit)
        rows = await self._transactions.rows(statement.order_by(self._fitted.columns["id"]))
        return tuple(AuthPlatformUser(**self._fitted.fields(row)) for row in rows)

    async def create(
        self,
        *,
        email: str,
        name: str,
        password_hash: str,
        role: str,
        status: str = "active",
        platform_id: str | None = None,
    ) -> AuthPlatformUser:
        """
        Store a new administrator, for administration: no flow creates one.

        Raises:
            RepositoryConflict: There is an administrator with this address.
            RepositoryValueRefused: A column cannot hold a value.
        """
        now = self._now()
        admin = AuthPlatformUser(
            id="" if self._fitted.makes_id() else str(uuid4()),
            email=email,
            name=name,
            password_hash=password_hash,
            role=role,
            status=status,
            created_at=now,
            updated_at=now,
            platform_id=platform_id,
        )
        admin_id = await insert_account(self._transactions, self._fitted, admin)
        if admin_id is not None:
            return replace(admin, id=admin_id)
        made = await self.find_by_email(email)
        if made is None:
            raise RepositoryBackendError("A new row cannot be read back.")
        return made

    async def add(self, admin: AuthPlatformUser) -> None:
        """
        Insert a complete administrator, for imports and seed data.

        Raises:
            RepositoryConflict: There is an administrator with this id or address.
            RepositoryValueRefused: A column cannot hold a value.
        """
        await insert_account(self._transactions, self._fitted, admin)

    async def update_password(
        self, admin_id: str, password_hash: str, *, expected_hash: str | None = None
    ) -> bool:
        where: ColumnElement[bool] = self._fitted.matches("id", admin_id)
        if expected_hash is not None:
            where = and_(where, self._fitted.columns["password_hash"] == expected_hash)
        return await self._set(where, password_hash=password_hash)

    async def update_last_login(self, admin_id: str) -> None:
        await self._set(self._fitted.matches("id", admin_id), last_login_at=self._now())

    async def update_status(self, admin_id: str, status: str) -> None:
        await self._set(self._fitted.matches("id", admin_id), status=status)

    async def update_role(self, admin_id: str, role: str) -> None:
        """Store a role.  A host that does so also calls ``engine.platform.revoke_all_sessions``."""
        await self._set(self._fitted.matches("id", admin_id), role=role)

    async def remove(self, admin_id: str) -> bool:
        """
        Delete the administrator's row, and say whether there was one.

        A host that does so also calls ``engine.platform.revoke_all_sessions``, before and after.
        """
        statement = delete(self._fitted.table).where(self._fitted.matches("id", admin_id))
        return await self._transactions.write(statement) > 0

    async def update_mfa(self, admin_id: str, data: UpdatePlatformMfaData) -> None:
        await self._set(
            self._fitted.matches("id", admin_id),
            mfa_enabled=data.mfa_enabled,
            mfa_secret=data.mfa_secret,
            mfa_recovery_codes=data.mfa_recovery_codes,
        )

    async def _find(self, where: ColumnElement[bool]) -> AuthPlatformUser | None:
        rows = await self._transactions.rows(select(*self._fitted.labelled()).where(where).limit(2))
        return AuthPlatformUser(**self._fitted.fields(rows[0])) if len(rows) == 1 else None

    async def _set(self, where: ColumnElement[bool], **changes: object) -> bool:
        values = self._fitted.values({**changes, "updated_at": self._now()})
        return await self._transactions.write(update(self._fitted.table).where(where).values(values)) > 0

    def _now(self) -> datetime:
        return datetime.now(UTC) if self._clock is None else self._clock.now()

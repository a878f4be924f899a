"""Dashboard users in a SQL table, and their identities in another."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, and_, delete, select, update

from bymax_auth.errors import RepositoryBackendError, RepositoryValueRefused
from bymax_auth.ports.accounts import LinkOutcome, UnlinkOutcome
from bymax_auth.ports.clock import Clock
from bymax_auth.repositories.sqlalchemy.failures import ForeignKeyViolated, ValueRejected
from bymax_auth.repositories.sqlalchemy.fitting import AccountTable, Written, fit, fit_identities
from bymax_auth.repositories.sqlalchemy.folding import same_address
from bymax_auth.repositories.sqlalchemy.identities import Identities, identifies
from bymax_auth.repositories.sqlalchemy.insertion import insert_account
from bymax_auth.repositories.sqlalchemy.tables import identities as own_identities
from bymax_auth.repositories.sqlalchemy.tables import users
from bymax_auth.repositories.sqlalchemy.transactions import (
    SessionFactory,
    Statements,
    Transactions,
    dialect_of,
)
from bymax_auth.types.account import (
    AuthUser,
    CreateUserData,
    CreateWithOAuthData,
    LinkedIdentity,
    UpdateMfaData,
)

__all__ = ["SqlAlchemyUserRepository"]

_STATUS: Final = "pending"
"""The status of a user created without one."""

_IDENTIFIED: Final = "active"
"""The status of a user whom a provider has identified, created without one."""


class SqlAlchemyUserRepository:
    """
    Implements `UserRepository` over any asyncio driver of SQLAlchemy.

    Args:
        sessions: The host's ``async_sessionmaker``; each call uses one session for one transaction.
        table: The table, or a class mapped to one, with a column for each field of `AuthUser`.  Ids and
            tenants may be text, UUIDs or integers, timestamps with or without a zone.
        identities: The table of identities, or a class mapped to one, with a column for each field of
            `IdentityRow`.  The library's own beside its own table of users; without one, a user has one
            identity at most, in the columns of `table`.
        base_role: The role of a user created without one.
        profile: The engine's profile model; the table has a column for each of its fields.

    Raises:
        ValueError: A table does not fit, or all sessions share one connection; the message names every
            column and says what it needs.
    """

    def __init__(
        self,
        sessions: SessionFactory,
        *,
        table: AccountTable = users,
        identities: AccountTable | None = None,
        base_role: str = "USER",
        profile: type[BaseModel] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._transactions = Transactions(sessions)
        written = Written(role=base_role, status=_STATUS, makes_ids=True)
        self._fitted = fit(table, AuthUser, written, dialect_of(sessions), profile)
        of_users = own_identities if identities is None and table is users else identities
        fitted = None if of_users is None else fit_identities(of_users, dialect_of(sessions))
        self._identities = Identities(self._fitted, fitted, self._transactions)
        self._base_role = base_role
        self._clock = clock

    async def find_by_id(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        if tenant_id is None:
            found = await self._find(self._fitted.matches("id", user_id))
        else:
            found = await self._find(self._identifies(user_id, tenant_id))
        # A collation may find other spellings, and each of those is the identifier of nobody.
        return found if found is not None and found.id == user_id else None

    async def find_by_email(self, email: str, *, tenant_id: str) -> AuthUser | None:
        async with self._transactions.open() as run:
            return await self._of_address(email, tenant_id, run)

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
        where: ColumnElement[bool] = self._fitted.matches("tenant_id", tenant_id)
        if after_id is not None:
            where = and_(where, self._fitted.after("id", after_id))
        statement = select(*self._fitted.labelled()).where(where).limit(limit)
        rows = await self._transactions.rows(statement.order_by(self._fitted.columns["id"]))
        return tuple(AuthUser(**self._fitted.fields(row)) for row in rows)

    async def create(self, data: CreateUserData) -> AuthUser:
        user = AuthUser(
            id="" if self._fitted.makes_id() else str(uuid4()),
            email=data.email,
            name=data.name,
            password_hash=data.password_hash,
            role=self._base_role if data.role is None else data.role,
            status=_STATUS if data.status is None else data.status,
            tenant_id=data.tenant_id,
            email_verified=bool(data.email_verified),
            created_at=self._now(),
            profile=data.profile,
        )
        async with self._transactions.open() as run:
            return await self._inserted(user, run)

    async def create_with_oauth(self, data: CreateWithOAuthData) -> AuthUser:
        user = AuthUser(
            id="" if self._fitted.makes_id() else str(uuid4()),
            email=data.email,
            name=data.name,
            password_hash=None,
            role=self._base_role if data.role is None else data.role,
            status=_IDENTIFIED if data.status is None else data.status,
            tenant_id=data.tenant_id,
            email_verified=bool(data.email_verified),
            created_at=self._now(),
            oauth_provider=data.oauth_provider,
            oauth_provider_id=data.oauth_provider_id,
            profile=data.profile,
        )
        identity = LinkedIdentity(
            provider=data.oauth_provider, provider_id=data.oauth_provider_id, linked_at=user.created_at
        )
        async with self._transactions.open() as run:
            made = await self._inserted(user, run)
            await self._identities.store(run, made.id, identity, made.tenant_id)
        return made

    async def add(self, user: AuthUser) -> None:
        """
        Insert a complete user, for imports and seed data.

        Raises:
            RepositoryConflict: The tenant has a user with this id, address or linked account.
            RepositoryValueRefused: A column cannot hold a value.
        """
        async with self._transactions.open() as run:
            await self._insert(user, run)
            await self._identities.forget(run, user.id, user.tenant_id)

    async def _inserted(self, user: AuthUser, run: Statements) -> AuthUser:
        """Insert a user, and return it with the id that the database may have made."""
        user_id = await self._insert(user, run)
        if user_id is None:
            found = await self._of_address(user.email, user.tenant_id, run)
        else:
            found = replace(user, id=user_id)
        if found is None:
            raise RepositoryBackendError("A new row cannot be read back.")
        if not user.id:  # the database may have given the id before
            await self._identities.forget(run, found.id, found.tenant_id)
        return found

    async def _insert(self, user: AuthUser, run: Statements) -> str | None:
        try:
            return await insert_account(run, self._fitted, user)
        except ForeignKeyViolated:
            if self._fitted.columns["tenant_id"].foreign_keys:
                raise RepositoryValueRefused("tenantId", "must be a known tenant") from None
            raise
        except ValueRejected:
            if self._fitted.profile is not None:
                raise RepositoryValueRefused("profile", "holds what cannot be stored") from None
            raise

    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str, expected_hash: str | None = None
    ) -> bool:
        where = self._identifies(user_id, tenant_id)
        if expected_hash is not None:
            where = and_(where, self._fitted.columns["password_hash"] == expected_hash)
        return await self._set(where, password_hash=password_hash)

    async def update_last_login(self, user_id: str, *, tenant_id: str) -> None:
        await self._set(self._identifies(user_id, tenant_id), last_login_at=self._now())

    async def update_status(self, user_id: str, status: str, *, tenant_id: str) -> None:
        await self._set(self._identifies(user_id, tenant_id), status=status)

    async def update_email_verified(self, user_id: str, verified: bool, *, tenant_id: str) -> None:
        await self._set(self._identifies(user_id, tenant_id), email_verified=verified)

    async def update_mfa(self, user_id: str, data: UpdateMfaData, *, tenant_id: str) -> None:
        await self._set(
            self._identifies(user_id, tenant_id),
            mfa_enabled=data.mfa_enabled,
            mfa_secret=data.mfa_secret,
            mfa_recovery_codes=data.mfa_recovery_codes,
        )

    async def update_email(
        self,
        user_id: str,
        email: str,
        *,
        tenant_id: str,
        expected_email: str | None = None,
        expected_hash: str | None = None,
    ) -> bool:
        where = self._identifies(user_id, tenant_id)
        if expected_email is not None:
            where = and_(where, self._fitted.columns["email"] == expected_email)
        if expected_hash is not None:
            where = and_(where, self._fitted.columns["password_hash"] == expected_hash)
        return await self._set(where, email=email)

    async def find_by_oauth_id(self, provider: str, provider_id: str, *, tenant_id: str) -> AuthUser | None:
        identity = LinkedIdentity(provider=provider, provider_id=provider_id)
        owner_id = await self._identities.owner_of(identity, tenant_id)
        owner = None if owner_id is None else await self.find_by_id(owner_id, tenant_id=tenant_id)
        if owner is not None:
            return owner
        of_provider = self._fitted.matches("oauth_provider", provider)
        same = and_(of_provider, self._fitted.matches("oauth_provider_id", provider_id))
        found = await self._find(and_(self._fitted.matches("tenant_id", tenant_id), same))
        # A collation may find other spellings, and each of those is the identity of somebody else.
        if found is None or (found.oauth_provider, found.oauth_provider_id) != (provider, provider_id):
            return None
        return found

    async def list_identities(self, user_id: str, *, tenant_id: str) -> tuple[LinkedIdentity, ...]:
        return await self._identities.of(user_id, tenant_id)

    async def link_oauth(
        self,
        user_id: str,
        provider: str,
        provider_id: str,
        *,
        tenant_id: str,
        as_seen: AuthUser | None = None,
    ) -> LinkOutcome:
        identity = LinkedIdentity(provider=provider, provider_id=provider_id, linked_at=self._now())
        return await self._identities.link(user_id, identity, tenant_id, as_seen)

    async def unlink_oauth(
        self,
        user_id: str,
        provider: str,
        provider_id: str,
        *,
        tenant_id: str,
        usable: Collection[str] | None = None,
    ) -> UnlinkOutcome:
        identity = LinkedIdentity(provider=provider, provider_id=provider_id)
        return await self._identities.unlink(user_id, identity, tenant_id, usable)

    async def remove_credentials(self, user_id: str, email: str, *, tenant_id: str) -> bool:
        where = self._is_unproven(user_id, email, tenant_id)
        removed = ("password_hash", "oauth_provider", "oauth_provider_id")
        values = self._fitted.values(dict.fromkeys(removed))
        async with self._transactions.open() as run:
            if not await run.write(update(self._fitted.table).where(where).values(values)):
                return False
            await self._identities.forget(run, user_id, tenant_id)
        return True

    async def reclaim_with_oauth(self, user_id: str, data: CreateWithOAuthData) -> bool:
        credentials = ("password_hash", "oauth_provider", "oauth_provider_id")
        where = and_(
            self._is_unproven(user_id, data.email, data.tenant_id),
            *(self._fitted.columns[name].is_(None) for name in credentials),
        )
        values = self._fitted.values(
            {
                "name": data.name,
                "email_verified": True,
                "oauth_provider": data.oauth_provider,
                "oauth_provider_id": data.oauth_provider_id,
                "profile": data.profile,
            }
        )
        identity = LinkedIdentity(
            provider=data.oauth_provider, provider_id=data.oauth_provider_id, linked_at=self._now()
        )
        async with self._transactions.open() as run:
            if not await run.write(update(self._fitted.table).where(where).values(values)):
                return False
            await self._identities.forget(run, user_id, data.tenant_id)
            await self._identities.store(run, user_id, identity, data.tenant_id)
        return True

    async def update_role(self, user_id: str, role: str, *, tenant_id: str) -> None:
        """Store a role.  A host that does so also calls ``engine.revoke_all_sessions``: tokens carry it."""
        await self._set(self._identifies(user_id, tenant_id), role=role)

    async def remove(self, user_id: str, *, tenant_id: str) -> bool:
        """
        Delete the user's row and identities, and say whether there was one.

        A host that deletes an account also calls ``engine.revoke_all_sessions``, before and after.
        """
        statement = delete(self._fitted.table).where(self._identifies(user_id, tenant_id))
        async with self._transactions.open() as run:
            await self._identities.forget(run, user_id, tenant_id)
            return await run.write(statement) > 0

    def _is_unproven(self, user_id: str, email: str, tenant_id: str) -> ColumnElement[bool]:
        return and_(
            self._identifies(user_id, tenant_id),
            same_address(self._fitted.columns["email"], email.lower()),
            self._fitted.matches("email_verified", value=False),
            self._fitted.matches("mfa_enabled", value=False),
        )

    def _identifies(self, user_id: str, tenant_id: str) -> ColumnElement[bool]:
        return identifies(self._fitted, user_id, tenant_id)

    async def _of_address(self, email: str, tenant_id: str, run: Statements) -> AuthUser | None:
        # Lowered in Python for letters that the database's `lower` does not convert, and in SQL for
        # rows that the host wrote; both sides then match the index.
        same = same_address(self._fitted.columns["email"], email.lower())
        where = and_(self._fitted.matches("tenant_id", tenant_id), same)
        found = self._one(await run.rows(self._select(where)))
        # A collation may take é for e, and the account of one mailbox for that of another.
        return found if found is not None and found.email.lower() == email.lower() else None

    async def _find(self, where: ColumnElement[bool]) -> AuthUser | None:
        return self._one(await self._transactions.rows(self._select(where)))

    def _select(self, where: ColumnElement[bool]) -> Select[Any]:
        return select(*self._fitted.labelled()).where(where).limit(2)

    def _one(self, rows: list[dict[str, Any]]) -> AuthUser | None:
        return AuthUser(**self._fitted.fields(rows[0])) if len(rows) == 1 else None

    async def _set(self, where: ColumnElement[bool], **changes: object) -> bool:
        values = self._fitted.values(changes)
        return await self._transactions.write(update(self._fitted.table).where(where).values(values)) > 0

    def _now(self) -> datetime:
        return datetime.now(UTC) if self._clock is None else self._clock.now()

"""What the SQL repositories offer beyond their port, and what their failures show."""

import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, CheckConstraint, ForeignKeyConstraint, MetaData, Text, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import JSON, DateTime

from bymax_auth.errors import RepositoryBackendError, RepositoryConflict
from bymax_auth.repositories.sqlalchemy import (
    SqlAlchemyPlatformUserRepository,
    SqlAlchemyUserRepository,
    metadata,
    platform_users_table,
    users_table,
)
from bymax_auth.repositories.sqlalchemy.failures import translated
from bymax_auth.testing import FakeClock
from bymax_auth.types.account import AuthPlatformUser, AuthUser, CreateUserData, UpdateMfaData

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "$scrypt$do-not-show"
ADDRESS = "ada.lovelace@example.com"
NEW = CreateUserData(email=ADDRESS, name="Ada", password_hash=SECRET, tenant_id="acme")
ROOT = AuthPlatformUser(
    id="1",
    email="root@example.com",
    name="Root",
    password_hash=SECRET,
    role="SUPER_ADMIN",
    status="active",
    created_at=NOW,
    updated_at=NOW,
)
ADA = AuthUser(
    id="1",
    email=ADDRESS,
    name="Ada",
    password_hash=SECRET,
    role="USER",
    status="active",
    tenant_id="acme",
    email_verified=True,
    created_at=NOW,
)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/users.db")
    yield engine
    await engine.dispose()


@pytest.fixture
async def users(engine: AsyncEngine) -> SqlAlchemyUserRepository:
    await create(engine, metadata)
    return SqlAlchemyUserRepository(async_sessionmaker(engine), clock=FakeClock(NOW))


async def create(engine: AsyncEngine, tables: MetaData) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(tables.create_all)


def said(error: BaseException) -> str:
    """Everything that printing the exception would show."""
    return "".join(traceback.format_exception(error))


async def test_a_database_failure_shows_neither_statement_nor_values(engine: AsyncEngine) -> None:
    """An outage would write hashes and addresses into the error log."""
    users = SqlAlchemyUserRepository(async_sessionmaker(engine))
    with pytest.raises(RepositoryBackendError) as caught:
        await users.create(NEW)
    assert str(caught.value) == "sqlite3.OperationalError (SQLITE_ERROR)"
    assert SECRET not in said(caught.value)
    assert "lovelace" not in said(caught.value)
    assert "INSERT" not in said(caught.value)


async def test_a_conflict_shows_neither_statement_nor_values(users: SqlAlchemyUserRepository) -> None:
    """A second registration would write the address into the error log."""
    await users.create(NEW)
    with pytest.raises(RepositoryConflict) as caught:
        await users.create(NEW)
    assert "lovelace" not in said(caught.value)


async def test_a_database_that_is_not_there_is_a_backend_error() -> None:
    """A refused connection would leave as an exception that quotes where the database is."""
    engine = create_async_engine("postgresql+asyncpg://secret-user:secret-word@127.0.0.1:1/db")
    admins = SqlAlchemyPlatformUserRepository(async_sessionmaker(engine))
    with pytest.raises(RepositoryBackendError) as caught:
        await admins.find_by_id("1")
    assert "secret" not in said(caught.value)
    await engine.dispose()


async def test_text_that_no_database_can_hold_is_a_backend_error(users: SqlAlchemyUserRepository) -> None:
    """The exception of an encoder carries the whole text."""
    with pytest.raises(RepositoryBackendError) as caught:
        await users.find_by_email(f"{ADDRESS}\ud800", tenant_id="acme")
    assert "lovelace" not in said(caught.value)


async def test_a_broken_constraint_is_not_a_taken_address(engine: AsyncEngine) -> None:
    """Somebody would be told to sign in instead, to an account that does not exist."""
    tables = MetaData()
    strict = users_table(tables)
    strict.append_constraint(CheckConstraint(strict.c.role == "NOBODY", name="nobody"))
    await create(engine, tables)
    users = SqlAlchemyUserRepository(async_sessionmaker(engine), table=strict)
    with pytest.raises(RepositoryBackendError):
        await users.create(NEW)


async def test_a_linked_account_belongs_to_one_user(users: SqlAlchemyUserRepository) -> None:
    """One account at a provider would open two users' accounts."""
    linked = replace(ADA, oauth_provider="google", oauth_provider_id="42")
    await users.add(linked)
    with pytest.raises(RepositoryConflict):
        await users.add(replace(linked, id="2", email="second@example.com"))
    await users.add(replace(linked, tenant_id="globex"))
    await users.add(replace(ADA, id="3", email="third@example.com", oauth_provider_id="42"))
    await users.add(replace(ADA, id="4", email="fourth@example.com", oauth_provider_id="42"))


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1062, RepositoryConflict), (1586, RepositoryConflict), (1048, RepositoryBackendError)],
)
def test_a_taken_address_is_one_on_mysql_too(number: int, expected: type[Exception]) -> None:
    """MySQL's drivers give a number of their own, and a second registration would be a server error."""

    class DriverError(Exception):
        """As every driver of MySQL raises it: number and text."""

    with pytest.raises(expected), translated():
        raise IntegrityError("INSERT", {}, DriverError(number, "Duplicate entry"))


async def test_an_address_is_taken_in_every_spelling(users: SqlAlchemyUserRepository) -> None:
    """A row that the host wrote in capitals would allow a second account."""
    await users.add(replace(ADA, email="Ada.LOVELACE@example.com"))
    with pytest.raises(RepositoryConflict):
        await users.create(NEW)
    found = await users.find_by_email(ADDRESS, tenant_id="acme")
    assert found is not None
    assert found.email == "Ada.LOVELACE@example.com"


async def test_an_address_is_found_in_letters_that_the_database_cannot_lower(
    users: SqlAlchemyUserRepository,
) -> None:
    """SQLite lowers ASCII alone, and a support tool would say that the account does not exist."""
    await users.add(replace(ADA, email="élève@example.com"))
    found = await users.find_by_email("ÉLÈVE@example.com", tenant_id="acme")
    assert found is not None


async def test_an_id_of_two_tenants_is_not_guessed_across_them(users: SqlAlchemyUserRepository) -> None:
    """A support tool would act on one customer's user in the name of another."""
    await users.add(ADA)
    await users.add(replace(ADA, tenant_id="globex"))
    assert await users.find_by_id("1", tenant_id=None) is None
    assert await users.find_by_id("1", tenant_id="acme") == ADA


async def test_an_instant_with_an_offset_is_the_same_instant_afterwards(
    users: SqlAlchemyUserRepository,
) -> None:
    """SQLite drops an offset, and an account would be hours older or younger."""
    east = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    await users.add(replace(ADA, created_at=east))
    found = await users.find_by_id("1", tenant_id="acme")
    assert found is not None
    assert found.created_at == NOW
    assert found.created_at.utcoffset() == timedelta(0)


async def test_an_address_is_looked_up_in_an_index(
    engine: AsyncEngine, users: SqlAlchemyUserRepository
) -> None:
    """Every sign-in would read the whole table."""
    statements: list[tuple[str, Any]] = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _k, statement, parameters, _x, _m: statements.append((statement, parameters)),
    )
    await users.find_by_email(ADDRESS, tenant_id="acme")
    ((statement, parameters),) = statements
    async with engine.connect() as connection:
        plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
    assert "uq_auth_users_email" in str(plan)


async def test_every_statement_on_a_user_names_the_tenant(
    engine: AsyncEngine, users: SqlAlchemyUserRepository
) -> None:
    """One forgotten condition would let a tenant write another's rows."""
    await users.add(ADA)
    statements: list[str] = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _k, statement, _p, _x, _m: statements.append(statement),
    )
    await users.find_by_id("1", tenant_id="acme")
    await users.find_by_email(ADDRESS, tenant_id="acme")
    await users.update_password("1", "$new", tenant_id="acme", expected_hash=SECRET)
    await users.update_last_login("1", tenant_id="acme")
    await users.update_status("1", "banned", tenant_id="acme")
    await users.update_email_verified("1", False, tenant_id="acme")
    factor = UpdateMfaData(mfa_enabled=True, mfa_secret="s", mfa_recovery_codes=("c",))
    await users.update_mfa("1", factor, tenant_id="acme")
    await users.update_email(
        "1", "new@example.com", tenant_id="acme", expected_email=ADDRESS, expected_hash=SECRET
    )
    assert len(statements) == 8
    assert all("tenant_id = " in statement.partition("WHERE")[2] for statement in statements)


async def test_tables_may_have_names_of_the_hosts(engine: AsyncEngine) -> None:
    """A host with tables of these names already could not use the library."""
    tables = MetaData()
    own_users, own_admins = users_table(tables, "members"), platform_users_table(tables, "operators")
    await create(engine, tables)
    sessions = async_sessionmaker(engine)
    users = SqlAlchemyUserRepository(sessions, table=own_users, base_role="MEMBER")
    created = await users.create(NEW)
    assert created.role == "MEMBER"
    admins = SqlAlchemyPlatformUserRepository(sessions, table=own_admins, clock=FakeClock(NOW))
    root = AuthPlatformUser(
        id="1",
        email="root@example.com",
        name="Root",
        password_hash="$hash",
        role="SUPER_ADMIN",
        status="active",
        created_at=NOW,
        updated_at=NOW,
    )
    await admins.add(root)
    assert await admins.find_by_id("1") == root
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM members"))).scalar_one() == 1


class Base(DeclarativeBase):
    """The host's own mapped classes."""


class Member(Base):
    """A host's user with a column of its own, and one under another name."""

    __tablename__ = "our_members"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[str] = mapped_column("organisation", Text, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    email_verified: Mapped[bool] = mapped_column(Boolean)
    mfa_enabled: Mapped[bool] = mapped_column(Boolean)
    mfa_secret: Mapped[str | None] = mapped_column(Text)
    mfa_recovery_codes: Mapped[list[str] | None] = mapped_column(JSON)
    oauth_provider: Mapped[str | None] = mapped_column(Text)
    oauth_provider_id: Mapped[str | None] = mapped_column(Text)
    last_login_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    newsletter: Mapped[bool] = mapped_column(Boolean, default=True)


class Editor(Member):
    """A class that is mapped to two tables."""

    __tablename__ = "our_editors"
    __table_args__ = (
        ForeignKeyConstraint(["id", "organisation"], ["our_members.id", "our_members.organisation"]),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[str] = mapped_column("organisation", Text, primary_key=True)


async def test_a_host_keeps_its_own_mapped_class(engine: AsyncEngine) -> None:
    """A host with a user table of its own would have to keep every user twice."""
    await create(engine, Base.metadata)
    users = SqlAlchemyUserRepository(async_sessionmaker(engine), table=Member)
    created = await users.create(NEW)
    assert await users.find_by_email(ADDRESS, tenant_id="acme") == created
    assert await users.update_password(created.id, "$new", tenant_id="acme", expected_hash=SECRET)
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT organisation, newsletter FROM our_members"))).one()
    assert tuple(row) == ("acme", 1)


def test_a_class_of_two_tables_is_refused() -> None:
    """A write would reach one of the tables and not the other."""
    with pytest.raises(ValueError, match="Editor is mapped to 2 tables"):
        SqlAlchemyUserRepository(async_sessionmaker(), table=Editor)


async def test_pages_join_to_the_whole_list(users: SqlAlchemyUserRepository) -> None:
    """An operator's list leaves somebody out between two pages, or shows another customer's users."""
    for number in range(5):
        await users.add(replace(ADA, id=f"u{number}", email=f"person{number}@example.com"))
    await users.add(replace(ADA, id="u2", tenant_id="globex"))
    pages = [await users.page(tenant_id="acme", limit=2)]
    while pages[-1]:
        pages.append(await users.page(tenant_id="acme", after_id=pages[-1][-1].id, limit=2))
    assert [[user.id for user in page] for page in pages] == [["u0", "u1"], ["u2", "u3"], ["u4"], []]
    assert {user.tenant_id for page in pages for user in page} == {"acme"}


async def test_pages_of_administrators_join_to_the_whole_list(engine: AsyncEngine) -> None:
    """An operator's list leaves somebody out between two pages."""
    await create(engine, metadata)
    admins = SqlAlchemyPlatformUserRepository(async_sessionmaker(engine), clock=FakeClock(NOW))
    for number in range(5):
        await admins.add(replace(ROOT, id=f"a{number}", email=f"root{number}@example.com"))
    pages = [await admins.page(limit=2)]
    while pages[-1]:
        pages.append(await admins.page(after_id=pages[-1][-1].id, limit=2))
    assert [[admin.id for admin in page] for page in pages] == [["a0", "a1"], ["a2", "a3"], ["a4"], []]


async def test_a_changed_or_removed_administrator_is_that_one(engine: AsyncEngine) -> None:
    """Removing one operator would remove, or promote, another."""
    await create(engine, metadata)
    admins = SqlAlchemyPlatformUserRepository(async_sessionmaker(engine), clock=FakeClock(NOW))
    other = replace(ROOT, id="2", email="second@example.com")
    await admins.add(ROOT)
    await admins.add(other)
    await admins.update_role("1", "SUPPORT")
    assert await admins.find_by_id("1") == replace(ROOT, role="SUPPORT")
    assert await admins.find_by_id("2") == other
    assert [await admins.remove("1"), await admins.remove("1")] == [True, False]
    assert await admins.page() == (other,)


async def test_a_new_administrator_has_an_address_of_its_own(engine: AsyncEngine) -> None:
    """Two administrators would share an address, and a sign-in would find neither."""
    await create(engine, metadata)
    admins = SqlAlchemyPlatformUserRepository(async_sessionmaker(engine), clock=FakeClock(NOW))

    async def born(email: str) -> AuthPlatformUser:
        return await admins.create(email=email, name="Root", password_hash=SECRET, role="SUPER_ADMIN")

    first = await born("root@example.com")
    assert await admins.find_by_id(first.id) == first
    assert (first.mfa_enabled, first.platform_id, first.last_login_at) == (False, None, None)
    with pytest.raises(RepositoryConflict):
        await born("ROOT@example.com")
    assert (await born("second@example.com")).id != first.id

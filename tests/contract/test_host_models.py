"""The SQL repository on tables of a host's own: its kinds of keys and timestamps, on every driver."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel
from sqlalchemy import (
    CHAR,
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    insert,
    text,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bymax_auth.errors import RepositoryConflict, RepositoryValueRefused
from bymax_auth.repositories.sqlalchemy import SqlAlchemyUserRepository, metadata
from bymax_auth.testing import FakeClock
from bymax_auth.types.account import AuthUser, CreateUserData, CreateWithOAuthData, UpdateMfaData
from tests.long import long_only, pairs

NOW = datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)
ADDRESS = "ada@example.com"

DRIVERS = (
    "aiosqlite",
    pytest.param("asyncpg", marks=pytest.mark.processes),
    pytest.param("psycopg", marks=[pytest.mark.processes, long_only]),
    pytest.param("asyncmy", marks=pytest.mark.processes),
    pytest.param("aiomysql", marks=[pytest.mark.processes, long_only]),
)


class Guid(TypeDecorator[UUID]):
    """A host's own UUID type, as user libraries ship it."""

    impl = CHAR(36)
    cache_ok = True

    def process_bind_param(self, value: UUID | str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(UUID(str(value)))

    def process_result_value(self, value: str | None, dialect: Dialect) -> UUID | None:
        return None if value is None else UUID(value)


class AwareTime(TypeDecorator[datetime]):
    """A host's own timestamp, which refuses a naive one."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise TypeError("a timestamp needs a zone")
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def exact(length: int) -> Any:
    return String(length).with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql")


KEYS: dict[str, tuple[Callable[[], Any], dict[str, Any], str]] = {
    "uuid": (Uuid, {}, str(uuid4())),
    "uuid as text": (lambda: Uuid(as_uuid=False), {}, str(uuid4())),
    "uuid by the host": (Guid, {"default": uuid4}, str(uuid4())),
    "integer": (Integer, {}, "999"),
    "big integer": (lambda: BigInteger().with_variant(Integer, "sqlite"), {}, "999"),
    "text": (lambda: exact(64), {}, "somebody"),
    "text by the host": (lambda: exact(64), {"default": lambda: f"usr_{uuid4().hex}"}, "usr_1"),
}


def plain_time() -> Any:
    return DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")


def zoned_time() -> Any:
    return DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql")


TIMES = {"naive": plain_time, "aware": zoned_time, "by the host": AwareTime}


def members(
    tables: MetaData, key: Callable[[], Any], options: dict[str, Any], time: Callable[[], Any], tenant: Any
) -> Table:
    """A host's table of users with a single key."""
    return Table(
        "members",
        tables,
        Column("id", key(), primary_key=True, **options),
        Column("tenant_id", *tenant, nullable=False),
        *rest(time),
        UniqueConstraint("tenant_id", "email"),
    )


def rest(time: Callable[[], Any]) -> list[Column[Any]]:
    return [
        Column("email", exact(255), nullable=False),
        Column("name", String(50), nullable=False),
        Column("password_hash", String(255)),
        Column("role", Enum("USER", "ADMIN", name="member_role"), nullable=False),
        Column("status", String(32), nullable=False),
        Column("email_verified", Boolean, nullable=False),
        Column("mfa_enabled", Boolean, nullable=False),
        Column("mfa_secret", String(255)),
        Column("mfa_recovery_codes", JSON),
        Column("oauth_provider", String(64)),
        Column("oauth_provider_id", String(255)),
        Column("last_login_at", time()),
        Column("created_at", time(), nullable=False),
    ]


@pytest.fixture(params=DRIVERS)
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An empty database, by each driver that the guide names."""
    engine = create_async_engine(url_of(request, request.param, tmp_path))
    yield engine
    await engine.dispose()


def url_of(request: pytest.FixtureRequest, driver: str, tmp_path: Path) -> str:
    if driver == "aiosqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/app.db"
    server = "postgres" if driver in {"asyncpg", "psycopg"} else "mariadb"
    url: str = request.getfixturevalue(f"{server}_url")
    return url.replace("asyncpg", driver).replace("asyncmy", driver)


async def made(engine: AsyncEngine, tables: MetaData) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(tables.drop_all)
        await connection.run_sync(tables.create_all)


async def dropped(engine: AsyncEngine, tables: MetaData) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(tables.drop_all)


@pytest.mark.parametrize(("kind", "time"), pairs([*KEYS], [*TIMES]))
async def test_a_host_keeps_its_keys_and_timestamps(engine: AsyncEngine, kind: str, time: str) -> None:
    """A host with integer or UUID keys, or timestamps of the other sort, could serve no request."""
    (key, options, unknown), tables = KEYS[kind], MetaData()
    table = members(tables, key, options, TIMES[time], [exact(128)])
    await made(engine, tables)
    users = SqlAlchemyUserRepository(async_sessionmaker(engine), table=table, clock=FakeClock(NOW))
    created = await users.create(person())
    assert (created.created_at, created.tenant_id, type(created.id)) == (NOW, "acme", str)
    await live(users, created, unknown)
    await dropped(engine, tables)


@pytest.mark.parametrize("kind", ["uuid", "text"])
async def test_a_key_may_be_composed_with_the_tenant(engine: AsyncEngine, kind: str) -> None:
    """A host whose primary key names the tenant would have to change it."""
    (key, options, unknown), tables = KEYS[kind], MetaData()
    table = Table(
        "members",
        tables,
        Column("tenant_id", exact(128)),
        Column("id", key(), **options),
        *rest(plain_time),
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "email"),
    )
    await made(engine, tables)
    users = SqlAlchemyUserRepository(async_sessionmaker(engine), table=table, clock=FakeClock(NOW))
    created = await users.create(person())
    await live(users, created, unknown)
    await users.add(replace(created, tenant_id="globex"))
    assert await users.find_by_id(created.id, tenant_id=None) is None
    await dropped(engine, tables)


async def test_a_tenant_may_be_a_row_of_the_hosts(engine: AsyncEngine) -> None:
    """A client that names a tenant which is none would get an internal error."""
    tables, acme = MetaData(), uuid4()
    organisations = Table("organisations", tables, Column("id", Uuid, primary_key=True))
    table = members(tables, Uuid, {}, plain_time, [Uuid, ForeignKey("organisations.id")])
    await made(engine, tables)
    async with engine.begin() as connection:
        await connection.execute(insert(organisations).values(id=acme))
    users = SqlAlchemyUserRepository(async_sessionmaker(engine), table=table)
    created = await users.create(replace(person(), tenant_id=str(acme)))
    assert await users.find_by_email(ADDRESS, tenant_id=str(acme)) == created
    for nowhere in ("acme", str(acme).upper(), ""):
        assert await users.find_by_email(ADDRESS, tenant_id=nowhere) is None
        with pytest.raises(RepositoryValueRefused, match="tenantId must be a UUID"):
            await users.create(replace(person(), tenant_id=nowhere))
    if engine.dialect.name != "sqlite":  # which checks foreign keys only when it is asked to
        with pytest.raises(RepositoryValueRefused, match="tenantId must be a known tenant"):
            await users.create(replace(person(), tenant_id=str(uuid4())))
    await dropped(engine, tables)


@pytest.mark.processes
@pytest.mark.parametrize("driver", ["asyncmy", "aiomysql"])
async def test_a_collation_finds_nobody_elses_account(
    request: pytest.FixtureRequest, driver: str, tmp_path: Path
) -> None:
    """The owner of the mailbox élève@ would reset the password of eleve@."""
    engine, tables = create_async_engine(url_of(request, driver, tmp_path)), MetaData()
    table = members(tables, lambda: String(64), {}, plain_time, [String(128)])
    table.c.email.type = String(255)
    await made(engine, tables)
    users = SqlAlchemyUserRepository(async_sessionmaker(engine), table=table)
    created = await users.create(replace(person(), email="eleve@example.com"))
    assert await users.find_by_email("Eleve@example.com", tenant_id="acme") == created
    assert await users.find_by_email("élève@example.com", tenant_id="acme") is None
    assert await users.find_by_id(created.id.upper(), tenant_id="acme") is None
    await dropped(engine, tables)
    await engine.dispose()


@pytest.mark.processes
async def test_an_address_is_looked_up_in_an_index_of_mariadb(mariadb_url: str) -> None:
    """Every sign-in would read the whole table."""
    engine = create_async_engine(mariadb_url)
    await made(engine, metadata)
    await SqlAlchemyUserRepository(async_sessionmaker(engine)).create(person())
    async with engine.connect() as connection:
        plan = await connection.execute(
            text("EXPLAIN SELECT id FROM auth_users WHERE tenant_id = 'acme' AND email = 'ada@example.com'")
        )
        assert "uq_auth_users_email" in str(plan.all())
    await dropped(engine, metadata)
    await engine.dispose()


def person() -> CreateUserData:
    return CreateUserData(email=ADDRESS, name="Ada", password_hash="$hash", tenant_id="acme", status="active")


async def identified(users: SqlAlchemyUserRepository, user: AuthUser, protected: AuthUser) -> None:
    """What a provider does to an account, which loses its password."""
    tenant = user.tenant_id
    await users.link_oauth(user.id, "google", "1234", tenant_id=tenant)
    found = await users.find_by_oauth_id("google", "1234", tenant_id=tenant)
    assert found is not None
    assert (found.id, found.password_hash) == (user.id, "$hash")
    data = CreateWithOAuthData(
        email=user.email, name="Ben", tenant_id=tenant, oauth_provider="github", oauth_provider_id="5"
    )
    assert not await users.remove_credentials(protected.id, protected.email, tenant_id=tenant)
    assert not await users.reclaim_with_oauth(user.id, data)
    assert await users.remove_credentials(user.id, user.email, tenant_id=tenant)
    assert await users.reclaim_with_oauth(user.id, data)
    reclaimed = await users.find_by_oauth_id("github", "5", tenant_id=tenant)
    assert reclaimed is not None
    assert (reclaimed.id, reclaimed.name, reclaimed.password_hash) == (user.id, "Ben", None)
    assert reclaimed.email_verified


async def live(users: SqlAlchemyUserRepository, created: AuthUser, unknown: str) -> None:
    """All that happens to an account."""
    tenant = created.tenant_id
    found = await users.find_by_id(created.id, tenant_id=tenant)
    assert found is not None
    assert replace(found, created_at=created.created_at) == created
    assert found.created_at.utcoffset() is not None
    assert abs(found.created_at - NOW).total_seconds() < 1
    assert await users.find_by_id(created.id, tenant_id=None) == found
    assert await users.find_by_email("ADA@example.com", tenant_id=tenant) == found
    for nobody in (unknown, "nobody", "", "9" * 40, "\0", " " + created.id, "0" + created.id, "é"):
        assert await users.find_by_id(nobody, tenant_id=tenant) is None
        assert await users.update_password(nobody, "$x", tenant_id=tenant) is False
        assert await users.update_email(nobody, "x@example.com", tenant_id=tenant) is False
    assert await users.update_password(created.id, "$new", tenant_id=tenant, expected_hash="$hash")
    await users.update_last_login(created.id, tenant_id=tenant)
    await users.update_email_verified(created.id, True, tenant_id=tenant)
    await users.update_status(created.id, "suspended", tenant_id=tenant)
    factor = UpdateMfaData(mfa_enabled=True, mfa_secret="a:b:c", mfa_recovery_codes=("0" * 64,))
    await users.update_mfa(created.id, factor, tenant_id=tenant)
    expected = {"expected_email": created.email, "expected_hash": "$new"}
    assert await users.update_email(created.id, "ada@new.example", tenant_id=tenant, **expected)
    changed = await users.find_by_id(created.id, tenant_id=tenant)
    assert changed is not None
    assert changed.email == "ada@new.example"
    assert await users.update_email(created.id, created.email, tenant_id=tenant)
    assert (changed.password_hash, changed.email_verified, changed.status) == ("$new", True, "suspended")
    assert (changed.mfa_enabled, changed.mfa_secret, changed.mfa_recovery_codes) == (
        True,
        "a:b:c",
        ("0" * 64,),
    )
    assert changed.last_login_at is not None
    assert abs(changed.last_login_at - NOW).total_seconds() < 1
    with pytest.raises(RepositoryConflict):
        await users.create(person())
    with pytest.raises(RepositoryValueRefused, match="name must be at most 50 characters"):
        await users.create(replace(person(), email="b@example.com", name="n" * 60))
    other = await users.create(replace(person(), email="other@example.com"))
    assert other.id != created.id
    with pytest.raises(RepositoryConflict):
        await users.update_email(other.id, created.email, tenant_id=tenant)
    await identified(users, other, created)
    assert {user.id for user in await users.page(tenant_id=tenant)} == {created.id, other.id}
    first = (await users.page(tenant_id=tenant, limit=1))[0]
    rest = await users.page(tenant_id=tenant, after_id=first.id)
    assert {first.id, *(user.id for user in rest)} == {created.id, other.id}
    await users.add(replace(created, id=unknown, email="third@example.com"))
    assert await users.find_by_id(unknown, tenant_id=tenant) is not None


class Profile(BaseModel):
    """A host's profile whose fields have no bounds."""

    company: str = ""
    points: int = 0
    notes: dict[str, Any] = {}


@pytest.mark.parametrize(
    "profile",
    [
        Profile(company="a\0b"),
        Profile(points=10**30),
        Profile(notes={"a": "\ud800"}),
    ],
    ids=["null character", "number", "half a character"],
)
async def test_a_profile_that_cannot_be_stored_is_the_clients_mistake(
    engine: AsyncEngine, profile: Profile
) -> None:
    """Anybody who can register makes internal errors."""
    tables = MetaData()
    table = members(tables, Uuid, {}, plain_time, [exact(128)])
    table.append_column(Column("company", exact(40)))
    table.append_column(Column("points", BigInteger))
    table.append_column(Column("notes", JSON))
    await made(engine, tables)
    users = SqlAlchemyUserRepository(async_sessionmaker(engine), table=table, profile=Profile)
    outcome = (
        await asyncio.gather(users.create(replace(person(), profile=profile)), return_exceptions=True)
    )[0]
    if isinstance(outcome, AuthUser):
        found = await users.find_by_id(outcome.id, tenant_id="acme")
        assert found is not None
        assert found.profile == profile
    else:
        assert isinstance(outcome, RepositoryValueRefused)
        assert outcome.field.partition(".")[0] == "profile"
    await dropped(engine, tables)

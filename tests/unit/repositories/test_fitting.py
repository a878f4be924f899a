"""A host's table that cannot hold accounts is refused when the repository is built, in one report."""

import enum
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Dialect,
    Enum,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    StaticPool,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
    false,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.types import TypeEngine

from bymax_auth.errors import RepositoryValueRefused
from bymax_auth.repositories.sqlalchemy import (
    SqlAlchemyPlatformUserRepository,
    SqlAlchemyUserRepository,
    users_table,
)
from bymax_auth.repositories.sqlalchemy.conversions import Unwritable, instant, key
from bymax_auth.repositories.sqlalchemy.fitting import Written, fit
from bymax_auth.types.account import AuthUser

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = "0b0e7a54-6c1f-4a86-9d0f-2f6f6f1f5a10"


class Standing(enum.Enum):
    WAITING = "pending"
    USABLE = "active"


class Level(enum.IntEnum):
    USER = 1
    ADMIN = 2


class Upper(TypeDecorator[str]):
    """A type of the host's that takes no identifier of any sort."""

    impl = String(8)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        raise TypeError("read only")


class Sloppy(TypeDecorator[UUID]):
    """A UUID type that takes every text and chokes on reading it."""

    impl = String(36)
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return None if value is None else UUID(str(value))


class Counted(TypeDecorator[int]):
    """An integer of the host's own."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int:
        return value + 1

    def process_result_value(self, value: Any, dialect: Dialect) -> int:
        return value - 1


class Dashed(TypeDecorator[str]):
    """A UUID of the host's own that is text to Python."""

    impl = String(36)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return str(UUID(value))


class Moment(TypeDecorator[datetime]):
    """A timestamp of the host's own that changes nothing."""

    impl = DateTime
    cache_ok = True


class Passed(Moment):
    """A timestamp of the host's own that hands values on."""

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value


class NaiveOnly(Moment):
    """A timestamp of the host's own that refuses zones."""

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is not None:
            raise TypeError("a timestamp has no zone")
        return value


def table(**changes: Column[Any] | TypeEngine[Any] | None) -> Table:
    """The shipped table with other columns: a type in place of one's own, a column beside them."""
    tables = MetaData()
    shipped = users_table(MetaData())
    columns = {column.name: column._copy() for column in shipped.columns}
    columns["id"].primary_key = True
    for name, change in changes.items():
        if change is None:
            del columns[name]
        elif isinstance(change, Column):
            columns[name] = change
        else:
            columns[name].type = change
    return Table("members", tables, *columns.values())


def report(**changes: Any) -> str:
    with pytest.raises(ValueError, match="members does not fit AuthUser") as caught:
        SqlAlchemyUserRepository(async_sessionmaker(), table=table(**changes))
    return str(caught.value)


def test_a_second_factor_that_would_be_cut_is_reported() -> None:
    """Whoever enables it could never sign in again, or with no recovery code."""
    said = report(mfa_secret=String(85), mfa_recovery_codes=ARRAY(String(63)))
    assert said == (
        "members does not fit AuthUser: mfa_recovery_codes must hold texts of 64 characters, "
        "not ARRAY(String(length=63)); "
        "mfa_secret must hold 96 characters: encrypted secrets are up to that long."
    )
    for codes in (ARRAY(String(64)), ARRAY(Text()), ARRAY(String())):
        fitting = table(mfa_secret=String(96), mfa_recovery_codes=codes)
        SqlAlchemyUserRepository(async_sessionmaker(), table=fitting)


def test_every_column_that_does_not_fit_is_in_one_report() -> None:
    """A host would mend one column after another, each found by the first request that needs it."""
    said = report(
        name=None,
        email=LargeBinary(),
        password_hash=String(60),
        mfa_secret=Column("mfa_secret", Text, nullable=False),
        mfa_recovery_codes=Text(),
        email_verified=String(1),
        created_at=Date(),
        status=Enum("live", "dead", name="standing"),
        role=Enum("OWNER", name="level"),
        id=String(12),
        tenant_id=Float(),
        newsletter=Column("newsletter", Boolean, nullable=False),
    )
    assert said == (
        "members does not fit AuthUser: name is missing; email must hold text, not LargeBinary(); "
        "tenant_id must hold text, UUIDs or integers, not Float(); "
        "email_verified must hold booleans, not String(length=1); "
        "created_at must hold timestamps, not Date(); "
        "mfa_recovery_codes must hold JSON or an array of texts, not Text(); "
        "id must hold 36 characters: new ids are UUIDs; "
        "password_hash must hold 160 characters: password hashes are up to that long; "
        "role must be one of OWNER, and new accounts have 'USER'; "
        "status must be one of dead, live, and new accounts have 'pending'; "
        "mfa_secret must be nullable: not every account has one; "
        "newsletter is NOT NULL, has no default, and is no field of an account."
    )


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        (Column("id", Integer, primary_key=True, autoincrement=False), "is an integer that nothing counts"),
        (Column("id", Integer, nullable=False), "is an integer that nothing counts"),
        (Column("id", String(36), default=lambda: "x"), "is not in the primary key"),
        (Column("id", Upper), "a type of its own that takes neither"),
        (Column("id", Enum("a", "b")), "must hold text, UUIDs or integers"),
        (Column("created_at", Upper), "must hold timestamps"),
        (Column("email", Counted), "must hold text"),
    ],
)
def test_a_column_that_no_account_could_use_is_named(column: Column[Any], fault: str) -> None:
    """The first registration of a deployment fails, and nothing says why."""
    assert fault in report(**{column.name: column})


def test_a_field_that_the_database_computes_is_named() -> None:
    """The first registration fails, since the database refuses every value for it."""
    said = report(name=Column("name", Text, Computed("email"), nullable=False))
    assert "name is computed by the database, so no account can be written to it" in said


def test_columns_that_fill_themselves_are_the_hosts_own() -> None:
    """A host could keep nothing beside its accounts."""
    own = table(
        newsletter=Column("newsletter", Boolean, nullable=False, default=False),
        points=Column("points", Integer, nullable=False, server_default="0"),
        shout=Column("shout", Text, Computed("upper(name)"), nullable=False),
        note=Column("note", Text),
    )
    SqlAlchemyUserRepository(async_sessionmaker(), table=own)


def test_administrators_are_judged_too() -> None:
    """The platform's first sign-in fails instead of its start."""
    with pytest.raises(ValueError, match="does not fit AuthPlatformUser: updated_at is missing"):
        SqlAlchemyPlatformUserRepository(async_sessionmaker(), table=table())


@pytest.mark.parametrize(
    ("kind", "text", "stored"),
    [
        (Uuid(), ID, UUID(ID)),
        (Uuid(as_uuid=False), ID, ID),
        (Sloppy(), ID, UUID(ID)),
        (Dashed(), ID, ID),
        (Counted(), "7", 7),
        (SmallInteger(), "-32768", -32768),
        (mysql.INTEGER(unsigned=True), "4294967295", 4294967295),
        (mysql.YEAR(), "2026", None),
        (String(3), "abc", "abc"),
    ],
)
def test_an_identifier_has_the_type_that_its_column_takes(
    kind: TypeEngine[Any], text: str, stored: object
) -> None:
    """The driver refuses the identifier of every request."""
    if stored is None:
        with pytest.raises(Exception, match="must hold text, UUIDs or integers"):
            key(Column("id", kind), None)
        return
    convert = key(Column("id", kind), None)
    assert convert.write(text) == stored
    assert type(convert.write(text)) is type(stored)
    assert convert.read(stored) == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Uuid(), ID.upper()),
        (Uuid(), ID.replace("-", "")),
        (Uuid(), f"{{{ID}}}"),
        (Uuid(), "x"),
        (SmallInteger(), "32768"),
        (Integer(), "2147483648"),
        (Integer(), "07"),
        (Integer(), "+7"),
        (Integer(), "٧"),
        (Integer(), "7\n"),
        (String(3), "abcd"),
        (String(1), "ab"),
        (Text(), "a\0"),
    ],
)
def test_an_identifier_has_one_spelling(kind: TypeEngine[Any], text: str) -> None:
    """One account would have two names, and a limit or a revocation by name would miss one of them."""
    with pytest.raises(Unwritable, match="must"):
        key(Column("id", kind), None).write(text)


def test_what_a_column_cannot_hold_matches_nothing() -> None:
    """A made-up identifier is an internal error instead of an unknown account."""
    fitted = fit(table(id=Column("id", Uuid, primary_key=True)), AuthUser, Written(), None)
    assert fitted.matches("id", "x").compare(false())
    assert fitted.after("id", "x").compare(false())


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (DateTime(), NOW.replace(tzinfo=None)),
        (DateTime(timezone=True), NOW),
        (Moment(), NOW.replace(tzinfo=None)),
        (Passed(), NOW.replace(tzinfo=None)),
        (Passed(timezone=True), NOW),
        (NaiveOnly(), NOW.replace(tzinfo=None)),
    ],
)
def test_a_timestamp_has_the_zone_that_its_column_takes(kind: TypeEngine[Any], stored: datetime) -> None:
    """One driver refuses a zone where the column has none, and another shifts the time."""
    convert = instant(Column("created_at", kind), None)
    assert convert.write(NOW) == stored
    assert convert.read(stored) == NOW


def test_an_enumeration_is_written_by_its_members() -> None:
    """A host with a type for statuses could not register anybody."""
    own = table(status=Enum(Standing), role=Enum(Level), email_verified=Integer())
    fitted = fit(own, AuthUser, Written(role="USER", status="pending"), None)
    values = fitted.values({"status": "active", "role": "ADMIN", "email_verified": True, "name": None})
    assert [values[fitted.columns[name]] for name in ("status", "role", "email_verified")] == [
        Standing.USABLE,
        Level.ADMIN,
        1,
    ]
    row: dict[str, Any] = dict.fromkeys(fitted.columns)
    read = fitted.fields({**row, "status": Standing.WAITING, "role": Level.USER, "email_verified": 0})
    assert (read["status"], read["role"], read["email_verified"]) == ("pending", "USER", False)
    with pytest.raises(RepositoryValueRefused, match="status must be one of active, pending"):
        fitted.values({"status": "banned"})


def test_a_connection_that_all_requests_share_is_refused() -> None:
    """A sign-up that was answered is undone by the rollback of another one."""
    for url, options in (
        ("sqlite+aiosqlite://", {}),
        ("sqlite+aiosqlite:///file.db", {"poolclass": StaticPool}),
    ):
        sessions = async_sessionmaker(create_async_engine(url, **options))
        with pytest.raises(ValueError, match="shares one connection between all sessions") as caught:
            SqlAlchemyUserRepository(sessions)
        assert "\n" not in str(caught.value)
        with pytest.raises(ValueError, match="shares one connection"):
            SqlAlchemyPlatformUserRepository(sessions)


def test_a_factory_of_sessions_need_not_tell_its_engine() -> None:
    """A host with a factory of its own could not build the repository."""
    SqlAlchemyUserRepository(AsyncSession)

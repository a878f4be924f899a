"""The SQL repository of administrators on tables of a host's own, on every driver."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Enum,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bymax_auth.errors import RepositoryConflict, RepositoryValueRefused
from bymax_auth.repositories.sqlalchemy import SqlAlchemyPlatformUserRepository
from bymax_auth.testing import FakeClock
from bymax_auth.types.account import AuthPlatformUser, UpdatePlatformMfaData
from tests.contract.test_host_models import KEYS, NOW, TIMES, dropped, engine, exact, made
from tests.long import pairs

__all__ = ["engine"]

ADDRESS = "root@example.com"


def operators(
    tables: MetaData, key: Callable[[], Any], options: dict[str, Any], time: Callable[[], Any]
) -> Table:
    """A host's table of its staff."""
    return Table(
        "operators",
        tables,
        Column("id", key(), primary_key=True, **options),
        Column("email", exact(255), nullable=False),
        Column("name", String(50), nullable=False),
        Column("password_hash", String(255), nullable=False),
        Column("role", Enum("SUPPORT", "ROOT", name="operator_role"), nullable=False),
        Column("status", String(32), nullable=False),
        Column("mfa_enabled", Boolean, nullable=False),
        Column("mfa_secret", String(255)),
        Column("mfa_recovery_codes", JSON),
        Column("platform_id", String(64)),
        Column("last_login_at", time()),
        Column("updated_at", time(), nullable=False),
        Column("created_at", time(), nullable=False),
        Column("hired_in", Integer, nullable=False, default=2026),
        UniqueConstraint("email"),
    )


async def create(admins: SqlAlchemyPlatformUserRepository, email: str = ADDRESS) -> AuthPlatformUser:
    return await admins.create(
        email=email, name="Grace", password_hash="$hash", role="ROOT", platform_id="main"
    )


@pytest.mark.parametrize(("kind", "time"), pairs([*KEYS], [*TIMES]))
async def test_a_host_keeps_its_administrators_where_they_are(
    engine: AsyncEngine, kind: str, time: str
) -> None:
    """A host whose staff have integer or UUID keys would have to keep each of them twice."""
    (key, options, unknown), tables = KEYS[kind], MetaData()
    table = operators(tables, key, options, TIMES[time])
    await made(engine, tables)
    admins = SqlAlchemyPlatformUserRepository(async_sessionmaker(engine), table=table, clock=FakeClock(NOW))
    created = await create(admins)
    assert (created.created_at, created.status, type(created.id)) == (NOW, "active", str)
    await live(admins, created, unknown)
    await dropped(engine, tables)


async def live(admins: SqlAlchemyPlatformUserRepository, created: AuthPlatformUser, unknown: str) -> None:
    """All that happens to an administrator."""
    found = await admins.find_by_id(created.id)
    assert found is not None
    assert replace(found, created_at=NOW, updated_at=NOW) == created
    assert found.created_at.utcoffset() is not None
    assert await admins.find_by_email("ROOT@example.com") == found
    for nobody in (unknown, "nobody", "", "9" * 40, "\0", " " + created.id, "0" + created.id, "é"):
        assert await admins.find_by_id(nobody) is None
        assert await admins.update_password(nobody, "$x") is False
        assert await admins.remove(nobody) is False
    assert await admins.update_password(created.id, "$new", expected_hash="$hash")
    await admins.update_last_login(created.id)
    await admins.update_status(created.id, "suspended")
    await admins.update_role(created.id, "SUPPORT")
    changed = await admins.find_by_id(created.id)
    assert changed is not None
    assert (changed.password_hash, changed.status, changed.role) == ("$new", "suspended", "SUPPORT")
    assert changed.last_login_at is not None
    assert abs(changed.last_login_at - NOW).total_seconds() < 1
    factor = UpdatePlatformMfaData(mfa_enabled=True, mfa_secret="sealed", mfa_recovery_codes=("one", "two"))
    await admins.update_mfa(created.id, factor)
    await admins.update_mfa(unknown, factor)
    enrolled = await admins.find_by_id(created.id)
    assert enrolled is not None
    assert (enrolled.mfa_enabled, enrolled.mfa_secret, enrolled.mfa_recovery_codes) == (
        True,
        "sealed",
        ("one", "two"),
    )
    with pytest.raises(RepositoryConflict):
        await create(admins)
    with pytest.raises(RepositoryValueRefused, match="name must be at most 50 characters"):
        await admins.create(email="b@example.com", name="n" * 60, password_hash="$hash", role="ROOT")
    other = await create(admins, "other@example.com")
    assert {admin.id for admin in await admins.page()} == {created.id, other.id}
    first = (await admins.page(limit=1))[0]
    assert {first.id, *(admin.id for admin in await admins.page(after_id=first.id))} == {created.id, other.id}
    await admins.add(replace(created, id=unknown, email="third@example.com"))
    assert await admins.find_by_id(unknown) is not None
    assert await admins.remove(created.id) is True
    assert await admins.find_by_id(created.id) is None
    assert await admins.find_by_id(other.id) is not None

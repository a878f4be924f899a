"""What the repositories in memory offer beyond their port."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bymax_auth.errors import RepositoryConflict
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.testing import FakeClock
from bymax_auth.types.account import AuthPlatformUser, AuthUser, CreateUserData

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADA = AuthUser(
    id="1",
    email="ada@example.com",
    name="Ada",
    password_hash="$hash",
    role="USER",
    status="active",
    tenant_id="acme",
    email_verified=True,
    created_at=NOW,
)
ROOT = AuthPlatformUser(
    id="1",
    email="root@example.com",
    name="Root",
    password_hash="$hash",
    role="SUPER_ADMIN",
    status="active",
    created_at=NOW,
    updated_at=NOW,
)


async def test_a_user_gets_role_id_and_time_from_the_repository() -> None:
    """A demonstration would create accounts of another role than its host has."""
    users = InMemoryUserRepository(base_role="MEMBER", clock=FakeClock(NOW))
    user = await users.create(
        CreateUserData(email="ada@example.com", name="Ada", password_hash=None, tenant_id="acme")
    )
    assert (user.role, user.created_at) == ("MEMBER", NOW)
    assert UUID(user.id).version == 4


async def test_a_ready_user_is_put_in_place_once() -> None:
    """A test could seed two users with one address, and sign in as either."""
    users = InMemoryUserRepository()
    assert users.add(ADA) is ADA
    for twin in (replace(ADA, email="other@example.com"), replace(ADA, id="2", email="ADA@example.com")):
        with pytest.raises(RepositoryConflict):
            users.add(twin)
    users.add(replace(ADA, tenant_id="globex"))
    assert await users.find_by_id("1", tenant_id="acme") == ADA


async def test_an_id_of_two_tenants_is_not_guessed_across_them() -> None:
    """A support tool would act on one customer's user in the name of another."""
    users = InMemoryUserRepository()
    users.add(ADA)
    users.add(replace(ADA, tenant_id="globex"))
    assert await users.find_by_id("1", tenant_id=None) is None


async def test_a_user_is_replaced_with_its_address() -> None:
    """A test that changes an address would still sign in with the old one."""
    users = InMemoryUserRepository()
    users.add(ADA)
    users.add(replace(ADA, id="2", email="grace@example.com"))
    moved = users.replace(replace(ADA, email="lovelace@example.com"))
    assert await users.find_by_email("ada@example.com", tenant_id="acme") is None
    assert await users.find_by_email("lovelace@example.com", tenant_id="acme") == moved
    assert users.replace(replace(moved, status="banned")).status == "banned"
    with pytest.raises(RepositoryConflict):
        users.replace(replace(ADA, email="grace@example.com"))
    with pytest.raises(KeyError):
        users.replace(replace(ADA, id="3"))


async def test_an_administrator_is_put_in_place_once_and_replaced() -> None:
    """A test could seed two administrators with one address, and sign in as either."""
    admins = InMemoryPlatformUserRepository()
    assert admins.add(ROOT) is ROOT
    for twin in (replace(ROOT, email="other@example.com"), replace(ROOT, id="2", email="ROOT@example.com")):
        with pytest.raises(RepositoryConflict):
            admins.add(twin)
    admins.add(replace(ROOT, id="2", email="second@example.com"))
    moved = admins.replace(replace(ROOT, email="chief@example.com"))
    assert await admins.find_by_email("root@example.com") is None
    assert await admins.find_by_email("chief@example.com") == moved
    with pytest.raises(RepositoryConflict):
        admins.replace(replace(ROOT, email="second@example.com"))
    with pytest.raises(KeyError):
        admins.replace(replace(ROOT, id="3"))


async def test_every_change_of_an_administrator_is_dated() -> None:
    """An operator's list would show a change as older than it is."""
    clock = FakeClock(NOW)
    admins = InMemoryPlatformUserRepository(clock=clock)
    admins.add(ROOT)
    changes = (
        lambda: admins.update_password("1", "$new"),
        lambda: admins.update_status("1", "suspended"),
        lambda: admins.update_last_login("1"),
    )
    for change in changes:
        clock.advance(timedelta(minutes=1))
        await change()
        found = await admins.find_by_id("1")
        assert found is not None
        assert found.updated_at == clock.now()


async def test_a_removed_user_is_gone_and_their_address_free() -> None:
    """A test of a deleted account would still find it."""
    users = InMemoryUserRepository()
    data = CreateUserData(email="ada@example.com", name="Ada", password_hash=None, tenant_id="acme")
    user = await users.create(data)
    assert not await users.remove(user.id, tenant_id="globex")
    assert await users.remove(user.id, tenant_id="acme")
    assert not await users.remove(user.id, tenant_id="acme")
    assert await users.find_by_email("ada@example.com", tenant_id="acme") is None
    assert (await users.create(data)).id != user.id

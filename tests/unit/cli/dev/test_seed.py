"""The accounts that everybody may know."""

from collections.abc import AsyncIterator

import pytest

from bymax_auth.cli.dev.data import DevData, open_data
from bymax_auth.cli.dev.seed import DEMO_TENANT, seed
from bymax_auth.errors import RepositoryConflict
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.types.account import AuthUser, CreateUserData


@pytest.fixture
async def data() -> AsyncIterator[DevData]:
    async with open_data(None) as opened:
        yield opened


async def test_missing_accounts_are_created_ready_to_sign_in(data: DevData) -> None:
    """A new user signs in with what the terminal shows, and is asked for a code first."""
    known = await seed(data.users, data.admins)
    assert {account.role for account in known.users} == {"ADMIN", "MEMBER"}
    for account in known.users:
        found = await data.users.find_by_email(account.email, tenant_id=DEMO_TENANT)
        assert found is not None
        assert (found.role, found.status, found.email_verified) == (account.role, "active", True)
    assert known.admin is not None
    admin = await data.admins.find_by_email(known.admin.email)
    assert admin is not None
    assert (admin.role, admin.status) == (known.admin.role, "active")


async def test_an_account_that_is_there_stays_as_it_is(data: DevData) -> None:
    """A password that somebody chose is reset at every start, or a stale one is shown."""
    first, second = (await seed(data.users, data.admins)).users
    found = await data.users.find_by_email(first.email, tenant_id=DEMO_TENANT)
    assert found is not None
    await data.users.update_password(found.id, "$scrypt$chosen", tenant_id=DEMO_TENANT)
    known = await seed(data.users, data.admins)
    assert known.users == (second,)
    assert known.admin is not None
    kept = await data.users.find_by_email(first.email, tenant_id=DEMO_TENANT)
    assert kept is not None
    assert kept.password_hash == "$scrypt$chosen"


class Raced(InMemoryUserRepository):
    """A repository to which another server adds each account first."""

    async def create(self, data: CreateUserData) -> AuthUser:
        await super().create(data)
        raise RepositoryConflict


async def test_two_servers_that_start_together_both_start(data: DevData) -> None:
    """A second terminal on the same file fails at random."""
    known = await seed(Raced(base_role="MEMBER"), data.admins)
    assert known == await seed(data.users, data.admins)


async def test_an_account_does_not_show_its_password(data: DevData) -> None:
    """A log of the accounts becomes a log of passwords."""
    known = await seed(data.users, data.admins)
    assert known.admin is not None
    assert all(account.password not in repr(known) for account in (*known.users, known.admin))

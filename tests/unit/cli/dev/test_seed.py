"""The accounts that everybody may know."""

from bymax_auth.cli.dev.seed import DEMO_ACCOUNTS, DEMO_TENANT, seed
from bymax_auth.errors import RepositoryConflict
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.types.account import AuthUser, CreateUserData


async def test_missing_accounts_are_created_ready_to_sign_in() -> None:
    """A new user signs in with what the terminal shows, and is asked for a code first."""
    users = InMemoryUserRepository(base_role="MEMBER")
    assert await seed(users) == DEMO_ACCOUNTS
    for account in DEMO_ACCOUNTS:
        found = await users.find_by_email(account.email, tenant_id=DEMO_TENANT)
        assert found is not None
        assert (found.role, found.status, found.email_verified) == (account.role, "active", True)


async def test_an_account_that_is_there_stays_as_it_is() -> None:
    """A password that somebody chose is reset at every start, or a stale one is shown."""
    users = InMemoryUserRepository(base_role="MEMBER")
    await seed(users)
    first, second = DEMO_ACCOUNTS
    found = await users.find_by_email(first.email, tenant_id=DEMO_TENANT)
    assert found is not None
    await users.update_password(found.id, "$scrypt$chosen", tenant_id=DEMO_TENANT)
    assert await seed(users) == (second,)
    kept = await users.find_by_email(first.email, tenant_id=DEMO_TENANT)
    assert kept is not None
    assert kept.password_hash == "$scrypt$chosen"


class Raced(InMemoryUserRepository):
    """A repository to which another server adds each account first."""

    async def create(self, data: CreateUserData) -> AuthUser:
        await super().create(data)
        raise RepositoryConflict


async def test_two_servers_that_start_together_both_start() -> None:
    """A second terminal on the same file fails at random."""
    assert await seed(Raced(base_role="MEMBER")) == DEMO_ACCOUNTS


def test_an_account_does_not_show_its_password() -> None:
    """A log of the accounts becomes a log of passwords."""
    assert all(account.password not in repr(account) for account in DEMO_ACCOUNTS)

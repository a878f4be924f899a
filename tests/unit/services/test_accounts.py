"""Repositories as flows see them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bymax_auth.errors import RepositoryBackendError, RepositoryConflict, RepositoryUnavailable
from bymax_auth.ports.accounts import Accounts, LinkOutcome, UnlinkOutcome, UserRepository
from bymax_auth.ports.events import InternalFailure, TenantMismatch
from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.services.accounts import DashboardAccounts, PlatformAccounts, TenantScopedUsers
from bymax_auth.services.failures import FailureReporter
from bymax_auth.testing import RecordingEvents
from bymax_auth.types.account import (
    Account,
    AuthPlatformUser,
    AuthUser,
    CreateUserData,
    CreateWithOAuthData,
    LinkedIdentity,
    UpdateMfaData,
    UpdatePlatformMfaData,
)
from tests.unit.services.parts import Broken, admin, user


class Unscoped(InMemoryUserRepository):
    """A host's repository that forgot the tenant in its queries."""

    async def find_by_id(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        return user(tenant_id="other")

    async def find_by_email(self, email: str, *, tenant_id: str) -> AuthUser | None:
        return user(tenant_id="other")

    async def find_by_oauth_id(self, provider: str, provider_id: str, *, tenant_id: str) -> AuthUser | None:
        return user(tenant_id="other")


class BrokenUsers(InMemoryUserRepository):
    """A host's repository whose database is down."""

    async def find_by_id(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        raise Broken

    async def find_by_email(self, email: str, *, tenant_id: str) -> AuthUser | None:
        raise RepositoryBackendError("postgres://root:hunter2@db")

    async def create(self, data: CreateUserData) -> AuthUser:
        raise Broken

    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str, expected_hash: str | None = None
    ) -> bool:
        raise RepositoryConflict("postgres://root:hunter2@db")

    async def update_last_login(self, user_id: str, *, tenant_id: str) -> None:
        raise Broken

    async def update_status(self, user_id: str, status: str, *, tenant_id: str) -> None:
        raise Broken

    async def update_email_verified(self, user_id: str, verified: bool, *, tenant_id: str) -> None:
        raise Broken

    async def update_mfa(self, user_id: str, data: UpdateMfaData, *, tenant_id: str) -> None:
        raise RepositoryConflict("postgres://root:hunter2@db")

    async def update_email(
        self,
        user_id: str,
        email: str,
        *,
        tenant_id: str,
        expected_email: str | None = None,
        expected_hash: str | None = None,
    ) -> bool:
        raise Broken

    async def find_by_oauth_id(self, provider: str, provider_id: str, *, tenant_id: str) -> AuthUser | None:
        raise Broken

    async def create_with_oauth(self, data: CreateWithOAuthData) -> AuthUser:
        raise Broken

    async def list_identities(self, user_id: str, *, tenant_id: str) -> tuple[LinkedIdentity, ...]:
        raise Broken

    async def link_oauth(self, user_id: str, provider: str, *rest: Any, **named: Any) -> LinkOutcome:
        raise Broken

    async def unlink_oauth(self, user_id: str, provider: str, *rest: Any, **named: Any) -> UnlinkOutcome:
        raise Broken

    async def remove_credentials(self, user_id: str, email: str, *, tenant_id: str) -> bool:
        raise Broken

    async def reclaim_with_oauth(self, user_id: str, data: CreateWithOAuthData) -> bool:
        raise Broken


class AbsentUsers(InMemoryUserRepository):
    """A host's repository whose server cannot be reached."""

    async def find_by_id(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        raise ConnectionRefusedError("postgres://root:hunter2@db")

    async def find_by_email(self, email: str, *, tenant_id: str) -> AuthUser | None:
        try:
            raise TimeoutError
        except TimeoutError as error:
            raise RepositoryBackendError("postgres://root:hunter2@db") from error


async def test_a_database_that_cannot_be_reached_is_an_outage(failures: FailureReporter) -> None:
    """A client that is told of a defect does not come back when the database does."""
    users = TenantScopedUsers(AbsentUsers("USER"), failures)
    for call in (users.find_by_id("u1", tenant_id="acme"), users.find_by_email("a@x.io", tenant_id="acme")):
        with pytest.raises(RepositoryUnavailable) as failed:
            await call
        assert failed.value.__suppress_context__
        assert "hunter2" not in str(failed.value)


class BrokenAdmins(InMemoryPlatformUserRepository):
    """The same for operators."""

    async def find_by_id(self, admin_id: str) -> AuthPlatformUser | None:
        raise Broken

    async def find_by_email(self, email: str) -> AuthPlatformUser | None:
        raise Broken

    async def update_password(
        self, admin_id: str, password_hash: str, *, expected_hash: str | None = None
    ) -> bool:
        raise Broken

    async def update_last_login(self, admin_id: str) -> None:
        raise Broken

    async def update_mfa(self, admin_id: str, data: UpdatePlatformMfaData) -> None:
        raise Broken


@pytest.fixture
def users() -> InMemoryUserRepository:
    users = InMemoryUserRepository()
    users.add(user())
    return users


@pytest.fixture
def admins() -> InMemoryPlatformUserRepository:
    admins = InMemoryPlatformUserRepository()
    admins.add(admin())
    return admins


async def test_users_are_read_and_written_within_their_tenant(
    users: InMemoryUserRepository, failures: FailureReporter
) -> None:
    """The guard must not stand in the way of what is allowed."""
    scoped: UserRepository = TenantScopedUsers(users, failures)

    assert await scoped.find_by_id("u1", tenant_id="acme") == user()
    assert await scoped.find_by_id("u1", tenant_id=None) == user()
    assert await scoped.find_by_email("ana@example.com", tenant_id="acme") == user()
    assert await scoped.find_by_email("ben@example.com", tenant_id="acme") is None
    assert await scoped.update_password("u1", "new", tenant_id="acme", expected_hash="other") is False
    assert await scoped.update_password("u1", "new", tenant_id="acme") is True
    await scoped.update_status("u1", "BANNED", tenant_id="acme")
    await scoped.update_email_verified("u1", False, tenant_id="acme")
    await scoped.update_last_login("u1", tenant_id="acme")
    await scoped.update_mfa("u1", FACTOR, tenant_id="acme")
    assert await scoped.update_email("u1", "x@x.io", tenant_id="acme", expected_email="other") is False
    assert await scoped.update_email("u1", "x@x.io", tenant_id="acme", expected_hash="old") is False
    assert await scoped.update_email("u1", "new@x.io", tenant_id="acme") is True

    stored = await users.find_by_id("u1", tenant_id="acme")
    assert stored is not None
    assert (stored.password_hash, stored.status, stored.email_verified) == ("new", "BANNED", False)
    assert stored.email == "new@x.io"
    assert stored.last_login_at is not None
    assert second_factor(stored) == (True, "sealed", ("one", "two"))


async def test_a_new_user_keeps_the_conflict_of_its_address(
    users: InMemoryUserRepository, failures: FailureReporter, events: RecordingEvents
) -> None:
    """A person who already has an account is told so, and no one is paged."""
    scoped = TenantScopedUsers(users, failures)
    data = CreateUserData(email="ben@example.com", name="Ben", password_hash="x", tenant_id="acme")

    created = await scoped.create(data)
    assert created.email == "ben@example.com"
    with pytest.raises(RepositoryConflict):
        await scoped.create(data)
    assert events.events == []


async def test_a_new_address_keeps_the_conflict_of_its_owner(
    users: InMemoryUserRepository, failures: FailureReporter, events: RecordingEvents
) -> None:
    """Whoever confirms an address that somebody took meanwhile is told so, and no one is paged."""
    scoped = TenantScopedUsers(users, failures)
    data = CreateUserData(email="ben@example.com", name="Ben", password_hash="x", tenant_id="acme")
    await scoped.create(data)
    with pytest.raises(RepositoryConflict):
        await scoped.update_email("u1", "ben@example.com", tenant_id="acme")
    assert events.events == []


async def test_an_identity_keeps_the_conflict_of_its_owner(
    users: InMemoryUserRepository, failures: FailureReporter, events: RecordingEvents
) -> None:
    """Somebody whose other tab was faster is told so, and no one is paged."""
    scoped = TenantScopedUsers(users, failures)
    created = await scoped.create_with_oauth(IDENTIFIED)
    assert await scoped.find_by_oauth_id("google", "1234", tenant_id="acme") == created
    for call in (
        scoped.create_with_oauth(IDENTIFIED),
        scoped.link_oauth("u1", "google", "1234", tenant_id="acme"),
    ):
        with pytest.raises(RepositoryConflict):
            await call
    assert await scoped.remove_credentials(created.id, created.email, tenant_id="acme")
    assert await scoped.reclaim_with_oauth(created.id, IDENTIFIED)
    assert events.events == []


async def test_an_account_of_another_tenant_is_no_account(
    failures: FailureReporter, events: RecordingEvents
) -> None:
    """A forgotten filter in the host's query would sign people in to other companies."""
    scoped = TenantScopedUsers(Unscoped(), failures)

    assert await scoped.find_by_id("u1", tenant_id="acme") is None
    assert await scoped.find_by_email("ana@example.com", tenant_id="acme") is None
    assert await scoped.find_by_oauth_id("google", "1234", tenant_id="acme") is None
    assert events.events == [TenantMismatch(asked="acme", answered="other")] * 3


async def test_any_row_makes_an_address_taken(failures: FailureReporter, events: RecordingEvents) -> None:
    """Where the host's addresses are unique across tenants, creating it would fail anyway."""
    assert await TenantScopedUsers(Unscoped(), failures).is_taken("ana@example.com", tenant_id="acme")
    assert not await TenantScopedUsers(InMemoryUserRepository(), failures).is_taken(
        "a@x.io", tenant_id="acme"
    )
    assert events.events == []


FACTOR = UpdateMfaData(mfa_enabled=True, mfa_secret="sealed", mfa_recovery_codes=("one", "two"))
DATA = CreateUserData(email="a@x.io", name="A", password_hash=None, tenant_id="acme")
IDENTIFIED = CreateWithOAuthData(
    email="a@x.io", name="A", tenant_id="acme", oauth_provider="google", oauth_provider_id="1234"
)
ON_USERS: dict[str, Callable[[TenantScopedUsers], Awaitable[object]]] = {
    "find_by_id": lambda users: users.find_by_id("u1", tenant_id="acme"),
    "find_by_email": lambda users: users.find_by_email("a@x.io", tenant_id="acme"),
    "create": lambda users: users.create(DATA),
    "update_password": lambda users: users.update_password("u1", "x", tenant_id="acme"),
    "update_last_login": lambda users: users.update_last_login("u1", tenant_id="acme"),
    "update_status": lambda users: users.update_status("u1", "ACTIVE", tenant_id="acme"),
    "update_email": lambda users: users.update_email("u1", "b@x.io", tenant_id="acme"),
    "update_email_verified": lambda users: users.update_email_verified("u1", True, tenant_id="acme"),
    "update_mfa": lambda users: users.update_mfa("u1", FACTOR, tenant_id="acme"),
    "find_by_oauth_id": lambda users: users.find_by_oauth_id("google", "1234", tenant_id="acme"),
    "create_with_oauth": lambda users: users.create_with_oauth(IDENTIFIED),
    "link_oauth": lambda users: users.link_oauth("u1", "google", "1234", tenant_id="acme"),
    "remove_credentials": lambda users: users.remove_credentials("u1", "a@x.io", tenant_id="acme"),
    "list_identities": lambda users: users.list_identities("u1", tenant_id="acme"),
    "unlink_oauth": lambda users: users.unlink_oauth("u1", "google", "1234", tenant_id="acme"),
    "reclaim_with_oauth": lambda users: users.reclaim_with_oauth("u1", IDENTIFIED),
}
ON_ADMINS: dict[str, Callable[[Accounts], Awaitable[object]]] = {
    "find_by_id": lambda admins: admins.find("a1", tenant_id=None),
    "find_by_email": lambda admins: admins.find_by_email("a@x.io", tenant_id=None),
    "update_password": lambda admins: admins.update_password("a1", "x", tenant_id=None),
    "update_last_login": lambda admins: admins.update_last_login("a1", tenant_id=None),
    "update_mfa": lambda admins: admins.update_mfa("a1", FACTOR, tenant_id=None),
}


def assert_concealed(
    raised: pytest.ExceptionInfo[RepositoryBackendError], events: RecordingEvents, operation: str
) -> None:
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert str(raised.value) == ""
    (event,) = events.of(InternalFailure)
    assert event.origin == f"repository.{operation}"
    assert "hunter2" not in repr(event)


@pytest.mark.parametrize("operation", ON_USERS)
async def test_a_repositorys_exception_is_told_to_the_host_and_to_nobody_else(
    operation: str, failures: FailureReporter, events: RecordingEvents, told: list[tuple[str, BaseException]]
) -> None:
    """Its text may hold a connection string, which would end up in an error tracker."""
    with pytest.raises(RepositoryBackendError) as raised:
        await ON_USERS[operation](TenantScopedUsers(BrokenUsers(), failures))

    assert_concealed(raised, events, operation)
    assert "hunter2" in str(told[0][1])


@pytest.mark.parametrize("operation", ON_ADMINS)
async def test_the_platforms_repository_is_concealed_as_well(
    operation: str, failures: FailureReporter, events: RecordingEvents
) -> None:
    """Operators' addresses are worth as much."""
    with pytest.raises(RepositoryBackendError) as raised:
        await ON_ADMINS[operation](PlatformAccounts(BrokenAdmins(), failures))

    assert_concealed(raised, events, operation)


async def test_flows_see_a_tenants_accounts(users: InMemoryUserRepository, failures: FailureReporter) -> None:
    """The flows of both realms are one code."""
    accounts: Accounts = DashboardAccounts(users, failures)

    assert await accounts.find("u1", tenant_id="acme") == user()
    assert await accounts.find_by_email("ana@example.com", tenant_id="acme") == user()
    assert await accounts.update_password("u1", "new", tenant_id="acme", expected_hash="$scrypt$stored")
    await accounts.update_last_login("u1", tenant_id="acme")
    await accounts.update_mfa("u1", FACTOR, tenant_id="acme")
    stored = await accounts.find("u1", tenant_id="acme")
    assert isinstance(stored, AuthUser)
    assert second_factor(stored) == (True, "sealed", ("one", "two"))
    assert (stored.password_hash, stored.last_login_at is None) == ("new", False)


@pytest.mark.parametrize("tenant_id", [None, ""])
async def test_without_a_tenant_there_is_no_user(
    tenant_id: str | None, users: InMemoryUserRepository, failures: FailureReporter
) -> None:
    """A repository may read "no tenant" as "any tenant"."""
    accounts = DashboardAccounts(users, failures)

    assert await accounts.find("u1", tenant_id=tenant_id) is None
    assert await accounts.find_by_email("ana@example.com", tenant_id=tenant_id) is None
    assert await accounts.update_password("u1", "new", tenant_id=tenant_id) is False
    await accounts.update_last_login("u1", tenant_id=tenant_id)
    await accounts.update_mfa("u1", FACTOR, tenant_id=tenant_id)
    assert await users.find_by_id("u1", tenant_id="acme") == user()


async def test_flows_see_the_platforms_administrators(
    admins: InMemoryPlatformUserRepository, failures: FailureReporter
) -> None:
    """The flows of both realms are one code."""
    accounts: Accounts = PlatformAccounts(admins, failures)

    assert await accounts.find("a1", tenant_id=None) == admin()
    assert await accounts.find_by_email("ops@example.com", tenant_id=None) == admin()
    assert await accounts.update_password("a1", "new", tenant_id=None)
    await accounts.update_last_login("a1", tenant_id=None)
    await accounts.update_mfa("a1", FACTOR, tenant_id=None)
    stored = await accounts.find("a1", tenant_id=None)
    assert stored is not None
    assert second_factor(stored) == (True, "sealed", ("one", "two"))
    assert (stored.password_hash, stored.last_login_at is None) == ("new", False)


async def test_with_a_tenant_there_is_no_administrator(
    admins: InMemoryPlatformUserRepository, failures: FailureReporter
) -> None:
    """A user's record must never lead to an operator, whatever ids the two share."""
    accounts: PlatformAccounts = PlatformAccounts(admins, failures)

    assert await accounts.find("a1", tenant_id="acme") is None
    assert await accounts.find_by_email("ops@example.com", tenant_id="acme") is None
    assert await accounts.update_password("a1", "new", tenant_id="acme") is False
    await accounts.update_last_login("a1", tenant_id="acme")
    await accounts.update_mfa("a1", FACTOR, tenant_id="acme")
    assert await admins.find_by_id("a1") == admin()


def second_factor(account: Account) -> tuple[bool, str | None, tuple[str, ...] | None]:
    return account.mfa_enabled, account.mfa_secret, account.mfa_recovery_codes


@pytest.mark.parametrize("written", [UpdateMfaData, UpdatePlatformMfaData])
def test_a_second_factor_to_be_written_shows_nothing_of_itself(
    written: type[UpdateMfaData] | type[UpdatePlatformMfaData],
) -> None:
    """A log line would hold an encrypted secret, and the digests to guess recovery codes by."""
    data = written(mfa_enabled=True, mfa_secret="sealed", mfa_recovery_codes=("one",))
    assert repr(data) == f"{written.__name__}(mfa_enabled=True)"

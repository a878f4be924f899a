"""
The contract of `UserRepository`, as tests that a host runs on its own repository.

    class TestMyUsers(UserRepositoryContract):
        @pytest.fixture
        async def users(self):
            yield MyUserRepository(...)        # empty, on a new database

        async def seed(self, users, user):
            await users.insert(user)           # insert a complete user, id included

The tests are coroutines: run them with pytest-asyncio in auto mode, or mark the subclass.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import SkipTest

from bymax_auth.errors import RepositoryConflict
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.testing.address_changes import AddressChangeContract
from bymax_auth.testing.identities import IdentityContract
from bymax_auth.testing.linked_identities import LinkedIdentityContract
from bymax_auth.types.account import AuthUser, CreateUserData, UpdateMfaData
from bymax_auth.types.wire import as_utc

__all__ = ["ODD_TEXTS", "UserRepositoryContract"]

ODD_TEXTS = (
    "O'Brien\"; DROP TABLE auth_users; --",
    "100% _under_ \\back\\ {brace} :colon $1 ?",
    "e\u0301 is not \u00e9",
    "\u202eright to left\u202c",
    "👩‍👩‍👧‍👦 東京 пользователь",
    "  leading and trailing  ",
    "n" * 4_000,
)
"""Names that a repository must return exactly as they were stored."""

_TOLERANCE = timedelta(minutes=5)

_SECOND_FACTOR = UpdateMfaData(
    mfa_enabled=True,
    mfa_secret=":".join(("A" * 16, "+" * 24, "/" * 44)),
    mfa_recovery_codes=tuple(f"{number:064x}" for number in range(10)),
)


class UserRepositoryContract(AddressChangeContract, IdentityContract, LinkedIdentityContract):
    """Subclass it with a fixture ``users``, an empty repository; override `seed` where ids may repeat."""

    base_role = "USER"

    async def seed(self, users: Any, user: AuthUser) -> None:
        """Insert a complete user; the tests that need this are skipped when it is not overridden."""
        raise SkipTest("seed() is not overridden")

    # ── create ───────────────────────────────────────────────────────────────────────────────────────

    async def test_a_new_user_gets_the_defaults_of_the_host(self, users: UserRepository) -> None:
        """An account would start with rights that were not granted."""
        user = await users.create(_data())
        assert (user.role, user.status, user.email_verified) == (self.base_role, "pending", False)
        assert (user.mfa_enabled, user.mfa_secret, user.mfa_recovery_codes) == (False, None, None)
        assert (user.oauth_provider, user.oauth_provider_id, user.last_login_at) == (None, None, None)
        assert user.id
        assert abs(as_utc(user.created_at) - datetime.now(UTC)) < _TOLERANCE

    async def test_a_new_user_keeps_the_requested_values(self, users: UserRepository) -> None:
        """A hook that decides role and status at registration would be ignored."""
        data = _data(role="ADMIN", status="active", email_verified=True)
        created = await users.create(data)
        found = await users.find_by_id(created.id, tenant_id=data.tenant_id)
        assert found == created
        assert (created.email, created.name, created.tenant_id) == (data.email, data.name, data.tenant_id)
        assert (created.role, created.status, created.email_verified) == ("ADMIN", "active", True)
        assert created.password_hash == data.password_hash

    async def test_a_user_without_a_password_stays_without_one(self, users: UserRepository) -> None:
        """An empty hash instead of none might be verified successfully."""
        created = await users.create(_data(password_hash=None))
        found = await users.find_by_id(created.id, tenant_id="acme")
        assert found is not None
        assert found.password_hash is None

    async def test_an_address_is_unique_in_a_tenant(self, users: UserRepository) -> None:
        """Two people would own one address."""
        first = await users.create(_data())
        assert isinstance(await _outcome(users.create(_data(name="Another"))), RepositoryConflict)
        assert await users.find_by_email("ada@example.com", tenant_id="acme") == first

    async def test_an_address_may_be_used_in_every_tenant(self, users: UserRepository) -> None:
        """A user of one tenant could not register in another."""
        ours = await users.create(_data(tenant_id="acme"))
        theirs = await users.create(_data(tenant_id="globex"))
        assert await users.find_by_email("ada@example.com", tenant_id="acme") == ours
        assert await users.find_by_email("ada@example.com", tenant_id="globex") == theirs

    async def test_of_concurrent_creations_exactly_one_succeeds(self, users: UserRepository) -> None:
        """A double click on "register" would make two accounts."""
        outcomes = await asyncio.gather(
            *(users.create(_data(name=f"Click {number}")) for number in range(8)), return_exceptions=True
        )
        winners = [outcome for outcome in outcomes if isinstance(outcome, AuthUser)]
        assert len(winners) == 1
        assert sum(isinstance(outcome, RepositoryConflict) for outcome in outcomes) == len(outcomes) - 1
        assert await users.find_by_email("ada@example.com", tenant_id="acme") == winners[0]

    async def test_every_user_has_an_id_of_its_own(self, users: UserRepository) -> None:
        """Two people would share sessions."""
        created = [await users.create(_data(email=f"user{number}@example.com")) for number in range(5)]
        assert len({user.id for user in created}) == len(created)

    async def test_text_is_returned_exactly_as_stored(self, users: UserRepository) -> None:
        """A name would be truncated, normalised or executed as SQL."""
        for number, text in enumerate(ODD_TEXTS):
            created = await users.create(_data(email=f"odd{number}@example.com", name=text))
            found = await users.find_by_id(created.id, tenant_id="acme")
            assert found is not None
            assert found.name == text

    async def test_a_tenant_may_be_named_in_any_script(self, users: UserRepository) -> None:
        """Users of a tenant with a non-ASCII name could not sign in."""
        tenant = "テナント-Ünïcode " + "t" * 100
        created = await users.create(_data(tenant_id=tenant))
        assert await users.find_by_email("ada@example.com", tenant_id=tenant) == created

    # ── find ─────────────────────────────────────────────────────────────────────────────────────────

    async def test_an_address_is_found_without_regard_to_case(self, users: UserRepository) -> None:
        """Someone who types a capital letter could not sign in."""
        created = await users.create(_data(email="ada@example.com"))
        assert await users.find_by_email("Ada@EXAMPLE.com", tenant_id="acme") == created

    async def test_letters_beyond_ascii_are_found_as_they_were_stored(self, users: UserRepository) -> None:
        """An address with an accent could register and never sign in."""
        created = await users.create(_data(email="élève@example.com"))
        assert await users.find_by_email("élève@example.com", tenant_id="acme") == created

    async def test_wildcards_in_an_address_match_themselves_only(self, users: UserRepository) -> None:
        """Signing in as ``%@example.com`` would match an account."""
        await users.create(_data())
        assert await users.find_by_email("%@example.com", tenant_id="acme") is None
        assert await users.find_by_email("ad_@example.com", tenant_id="acme") is None

    async def test_an_unknown_account_is_none(self, users: UserRepository) -> None:
        """An unknown account would be an error page instead of a refusal."""
        await users.create(_data())
        assert await users.find_by_id("00000000-0000-4000-8000-000000000000", tenant_id="acme") is None
        assert await users.find_by_id("not a uuid", tenant_id="acme") is None
        assert await users.find_by_email("nobody@example.com", tenant_id="acme") is None

    async def test_a_user_is_not_found_from_another_tenant(self, users: UserRepository) -> None:
        """One customer could read another's accounts."""
        created = await users.create(_data(tenant_id="acme"))
        assert await users.find_by_id(created.id, tenant_id="globex") is None
        assert await users.find_by_email(created.email, tenant_id="globex") is None
        assert await users.find_by_id(created.id, tenant_id="ACME") is None

    async def test_a_host_can_look_across_tenants(self, users: UserRepository) -> None:
        """A support tool that knows only the id would find no account."""
        created = await users.create(_data(tenant_id="acme"))
        assert await users.find_by_id(created.id, tenant_id=None) == created

    async def test_equal_ids_of_two_tenants_are_two_users(self, users: UserRepository) -> None:
        """Where ids repeat between tenants, one customer would change another's accounts."""
        await self.seed(users, _ready("acme"))
        await self.seed(users, _ready("globex"))
        await users.update_status("7", "banned", tenant_id="acme")
        assert await users.update_password("7", "$new", tenant_id="acme")
        await users.update_email_verified("7", verified=True, tenant_id="acme")
        await users.update_last_login("7", tenant_id="acme")
        await users.update_mfa("7", _SECOND_FACTOR, tenant_id="acme")
        assert await users.find_by_id("7", tenant_id="globex") == _ready("globex")
        changed = await users.find_by_id("7", tenant_id="acme")
        assert changed is not None
        assert (changed.status, changed.password_hash, changed.email_verified) == ("banned", "$new", True)

    async def test_every_field_of_a_stored_user_is_returned(self, users: UserRepository) -> None:
        """A second factor or a linked account would be lost."""
        full = AuthUser(
            id="9",
            email="full@example.com",
            name="Full",
            password_hash="$hash",
            role="ADMIN",
            status="active",
            tenant_id="acme",
            email_verified=True,
            created_at=datetime(2024, 2, 29, 23, 59, 59, 123000, UTC),
            mfa_enabled=True,
            mfa_secret="sealed",
            mfa_recovery_codes=("one", "two"),
            oauth_provider="google",
            oauth_provider_id="1234",
            last_login_at=datetime(2025, 1, 1, tzinfo=UTC),
        )
        await self.seed(users, full)
        found = await users.find_by_id("9", tenant_id="acme")
        assert found is not None
        assert _instants(found) == _instants(full)
        assert (found.mfa_enabled, found.mfa_secret, found.mfa_recovery_codes) == (
            True,
            "sealed",
            ("one", "two"),
        )
        assert (found.oauth_provider, found.oauth_provider_id) == ("google", "1234")

    # ── update ───────────────────────────────────────────────────────────────────────────────────────

    async def test_a_password_hash_is_stored_verbatim(self, users: UserRepository) -> None:
        """The owner of a truncated hash could not sign in."""
        stored = "$scrypt$ln=14,r=8,p=1$" + "A" * 86 + "$" + "/+b" * 120
        user = await users.create(_data())
        assert await users.update_password(user.id, stored, tenant_id="acme") is True
        found = await users.find_by_id(user.id, tenant_id="acme")
        assert found is not None
        assert found.password_hash == stored

    async def test_a_password_is_replaced_only_while_it_is_the_expected_one(
        self, users: UserRepository
    ) -> None:
        """A sign-in that rehashes would undo a concurrent password change."""
        user = await users.create(_data(password_hash="$old"))
        update = users.update_password
        assert await update(user.id, "$new", tenant_id="acme", expected_hash="$other") is False
        assert await update(user.id, "$new", tenant_id="acme", expected_hash="$old") is True
        assert await update(user.id, "$newer", tenant_id="acme", expected_hash="$old") is False
        found = await users.find_by_id(user.id, tenant_id="acme")
        assert found is not None
        assert found.password_hash == "$new"

    async def test_no_password_is_not_an_expected_one(self, users: UserRepository) -> None:
        """A comparison with an empty hash would set a password on an account without one."""
        user = await users.create(_data(password_hash=None))
        assert await users.update_password(user.id, "$new", tenant_id="acme", expected_hash="") is False

    async def test_of_concurrent_conditional_updates_exactly_one_succeeds(
        self, users: UserRepository
    ) -> None:
        """Both of two concurrent sign-ins would report a successful write."""
        user = await users.create(_data(password_hash="$old"))
        hashes = [f"$new-{number}" for number in range(8)]
        wrote = await asyncio.gather(
            *(users.update_password(user.id, new, tenant_id="acme", expected_hash="$old") for new in hashes)
        )
        found = await users.find_by_id(user.id, tenant_id="acme")
        assert found is not None
        assert [new for new, mine in zip(hashes, wrote, strict=True) if mine] == [found.password_hash]

    async def test_a_write_from_another_tenant_changes_nothing(self, users: UserRepository) -> None:
        """An id learnt from one tenant could be used to change it from another."""
        user = await users.create(_data())
        assert await users.update_password(user.id, "$theirs", tenant_id="globex") is False
        await users.update_status(user.id, "banned", tenant_id="globex")
        await users.update_email_verified(user.id, verified=True, tenant_id="globex")
        await users.update_last_login(user.id, tenant_id="globex")
        await users.update_mfa(user.id, _SECOND_FACTOR, tenant_id="globex")
        assert await users.find_by_id(user.id, tenant_id="acme") == user

    async def test_a_write_to_an_unknown_account_is_not_an_error(self, users: UserRepository) -> None:
        """A sign-in would fail with an internal error when its account is deleted meanwhile."""
        assert await users.update_password("nobody", "$new", tenant_id="acme") is False
        await users.update_status("nobody", "active", tenant_id="acme")
        await users.update_email_verified("nobody", verified=True, tenant_id="acme")
        await users.update_last_login("nobody", tenant_id="acme")
        await users.update_mfa("nobody", _SECOND_FACTOR, tenant_id="acme")
        assert await users.find_by_id("nobody", tenant_id="acme") is None

    async def test_each_update_changes_only_its_own_field(self, users: UserRepository) -> None:
        """Verifying an address would reset the status, or a sign-in the password."""
        user = await users.create(_data())
        await users.update_status(user.id, "active", tenant_id="acme")
        await users.update_email_verified(user.id, verified=True, tenant_id="acme")
        await users.update_last_login(user.id, tenant_id="acme")
        found = await users.find_by_id(user.id, tenant_id="acme")
        assert found is not None
        assert (found.status, found.email_verified) == ("active", True)
        assert found.last_login_at is not None
        assert abs(as_utc(found.last_login_at) - datetime.now(UTC)) < _TOLERANCE
        assert (found.email, found.name, found.role) == (user.email, user.name, user.role)
        assert (found.mfa_enabled, found.mfa_secret, found.mfa_recovery_codes) == (False, None, None)
        assert (found.password_hash, as_utc(found.created_at)) == (
            user.password_hash,
            as_utc(user.created_at),
        )
        await users.update_email_verified(user.id, verified=False, tenant_id="acme")
        found = await users.find_by_id(user.id, tenant_id="acme")
        assert found is not None
        assert found.email_verified is False

    async def test_a_second_factor_is_replaced_as_a_whole(self, users: UserRepository) -> None:
        """Used recovery codes would work again, or the secret of a lost phone after it was removed."""
        user = await users.create(_data())
        later = replace(_SECOND_FACTOR, mfa_secret="sealed again", mfa_recovery_codes=())
        cleared = UpdateMfaData(mfa_enabled=False, mfa_secret=None, mfa_recovery_codes=None)
        for data in (_SECOND_FACTOR, later, cleared):
            await users.update_mfa(user.id, data, tenant_id="acme")
            found = await users.find_by_id(user.id, tenant_id="acme")
            assert found is not None
            assert _second_factor(found) == data
        assert found == user


def _second_factor(user: AuthUser) -> UpdateMfaData:
    return UpdateMfaData(
        mfa_enabled=user.mfa_enabled,
        mfa_secret=user.mfa_secret,
        mfa_recovery_codes=user.mfa_recovery_codes,
    )


def _data(**changes: Any) -> CreateUserData:
    values: dict[str, Any] = {
        "email": "ada@example.com",
        "name": "Ada",
        "password_hash": "$hash",
        "tenant_id": "acme",
    }
    return CreateUserData(**(values | changes))


def _ready(tenant_id: str) -> AuthUser:
    return AuthUser(
        id="7",
        email="seven@example.com",
        name="Seven",
        password_hash="$hash",
        role="USER",
        status="active",
        tenant_id=tenant_id,
        email_verified=False,
        created_at=datetime(2025, 1, 1, tzinfo=UTC),
    )


def _instants(user: AuthUser) -> tuple[datetime, datetime | None]:
    return as_utc(user.created_at), None if user.last_login_at is None else as_utc(user.last_login_at)


async def _outcome(creation: Coroutine[Any, Any, AuthUser]) -> AuthUser | BaseException:
    return (await asyncio.gather(creation, return_exceptions=True))[0]

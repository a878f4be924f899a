"""
The contract of `PlatformUserRepository`, as tests that a host runs on its own repository.

    class TestMyAdmins(PlatformUserRepositoryContract):
        @pytest.fixture
        async def admins(self):
            yield MyPlatformUserRepository(...)    # empty, on a new database

        async def seed(self, admins, admin):
            await admins.insert(admin)             # the port has no way to create one

The tests are coroutines: run them with pytest-asyncio in auto mode, or mark the subclass.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bymax_auth.ports.accounts import PlatformUserRepository
from bymax_auth.types.account import AuthPlatformUser, UpdatePlatformMfaData
from bymax_auth.types.wire import as_utc

__all__ = ["PlatformUserRepositoryContract"]

_LONG_AGO = datetime(2024, 2, 29, 23, 59, 59, 123000, UTC)

_ROOT = AuthPlatformUser(
    id="1",
    email="root@example.com",
    name="👑 Ünïcode O'Root",
    password_hash="$old",
    role="SUPER_ADMIN",
    status="active",
    created_at=_LONG_AGO,
    updated_at=_LONG_AGO,
    mfa_enabled=True,
    mfa_secret="sealed",
    mfa_recovery_codes=("one", "two"),
    platform_id="main",
)
_SECOND = replace(_ROOT, id="2", email="second@example.com", mfa_enabled=False, mfa_recovery_codes=None)


_SECOND_FACTOR = UpdatePlatformMfaData(
    mfa_enabled=True,
    mfa_secret=":".join(("A" * 16, "+" * 24, "/" * 44)),
    mfa_recovery_codes=tuple(f"{number:064x}" for number in range(10)),
)


class PlatformUserRepositoryContract:
    """Subclass it with a fixture ``admins``, an empty repository, and override `seed`."""

    async def seed(self, admins: Any, admin: AuthPlatformUser) -> None:
        """Insert a complete administrator."""
        raise NotImplementedError("A subclass must implement how an administrator is stored.")

    async def test_every_field_of_a_stored_administrator_is_returned(
        self, admins: PlatformUserRepository
    ) -> None:
        """A second factor would be lost."""
        await self.seed(admins, _ROOT)
        assert _in_utc(await admins.find_by_id("1")) == _ROOT

    async def test_an_address_is_found_without_regard_to_case(self, admins: PlatformUserRepository) -> None:
        """Someone who types a capital letter could not sign in."""
        await self.seed(admins, _ROOT)
        await self.seed(admins, _SECOND)
        assert _in_utc(await admins.find_by_email("Root@EXAMPLE.com")) == _ROOT

    async def test_an_unknown_administrator_is_none(self, admins: PlatformUserRepository) -> None:
        """An unknown administrator would be an error page instead of a refusal."""
        await self.seed(admins, _ROOT)
        assert await admins.find_by_id("3") is None
        assert await admins.find_by_email("%@example.com") is None
        assert await admins.find_by_email("nobody@example.com") is None

    async def test_a_password_is_replaced_only_while_it_is_the_expected_one(
        self, admins: PlatformUserRepository
    ) -> None:
        """A sign-in that rehashes would undo a concurrent password change."""
        await self.seed(admins, _ROOT)
        assert await admins.update_password("1", "$new", expected_hash="$other") is False
        assert await admins.update_password("1", "$new", expected_hash="$old") is True
        assert await admins.update_password("1", "$newer", expected_hash="$old") is False
        found = await admins.find_by_id("1")
        assert found is not None
        assert found.password_hash == "$new"

    async def test_of_concurrent_conditional_updates_exactly_one_succeeds(
        self, admins: PlatformUserRepository
    ) -> None:
        """Both of two concurrent sign-ins would report a successful write."""
        await self.seed(admins, _ROOT)
        hashes = [f"$new-{number}" for number in range(8)]
        wrote = await asyncio.gather(
            *(admins.update_password("1", new, expected_hash="$old") for new in hashes)
        )
        found = await admins.find_by_id("1")
        assert found is not None
        assert [new for new, mine in zip(hashes, wrote, strict=True) if mine] == [found.password_hash]

    async def test_each_update_changes_one_administrator(self, admins: PlatformUserRepository) -> None:
        """Blocking one operator would block, or unblock, another."""
        await self.seed(admins, _ROOT)
        await self.seed(admins, _SECOND)
        assert await admins.update_password("1", "$new") is True
        await admins.update_status("1", "suspended")
        await admins.update_last_login("1")
        assert _in_utc(await admins.find_by_id("2")) == _SECOND
        found = await admins.find_by_id("1")
        assert found is not None
        assert (found.password_hash, found.status) == ("$new", "suspended")
        assert found.last_login_at is not None
        assert (found.mfa_enabled, found.mfa_secret, found.role) == (True, "sealed", "SUPER_ADMIN")

    async def test_a_second_factor_is_replaced_as_a_whole(self, admins: PlatformUserRepository) -> None:
        """Used recovery codes would work again, or the secret of a lost phone after it was removed."""
        await self.seed(admins, _ROOT)
        await self.seed(admins, _SECOND)
        later = replace(_SECOND_FACTOR, mfa_secret="sealed again", mfa_recovery_codes=())
        cleared = UpdatePlatformMfaData(mfa_enabled=False, mfa_secret=None, mfa_recovery_codes=None)
        for data in (_SECOND_FACTOR, later, cleared):
            await admins.update_mfa("1", data)
            found = await admins.find_by_id("1")
            assert found is not None
            assert (found.mfa_enabled, found.mfa_secret, found.mfa_recovery_codes) == (
                data.mfa_enabled,
                data.mfa_secret,
                data.mfa_recovery_codes,
            )
            assert (found.password_hash, found.status) == (_ROOT.password_hash, _ROOT.status)
        assert _in_utc(await admins.find_by_id("2")) == _SECOND

    async def test_a_write_to_an_unknown_account_is_not_an_error(
        self, admins: PlatformUserRepository
    ) -> None:
        """A sign-in would fail with an internal error when the administrator is deleted meanwhile."""
        assert await admins.update_password("3", "$new") is False
        await admins.update_status("3", "active")
        await admins.update_last_login("3")
        await admins.update_mfa("3", _SECOND_FACTOR)
        assert await admins.find_by_id("3") is None


def _in_utc(admin: AuthPlatformUser | None) -> AuthPlatformUser | None:
    if admin is None:
        return None
    return replace(admin, created_at=as_utc(admin.created_at), updated_at=as_utc(admin.updated_at))

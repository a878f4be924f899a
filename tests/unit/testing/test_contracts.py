"""The contract suites notice a repository that breaks its promise."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from unittest import SkipTest

import pytest

from bymax_auth.repositories.memory import InMemoryPlatformUserRepository, InMemoryUserRepository
from bymax_auth.testing import PlatformUserRepositoryContract, UserRepositoryContract
from bymax_auth.types.account import (
    AuthPlatformUser,
    AuthUser,
    CreateUserData,
    UpdateMfaData,
    UpdatePlatformMfaData,
)


class Users(UserRepositoryContract):
    async def seed(self, users: Any, user: AuthUser) -> None:
        users.add(user)


class Admins(PlatformUserRepositoryContract):
    async def seed(self, admins: Any, admin: AuthPlatformUser) -> None:
        admins.add(admin)


class ForgetsTheTenant(InMemoryUserRepository):
    async def find_by_id(self, user_id: str, *, tenant_id: str | None) -> AuthUser | None:
        return await super().find_by_id(user_id, tenant_id=None)


class ReadsThenWrites(InMemoryUserRepository):
    """Two creations at once both find the address free, and the second takes it."""

    async def create(self, data: CreateUserData) -> AuthUser:
        taken = await self.find_by_email(data.email, tenant_id=data.tenant_id)
        await asyncio.sleep(0)
        if taken is not None:
            return await super().create(data)
        later = replace(data, email=f"{id(data)}@example.com")
        return replace(await super().create(later), email=data.email)


class ReadsThenUpdates(InMemoryUserRepository):
    async def update_password(
        self, user_id: str, password_hash: str, *, tenant_id: str, expected_hash: str | None = None
    ) -> bool:
        user = await self.find_by_id(user_id, tenant_id=tenant_id)
        if user is None or user.password_hash != (expected_hash or user.password_hash):
            return False
        await asyncio.sleep(0)
        return await super().update_password(user_id, password_hash, tenant_id=tenant_id)


class MindsCase(InMemoryUserRepository):
    async def find_by_email(self, email: str, *, tenant_id: str) -> AuthUser | None:
        user = await super().find_by_email(email, tenant_id=tenant_id)
        return user if user is not None and user.email == email else None


class TrimsNames(InMemoryUserRepository):
    async def create(self, data: CreateUserData) -> AuthUser:
        return await super().create(replace(data, name=data.name.strip()[:255]))


class MindsCaseOfAdmins(InMemoryPlatformUserRepository):
    async def find_by_email(self, email: str) -> AuthPlatformUser | None:
        admin = await super().find_by_email(email)
        return admin if admin is not None and admin.email == email else None


class IgnoresTheExpectedHash(InMemoryPlatformUserRepository):
    async def update_password(
        self, admin_id: str, password_hash: str, *, expected_hash: str | None = None
    ) -> bool:
        return await super().update_password(admin_id, password_hash)


class KeepsTheSecondFactor(InMemoryUserRepository):
    """Takes ``None`` for "unchanged"."""

    async def update_mfa(self, user_id: str, data: UpdateMfaData, *, tenant_id: str) -> None:
        user = await self.find_by_id(user_id, tenant_id=tenant_id)
        if user is not None:
            kept = data.mfa_secret or user.mfa_secret
            await super().update_mfa(user_id, replace(data, mfa_secret=kept), tenant_id=tenant_id)


class KeepsTheSecondFactorOfAdmins(InMemoryPlatformUserRepository):
    async def update_mfa(self, admin_id: str, data: UpdatePlatformMfaData) -> None:
        if data.mfa_enabled:
            await super().update_mfa(admin_id, data)


suite, admin_suite = Users(), Admins()
BROKEN: list[tuple[Any, Callable[[Any], Awaitable[None]]]] = [
    (ForgetsTheTenant(), suite.test_a_user_is_not_found_from_another_tenant),
    (ForgetsTheTenant(), suite.test_equal_ids_of_two_tenants_are_two_users),
    (ReadsThenWrites(), suite.test_of_concurrent_creations_exactly_one_succeeds),
    (ReadsThenUpdates(), suite.test_of_concurrent_conditional_updates_exactly_one_succeeds),
    (MindsCase(), suite.test_an_address_is_found_without_regard_to_case),
    (TrimsNames(), suite.test_text_is_returned_exactly_as_stored),
    (InMemoryUserRepository("GUEST"), suite.test_a_new_user_gets_the_defaults_of_the_host),
    (KeepsTheSecondFactor(), suite.test_a_second_factor_is_replaced_as_a_whole),
    (KeepsTheSecondFactorOfAdmins(), admin_suite.test_a_second_factor_is_replaced_as_a_whole),
    (MindsCaseOfAdmins(), admin_suite.test_an_address_is_found_without_regard_to_case),
    (
        IgnoresTheExpectedHash(),
        admin_suite.test_a_password_is_replaced_only_while_it_is_the_expected_one,
    ),
]


@pytest.mark.parametrize(("repository", "test"), BROKEN)
async def test_a_broken_repository_fails_the_suite(
    repository: Any, test: Callable[[Any], Awaitable[None]]
) -> None:
    """A host would trust a repository that mixes its customers up."""
    with pytest.raises(AssertionError):
        await test(repository)


async def test_a_suite_without_a_way_to_seed_skips_or_says_so() -> None:
    """A host whose ids never repeat would have to seed rows for nothing."""
    with pytest.raises(SkipTest):
        await UserRepositoryContract().test_equal_ids_of_two_tenants_are_two_users(InMemoryUserRepository())
    with pytest.raises(NotImplementedError):
        await PlatformUserRepositoryContract().test_an_unknown_administrator_is_none(
            InMemoryPlatformUserRepository()
        )

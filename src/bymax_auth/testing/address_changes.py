"""The part of the contract of `UserRepository` that concerns the change of an address."""

import asyncio

from bymax_auth.errors import RepositoryConflict
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.types.account import AuthUser, CreateUserData

__all__ = ["AddressChangeContract"]

_OLD, _NEW = "ada@example.com", "ada@new.example"


class AddressChangeContract:
    """`UserRepositoryContract` inherits these tests; a host runs them with it."""

    async def test_a_new_address_replaces_the_old_one(self, users: UserRepository) -> None:
        """The owner would be found under the address that they gave up, or under none."""
        user = await _made(users)
        assert await users.update_email(user.id, _NEW, tenant_id="acme") is True
        moved = await users.find_by_email("ADA@new.example", tenant_id="acme")
        assert moved is not None
        assert (moved.id, moved.email) == (user.id, _NEW)
        assert await users.find_by_email(_OLD, tenant_id="acme") is None
        again = await _made(users)
        assert again.id != user.id

    async def test_a_new_address_changes_nothing_else(self, users: UserRepository) -> None:
        """Whoever changes an address would have to verify it again, or would be signed out for good."""
        user = await _made(users)
        await users.update_email_verified(user.id, verified=True, tenant_id="acme")
        assert await users.update_email(user.id, _NEW, tenant_id="acme") is True
        found = await users.find_by_id(user.id, tenant_id="acme")
        assert found is not None
        assert (found.email, found.email_verified) == (_NEW, True)
        assert (found.name, found.password_hash, found.role, found.status) == (
            user.name,
            user.password_hash,
            user.role,
            user.status,
        )

    async def test_an_address_that_another_user_has_is_a_conflict(self, users: UserRepository) -> None:
        """Two people would own one address, and reset each other's password."""
        user, other = await _made(users), await _made(users, email="ben@example.com")
        [outcome] = await asyncio.gather(
            users.update_email(user.id, "ben@example.com", tenant_id="acme"), return_exceptions=True
        )
        assert isinstance(outcome, RepositoryConflict)
        assert await users.find_by_id(user.id, tenant_id="acme") == user
        assert await users.find_by_email("ben@example.com", tenant_id="acme") == other

    async def test_another_tenants_address_is_no_conflict(self, users: UserRepository) -> None:
        """One customer could see who is another's, and keep an address from them."""
        user = await _made(users)
        theirs = await _made(users, email=_NEW, tenant_id="globex")
        assert await users.update_email(user.id, _NEW, tenant_id="acme") is True
        assert await users.find_by_email(_NEW, tenant_id="globex") == theirs

    async def test_of_concurrent_changes_to_one_address_exactly_one_succeeds(
        self, users: UserRepository
    ) -> None:
        """Two people who confirm one address at the same moment would share it."""
        people = [await _made(users, email=f"user{number}@example.com") for number in range(4)]
        outcomes = await asyncio.gather(
            *(users.update_email(person.id, _NEW, tenant_id="acme") for person in people),
            return_exceptions=True,
        )
        [winner] = [who for who, outcome in zip(people, outcomes, strict=True) if outcome is True]
        assert sum(isinstance(outcome, RepositoryConflict) for outcome in outcomes) == len(people) - 1
        found = await users.find_by_email(_NEW, tenant_id="acme")
        assert found is not None
        assert found.id == winner.id

    async def test_an_address_is_replaced_only_while_the_account_is_as_expected(
        self, users: UserRepository
    ) -> None:
        """A link of an account that was recovered meanwhile would give it to whoever asked for the link."""
        user, update = await _made(users), users.update_email
        for expected in ({"expected_email": "other@example.com"}, {"expected_hash": "$other"}):
            assert await update(user.id, _NEW, tenant_id="acme", **expected) is False
        mixed = {"expected_email": _OLD, "expected_hash": "$other"}
        assert await update(user.id, _NEW, tenant_id="acme", **mixed) is False
        right = {"expected_email": _OLD, "expected_hash": "$hash"}
        assert await update(user.id, _NEW, tenant_id="acme", **right) is True
        assert await update(user.id, "ada@third.example", tenant_id="acme", **right) is False
        found = await users.find_by_id(user.id, tenant_id="acme")
        assert found is not None
        assert found.email == _NEW

    async def test_of_concurrent_changes_of_one_account_exactly_one_succeeds(
        self, users: UserRepository
    ) -> None:
        """Two links opened at the same moment would each report that its address is the account's."""
        user = await _made(users)
        wanted = [f"ada{number}@new.example" for number in range(4)]
        wrote = await asyncio.gather(
            *(users.update_email(user.id, email, tenant_id="acme", expected_email=_OLD) for email in wanted)
        )
        found = await users.find_by_id(user.id, tenant_id="acme")
        assert found is not None
        assert [email for email, mine in zip(wanted, wrote, strict=True) if mine] == [found.email]

    async def test_no_address_of_another_tenant_or_of_nobody_changes(self, users: UserRepository) -> None:
        """An id learnt from one tenant could be used to take its account over from another."""
        user = await _made(users)
        assert await users.update_email(user.id, _NEW, tenant_id="globex") is False
        assert await users.update_email("nobody", _NEW, tenant_id="acme") is False
        assert await users.find_by_id(user.id, tenant_id="acme") == user


async def _made(users: UserRepository, *, email: str = _OLD, tenant_id: str = "acme") -> AuthUser:
    return await users.create(
        CreateUserData(email=email, name="Ada", password_hash="$hash", tenant_id=tenant_id)
    )

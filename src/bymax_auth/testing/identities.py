"""The part of the contract of `UserRepository` that concerns identities of providers."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bymax_auth.errors import RepositoryConflict
from bymax_auth.ports.accounts import UserRepository
from bymax_auth.types.account import AuthUser, CreateUserData, CreateWithOAuthData, UpdateMfaData
from bymax_auth.types.wire import as_utc

__all__ = ["IdentityContract"]

_EMAIL = "ada@example.com"
_OWNER = CreateWithOAuthData(
    email=_EMAIL,
    name="Ada Lovelace",
    tenant_id="acme",
    email_verified=True,
    oauth_provider="google",
    oauth_provider_id="1234",
)
_TOLERANCE = timedelta(minutes=5)


class IdentityContract:
    """`UserRepositoryContract` inherits these tests; a host runs them with it."""

    base_role = "USER"

    # ── create ───────────────────────────────────────────────────────────────────────────────────────

    async def test_a_user_of_a_provider_gets_the_defaults_and_no_password(
        self, users: UserRepository
    ) -> None:
        """An account would start with rights that were not granted, or wait for an approval for ever."""
        user = await users.create_with_oauth(replace(_OWNER, email_verified=None))
        assert (user.role, user.status, user.email_verified) == (self.base_role, "active", False)
        assert (user.password_hash, user.mfa_enabled, user.last_login_at) == (None, False, None)
        assert abs(as_utc(user.created_at) - datetime.now(UTC)) < _TOLERANCE
        assert await users.find_by_id(user.id, tenant_id="acme") == user

    async def test_a_user_of_a_provider_keeps_the_requested_values(self, users: UserRepository) -> None:
        """A hook that decides role and status would be ignored."""
        user = await users.create_with_oauth(replace(_OWNER, role="ADMIN", status="suspended"))
        assert (user.role, user.status, user.email_verified) == ("ADMIN", "suspended", True)
        assert (user.email, user.name, user.tenant_id) == (_EMAIL, "Ada Lovelace", "acme")
        assert (user.oauth_provider, user.oauth_provider_id) == ("google", "1234")
        assert await users.find_by_email(_EMAIL, tenant_id="acme") == user

    async def test_an_address_that_is_taken_is_a_conflict_for_a_provider_too(
        self, users: UserRepository
    ) -> None:
        """Two people would own one address."""
        user = await _registered(users)
        assert isinstance(await _outcome(users.create_with_oauth(_OWNER)), RepositoryConflict)
        assert await users.find_by_email(_EMAIL, tenant_id="acme") == user

    async def test_an_identity_is_unique_in_a_tenant(self, users: UserRepository) -> None:
        """Whoever signs in with a provider would get one account today, and another one tomorrow."""
        user = await users.create_with_oauth(_OWNER)
        again = users.create_with_oauth(replace(_OWNER, email="ada@new.example"))
        assert isinstance(await _outcome(again), RepositoryConflict)
        assert await users.find_by_oauth_id("google", "1234", tenant_id="acme") == user
        assert await users.find_by_email("ada@new.example", tenant_id="acme") is None

    async def test_of_concurrent_creations_for_an_identity_exactly_one_succeeds(
        self, users: UserRepository
    ) -> None:
        """Two tabs that return from the provider at once would make two accounts."""
        outcomes = await asyncio.gather(
            *(users.create_with_oauth(replace(_OWNER, email=f"ada{n}@example.com")) for n in range(6)),
            return_exceptions=True,
        )
        [winner] = [outcome for outcome in outcomes if isinstance(outcome, AuthUser)]
        assert sum(isinstance(outcome, RepositoryConflict) for outcome in outcomes) == len(outcomes) - 1
        assert await users.find_by_oauth_id("google", "1234", tenant_id="acme") == winner

    # ── find and link ────────────────────────────────────────────────────────────────────────────────

    async def test_an_identity_is_found_by_both_of_its_parts_in_its_tenant(
        self, users: UserRepository
    ) -> None:
        """One provider's number would sign somebody in to the account of another's, or of another tenant."""
        ours = await users.create_with_oauth(_OWNER)
        theirs = await users.create_with_oauth(replace(_OWNER, tenant_id="globex"))
        assert await users.find_by_oauth_id("google", "1234", tenant_id="acme") == ours
        assert await users.find_by_oauth_id("google", "1234", tenant_id="globex") == theirs
        for provider, provider_id, tenant_id in (
            ("github", "1234", "acme"),
            ("google", "12345", "acme"),
            ("google", "1234", "initech"),
            ("", "", "acme"),
        ):
            assert await users.find_by_oauth_id(provider, provider_id, tenant_id=tenant_id) is None

    async def test_an_identity_is_compared_exactly(self, users: UserRepository) -> None:
        """Providers issue identifiers that differ in case alone, to different people."""
        await users.create_with_oauth(replace(_OWNER, oauth_provider_id="AbC\u00e9"))
        for unknown in ("abc\u00e9", "AbC\u00c9", "AbCe", "AbC\u00e9 ", "AbCe\u0301", "%"):
            assert await users.find_by_oauth_id("google", unknown, tenant_id="acme") is None
        other = await users.create_with_oauth(
            replace(_OWNER, oauth_provider_id="abc\u00e9", email="ben@example.com")
        )
        assert await users.find_by_oauth_id("google", "abc\u00e9", tenant_id="acme") == other

    async def test_an_account_without_an_identity_is_nobodys(self, users: UserRepository) -> None:
        """An empty identity would find everybody who has none."""
        await _registered(users)
        await _registered(users, email="ben@example.com")
        assert await users.find_by_oauth_id("", "", tenant_id="acme") is None

    async def test_a_linked_identity_finds_its_account(self, users: UserRepository) -> None:
        """Whoever has linked a provider could not sign in with it."""
        user = await _registered(users)
        for _ in range(2):
            await users.link_oauth(user.id, "google", "1234", tenant_id="acme")
        found = await users.find_by_oauth_id("google", "1234", tenant_id="acme")
        assert found == replace(user, oauth_provider="google", oauth_provider_id="1234")

    async def test_an_identity_of_somebody_else_is_not_linked(self, users: UserRepository) -> None:
        """Two accounts would be one person's, and a sign-in would pick either."""
        owner, user = await users.create_with_oauth(_OWNER), await _registered(users, email="ben@example.com")
        link = users.link_oauth(user.id, "google", "1234", tenant_id="acme")
        assert isinstance(await _outcome(link), RepositoryConflict)
        assert await users.find_by_id(user.id, tenant_id="acme") == user
        assert await users.find_by_oauth_id("google", "1234", tenant_id="acme") == owner

    async def test_no_identity_is_linked_in_another_tenant_or_to_nobody(self, users: UserRepository) -> None:
        """An id learnt from one tenant could be used to enter its account from another."""
        user = await _registered(users)
        await users.link_oauth(user.id, "google", "1234", tenant_id="globex")
        await users.link_oauth("nobody", "google", "1234", tenant_id="acme")
        assert await users.find_by_id(user.id, tenant_id="acme") == user

    # ── reclaim ──────────────────────────────────────────────────────────────────────────────────────

    async def test_an_unverified_account_becomes_the_owners(self, users: UserRepository) -> None:
        """The stranger who registered the address would keep their password, or the name they chose."""
        user = await _registered(users)
        await users.link_oauth(user.id, "github", "stranger", tenant_id="acme")
        emptied = replace(user, password_hash=None)
        for _ in range(2):
            assert await users.remove_credentials(user.id, _EMAIL.upper(), tenant_id="acme") is True
            assert await users.find_by_id(user.id, tenant_id="acme") == emptied
        assert await users.find_by_oauth_id("github", "stranger", tenant_id="acme") is None
        assert await users.reclaim_with_oauth(user.id, replace(_OWNER, role="ADMIN", status="x")) is True
        found = await users.find_by_oauth_id("google", "1234", tenant_id="acme")
        assert found == replace(
            emptied,
            name="Ada Lovelace",
            email_verified=True,
            oauth_provider="google",
            oauth_provider_id="1234",
        )

    async def test_an_account_that_somebody_can_use_is_not_reclaimed(self, users: UserRepository) -> None:
        """Somebody with a credential would share the account."""
        registered, linked = await _registered(users), await _registered(users, email="ben@example.com")
        await users.remove_credentials(linked.id, linked.email, tenant_id="acme")
        await users.link_oauth(linked.id, "github", "stranger", tenant_id="acme")
        for user in (registered, linked):
            before = await users.find_by_id(user.id, tenant_id="acme")
            assert await users.reclaim_with_oauth(user.id, replace(_OWNER, email=user.email)) is False
            assert await users.find_by_id(user.id, tenant_id="acme") == before

    async def test_what_somebody_has_proven_is_not_reclaimed(self, users: UserRepository) -> None:
        """A provider would take an account that its owner has verified, or protects with a second factor."""
        verified = await _registered(users)
        await users.update_email_verified(verified.id, verified=True, tenant_id="acme")
        protected = await _registered(users, email="ben@example.com")
        factor = UpdateMfaData(mfa_enabled=True, mfa_secret="sealed", mfa_recovery_codes=())
        await users.update_mfa(protected.id, factor, tenant_id="acme")
        moved = await _registered(users, email="eve@example.com")
        for user, email in ((verified, _EMAIL), (protected, "ben@example.com"), (moved, "x@example.com")):
            before = await users.find_by_id(user.id, tenant_id="acme")
            assert await users.remove_credentials(user.id, email, tenant_id="acme") is False
            assert await users.find_by_id(user.id, tenant_id="acme") == before
        emptied = await self._emptied(users, "zoe@example.com")
        await users.update_email_verified(emptied.id, verified=True, tenant_id="acme")
        assert await users.reclaim_with_oauth(emptied.id, replace(_OWNER, email=emptied.email)) is False

    async def test_no_account_of_another_tenant_or_of_nobody_is_reclaimed(
        self, users: UserRepository
    ) -> None:
        """An id learnt from one tenant could be used to take its account over from another."""
        user = await _registered(users)
        assert await users.remove_credentials(user.id, _EMAIL, tenant_id="globex") is False
        assert await users.remove_credentials("nobody", _EMAIL, tenant_id="acme") is False
        assert await users.find_by_id(user.id, tenant_id="acme") == user
        emptied = await self._emptied(users, "zoe@example.com")
        owner = replace(_OWNER, email=emptied.email)
        assert await users.reclaim_with_oauth(emptied.id, replace(owner, tenant_id="globex")) is False
        assert await users.reclaim_with_oauth("nobody", owner) is False
        assert await users.find_by_id(emptied.id, tenant_id="acme") == emptied

    async def test_an_account_is_not_reclaimed_for_somebody_who_has_one(self, users: UserRepository) -> None:
        """One identity would have two accounts."""
        user = await self._emptied(users, _EMAIL)
        await users.create_with_oauth(replace(_OWNER, email="ada@new.example"))
        assert isinstance(await _outcome(users.reclaim_with_oauth(user.id, _OWNER)), RepositoryConflict)
        assert await users.find_by_id(user.id, tenant_id="acme") == user

    async def test_of_concurrent_reclamations_exactly_one_succeeds(self, users: UserRepository) -> None:
        """Two people whose providers assert one address would share an account."""
        user = await self._emptied(users, _EMAIL)
        wrote = await asyncio.gather(
            *(
                users.reclaim_with_oauth(user.id, replace(_OWNER, oauth_provider_id=str(number)))
                for number in range(6)
            )
        )
        found = await users.find_by_id(user.id, tenant_id="acme")
        assert found is not None
        assert [str(number) for number, mine in enumerate(wrote) if mine] == [found.oauth_provider_id]

    async def _emptied(self, users: UserRepository, email: str) -> AuthUser:
        """An account that nobody can use."""
        user = await _registered(users, email=email)
        assert await users.remove_credentials(user.id, email, tenant_id="acme")
        return replace(user, password_hash=None)


async def _registered(users: UserRepository, *, email: str = _EMAIL) -> AuthUser:
    return await users.create(
        CreateUserData(email=email, name="Stranger", password_hash="$hash", tenant_id="acme")
    )


async def _outcome(call: Coroutine[Any, Any, object]) -> object:
    return (await asyncio.gather(call, return_exceptions=True))[0]

"""The part of the contract of `UserRepository` that concerns several identities of one user."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import SkipTest

from bymax_auth.errors import RepositoryConflict
from bymax_auth.ports.accounts import LinkOutcome, UnlinkOutcome, UserRepository
from bymax_auth.types.account import AuthUser, CreateUserData, CreateWithOAuthData, LinkedIdentity
from bymax_auth.types.wire import as_utc

__all__ = ["LinkedIdentityContract"]

_OWNER = CreateWithOAuthData(
    email="ada@example.com",
    name="Ada Lovelace",
    tenant_id="acme",
    email_verified=False,
    oauth_provider="google",
    oauth_provider_id="1234",
)
_AT_ONCE = 6
_PROVIDERS = ("google", "github")
_TOLERANCE = timedelta(minutes=5)


class LinkedIdentityContract:
    """
    `UserRepositoryContract` inherits these tests; a host runs them with it.

    A repository that keeps one identity of each user sets `keeps_several_identities` to ``False``.
    """

    keeps_several_identities = True

    async def seed(self, users: Any, user: AuthUser) -> None:
        """Insert a complete user; the tests that need this are skipped when it is not overridden."""
        raise SkipTest("seed() is not overridden")

    # ── link and list ────────────────────────────────────────────────────────────────────────────────

    async def test_an_account_may_have_several_identities(self, users: UserRepository) -> None:
        """Whoever adds a second provider would lose the first, and with it the way in they know."""
        user = await users.create_with_oauth(_OWNER)
        if not self.keeps_several_identities:
            with_another = users.link_oauth(user.id, "github", "5", tenant_id="acme")
            [outcome] = await asyncio.gather(with_another, return_exceptions=True)
            assert isinstance(outcome, RepositoryConflict)
            assert await users.find_by_id(user.id, tenant_id="acme") == user
            return
        assert await users.link_oauth(user.id, "github", "5", tenant_id="acme") is LinkOutcome.LINKED
        assert await users.link_oauth(user.id, "google", "99", tenant_id="acme") is LinkOutcome.LINKED
        shown = replace(user, oauth_provider="google", oauth_provider_id="99")
        for provider, provider_id in (("google", "1234"), ("github", "5"), ("google", "99")):
            assert await users.find_by_oauth_id(provider, provider_id, tenant_id="acme") == shown
        listed = await users.list_identities(user.id, tenant_id="acme")
        assert [(one.provider, one.provider_id) for one in listed] == [
            ("google", "1234"),
            ("github", "5"),
            ("google", "99"),
        ]
        for one in listed:
            assert one.linked_at is not None
            assert abs(as_utc(one.linked_at) - datetime.now(UTC)) < _TOLERANCE

    async def test_an_identity_that_a_user_has_is_not_linked_again(self, users: UserRepository) -> None:
        """A double click would list one identity twice, or announce it twice."""
        user = await users.create_with_oauth(_OWNER)
        before = await users.list_identities(user.id, tenant_id="acme")
        assert await users.link_oauth(user.id, "google", "1234", tenant_id="acme") is LinkOutcome.KNOWN
        assert await users.list_identities(user.id, tenant_id="acme") == before

    async def test_nothing_is_linked_to_an_account_that_has_changed(self, users: UserRepository) -> None:
        """A thief's link in progress would survive the owner's new password."""
        seen = await _registered(users)
        await users.update_password(seen.id, "$new", tenant_id="acme")
        now = await users.find_by_id(seen.id, tenant_id="acme")
        assert now is not None
        for user_id, tenant_id, as_seen in (
            (seen.id, "acme", seen),
            (seen.id, "acme", replace(now, password_hash=None)),
            (seen.id, "globex", None),
            ("nobody", "acme", None),
        ):
            outcome = await users.link_oauth(user_id, "google", "1", tenant_id=tenant_id, as_seen=as_seen)
            assert outcome is LinkOutcome.REFUSED
        assert await users.find_by_id(seen.id, tenant_id="acme") == now
        outcome = await users.link_oauth(seen.id, "google", "1", tenant_id="acme", as_seen=now)
        assert outcome is LinkOutcome.LINKED

    async def test_identities_are_listed_for_their_user_alone(self, users: UserRepository) -> None:
        """One customer could read whom another's people are elsewhere."""
        user = await users.create_with_oauth(_OWNER)
        other = await _registered(users, "ben@example.com")
        assert await users.list_identities(other.id, tenant_id="acme") == ()
        assert await users.list_identities(user.id, tenant_id="globex") == ()
        assert await users.list_identities("nobody", tenant_id="acme") == ()

    async def test_an_identity_that_another_implementation_has_written_counts(
        self, users: UserRepository
    ) -> None:
        """An account made by an application that shares the table could not be entered, or would lose it."""
        before = AuthUser(
            id="7",
            email="ada@example.com",
            name="Ada",
            password_hash=None,
            role="USER",
            status="active",
            tenant_id="acme",
            email_verified=True,
            created_at=datetime(2024, 1, 1, tzinfo=UTC),
            oauth_provider="google",
            oauth_provider_id="old",
        )
        await self.seed(users, before)
        old = LinkedIdentity(provider="google", provider_id="old")
        assert await users.list_identities("7", tenant_id="acme") == (old,)
        assert await users.link_oauth("7", "google", "old", tenant_id="acme") is LinkOutcome.KNOWN
        if self.keeps_several_identities:
            assert await users.link_oauth("7", "github", "new", tenant_id="acme") is LinkOutcome.LINKED
            listed = await users.list_identities("7", tenant_id="acme")
            assert (listed[0], listed[1].provider_id) == (old, "new")
            other = await _registered(users, "ben@example.com")
            [taken] = await asyncio.gather(
                users.link_oauth(other.id, "google", "old", tenant_id="acme"), return_exceptions=True
            )
            assert isinstance(taken, RepositoryConflict)
        found = await users.find_by_oauth_id("google", "old", tenant_id="acme")
        assert found is not None
        assert found.id == "7"

    async def test_of_concurrent_links_of_an_identity_exactly_one_succeeds(
        self, users: UserRepository
    ) -> None:
        """Two accounts would be one person's, and a sign-in would pick either."""
        people = [await _registered(users, f"ada{number}@example.com") for number in range(_AT_ONCE)]
        outcomes = await asyncio.gather(
            *(users.link_oauth(user.id, "google", "1", tenant_id="acme") for user in people),
            return_exceptions=True,
        )
        [winner] = [
            user for user, outcome in zip(people, outcomes, strict=True) if outcome is LinkOutcome.LINKED
        ]
        assert sum(isinstance(outcome, RepositoryConflict) for outcome in outcomes) == _AT_ONCE - 1
        for user in people:
            listed = await users.list_identities(user.id, tenant_id="acme")
            assert len(listed) == (user.id == winner.id)
        found = await users.find_by_oauth_id("google", "1", tenant_id="acme")
        assert found is not None
        assert found.id == winner.id

    # ── unlink ───────────────────────────────────────────────────────────────────────────────────────

    async def test_an_identity_that_was_unlinked_finds_nobody(self, users: UserRepository) -> None:
        """Whoever has somebody's old account at a provider would still get in."""
        user = await _registered(users)
        await users.link_oauth(user.id, "google", "1234", tenant_id="acme")
        assert await _unlink(users, user, "google", "1234", tenant_id="globex") is UnlinkOutcome.UNKNOWN
        assert await _unlink(users, user, "google", "12345") is UnlinkOutcome.UNKNOWN
        assert await _unlink(users, user, "google", "1234") is UnlinkOutcome.UNLINKED
        assert await _unlink(users, user, "google", "1234") is UnlinkOutcome.UNKNOWN
        assert await users.find_by_oauth_id("google", "1234", tenant_id="acme") is None
        assert await users.find_by_id(user.id, tenant_id="acme") == user
        other = await _registered(users, "ben@example.com")
        assert await users.link_oauth(other.id, "google", "1234", tenant_id="acme") is LinkOutcome.LINKED
        assert await _unlink(users, user, "google", "1234") is UnlinkOutcome.UNKNOWN

    async def test_the_last_way_in_stays(self, users: UserRepository) -> None:
        """Somebody would lock themselves out with one click."""
        user = await users.create_with_oauth(_OWNER)
        assert await _unlink(users, user, "google", "1234") is UnlinkOutcome.LAST
        assert await users.find_by_oauth_id("google", "1234", tenant_id="acme") == user
        if self.keeps_several_identities:
            await users.link_oauth(user.id, "retired", "5", tenant_id="acme")
            assert await _unlink(users, user, "google", "1234") is UnlinkOutcome.LAST
            await users.link_oauth(user.id, "github", "6", tenant_id="acme")
            assert await _unlink(users, user, "google", "1234") is UnlinkOutcome.UNLINKED
        last = ("github", "6") if self.keeps_several_identities else ("google", "1234")
        assert await _unlink(users, user, *last) is UnlinkOutcome.LAST
        by_force = await users.unlink_oauth(user.id, *last, tenant_id="acme")
        assert by_force is UnlinkOutcome.UNLINKED

    async def test_a_users_own_fields_show_the_newest_identity_that_is_left(
        self, users: UserRepository
    ) -> None:
        """An application that shares the table would let somebody in by an identity that is gone."""
        if not self.keeps_several_identities:
            return
        user = await _registered(users)
        for number in ("1", "2", "3"):
            await users.link_oauth(user.id, "google", number, tenant_id="acme")
        for gone, shown in (("3", "2"), ("1", "2"), ("2", None)):
            assert await _unlink(users, user, "google", gone) is UnlinkOutcome.UNLINKED
            found = await users.find_by_id(user.id, tenant_id="acme")
            assert found is not None
            assert (found.oauth_provider, found.oauth_provider_id) == (shown and "google", shown)

    async def test_of_identities_that_are_unlinked_at_once_one_way_in_stays(
        self, users: UserRepository
    ) -> None:
        """Two tabs would each remove what the other counts on."""
        if not self.keeps_several_identities:
            return
        user = await users.create_with_oauth(_OWNER)
        await users.link_oauth(user.id, "github", "5", tenant_id="acme")
        outcomes = await asyncio.gather(
            _unlink(users, user, "google", "1234"), _unlink(users, user, "github", "5")
        )
        assert sorted(outcome.name for outcome in outcomes) == ["LAST", "UNLINKED"]
        [left] = await users.list_identities(user.id, tenant_id="acme")
        found = await users.find_by_oauth_id(left.provider, left.provider_id, tenant_id="acme")
        assert found is not None
        assert (found.oauth_provider, found.oauth_provider_id) == (left.provider, left.provider_id)

    async def test_a_reclaimed_account_has_the_identity_of_its_owner_alone(
        self, users: UserRepository
    ) -> None:
        """The stranger who registered the address would come back by a provider of theirs."""
        user = await _registered(users)
        await users.link_oauth(user.id, "github", "stranger", tenant_id="acme")
        if self.keeps_several_identities:
            await users.link_oauth(user.id, "gitlab", "stranger", tenant_id="acme")
        assert await users.remove_credentials(user.id, user.email, tenant_id="acme") is True
        assert await users.reclaim_with_oauth(user.id, _OWNER) is True
        [left] = await users.list_identities(user.id, tenant_id="acme")
        assert (left.provider, left.provider_id) == ("google", "1234")
        for provider in ("github", "gitlab"):
            assert await users.find_by_oauth_id(provider, "stranger", tenant_id="acme") is None


async def _registered(users: UserRepository, email: str = "ada@example.com") -> AuthUser:
    return await users.create(
        CreateUserData(email=email, name="Ada", password_hash="$hash", tenant_id="acme")
    )


async def _unlink(
    users: UserRepository, user: AuthUser, provider: str, provider_id: str, *, tenant_id: str = "acme"
) -> UnlinkOutcome:
    return await users.unlink_oauth(user.id, provider, provider_id, tenant_id=tenant_id, usable=_PROVIDERS)

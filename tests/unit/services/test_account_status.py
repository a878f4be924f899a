"""Whether an account's status lets it in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import (
    AccountBanned,
    AccountInactive,
    AccountSuspended,
    AuthError,
    EmailNotVerified,
    PendingApproval,
    StoreUnavailable,
    TokenInvalid,
)
from bymax_auth.ports.events import BackgroundTaskFailed
from bymax_auth.ports.revocation import RevocationStore
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.services.account_status import AccountStatus, StatusGate
from bymax_auth.services.background_tasks import BackgroundTasks
from bymax_auth.services.identifiers import Identifiers
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import RecordingEvents
from bymax_auth.types.identity import Realm, Subject
from bymax_auth.types.session import CachedStatus
from tests.unit.services.parts import user

DEFAULTS = ("BANNED", "INACTIVE", "SUSPENDED")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        ("BANNED", AccountBanned),
        ("banned", AccountBanned),
        ("Inactive", AccountInactive),
        ("suspended", AccountSuspended),
        ("PENDING", PendingApproval),
        ("pending_approval", PendingApproval),
        ("ON_LEAVE", AccountInactive),
    ],
)
def test_a_blocked_account_hears_why(status: str, refusal: type[AuthError]) -> None:
    """A person who is suspended should not try new passwords."""
    gate = StatusGate((*DEFAULTS, "PENDING", "PENDING_APPROVAL", "on_leave"))

    assert gate.blocks(status)
    with pytest.raises(refusal):
        gate.check(status)


@pytest.mark.parametrize("status", ["ACTIVE", "PENDING", "", "ınactıve", "BANNED "])
def test_any_other_status_passes(status: str) -> None:
    """Statuses are the host's words, and only those it listed block."""
    gate = StatusGate(DEFAULTS)

    gate.check(status)
    assert not gate.blocks(status)


class Setting:
    """A status gate over a repository, with a cache to read from."""

    def __init__(self, stores: EmbeddedStores, identifiers: Identifiers, background: BackgroundTasks) -> None:
        self.users = InMemoryUserRepository()
        self.users.add(user())
        self.revocation = stores.revocation
        self.subject: Subject = identifiers.subject(Realm.DASHBOARD, "u1", "acme")
        self.background = background
        self.status = AccountStatus(
            users=self.users,
            revocation=stores.revocation,
            identifiers=identifiers,
            gate=StatusGate(DEFAULTS),
            background=background,
            cache_ttl=MINUTE,
            verification_required=True,
        )

    async def cached(self) -> CachedStatus | None:
        await self.background.drain()
        return (await self.revocation.token_state(self.subject, "jti")).status

    async def is_active(self, cached: CachedStatus | None = None, *, verified: bool = False) -> None:
        if verified:
            await self.status.assert_active_and_verified("u1", tenant_id="acme", cached=cached)
        else:
            await self.status.assert_active("u1", tenant_id="acme", cached=cached)


@pytest.fixture
def setting(stores: EmbeddedStores, identifiers: Identifiers, background: BackgroundTasks) -> Setting:
    return Setting(stores, identifiers, background)


@pytest.mark.parametrize("verified", [False, True])
async def test_what_the_repository_says_is_remembered(setting: Setting, verified: bool) -> None:
    """Every request would otherwise ask the database."""
    await setting.is_active(verified=verified)

    assert await setting.cached() == CachedStatus("ACTIVE", email_verified=True)


@pytest.mark.parametrize("verified", [False, True])
async def test_what_is_remembered_is_believed(setting: Setting, verified: bool) -> None:
    """That is what the cache is for."""
    setting.users.replace(user(status="BANNED"))

    await setting.is_active(CachedStatus("ACTIVE", email_verified=True), verified=verified)
    with pytest.raises(AccountSuspended):
        await setting.is_active(CachedStatus("SUSPENDED", email_verified=True), verified=verified)
    assert await setting.cached() is None


@pytest.mark.parametrize("verified", [False, True])
async def test_without_a_lifetime_nothing_is_remembered_or_believed(setting: Setting, verified: bool) -> None:
    """A host that turned the cache off means it, also for what an older process left there."""
    setting.status = replace(setting.status, cache_ttl=timedelta(0))
    setting.users.replace(user(status="BANNED"))

    with pytest.raises(AccountBanned):
        await setting.is_active(CachedStatus("ACTIVE", email_verified=True), verified=verified)
    assert await setting.cached() is None


@pytest.mark.parametrize("verified", [False, True])
async def test_a_missing_account_is_refused_and_not_remembered(setting: Setting, verified: bool) -> None:
    """Its token outlived it."""
    gate = setting.status.assert_active_and_verified if verified else setting.status.assert_active
    with pytest.raises(TokenInvalid):
        await gate("u1", tenant_id="other")

    assert await setting.cached() is None


async def test_an_unverified_address_is_refused_where_that_matters(setting: Setting) -> None:
    """A stranger's address proves nothing."""
    setting.users.replace(user(email_verified=False))

    await setting.is_active()
    with pytest.raises(EmailNotVerified):
        await setting.is_active(verified=True)
    with pytest.raises(EmailNotVerified):
        await setting.is_active(CachedStatus("ACTIVE", email_verified=False), verified=True)


async def test_a_blocked_account_hears_so_before_it_is_told_to_verify(setting: Setting) -> None:
    """Verifying would not help."""
    setting.users.replace(user(status="BANNED", email_verified=False))

    with pytest.raises(AccountBanned):
        await setting.is_active(verified=True)


async def test_what_was_not_remembered_is_asked_again(setting: Setting) -> None:
    """An entry of an older version knows the status alone."""
    with_status_only = CachedStatus("ACTIVE", email_verified=None)

    await setting.is_active(with_status_only, verified=True)
    assert await setting.cached() == CachedStatus("ACTIVE", email_verified=True)

    setting.status = replace(setting.status, verification_required=False)
    setting.users.replace(user(status="BANNED"))
    await setting.is_active(with_status_only, verified=True)


async def test_verification_that_is_not_required_is_not_asked_for(setting: Setting) -> None:
    """A host that does not verify addresses has nobody verified."""
    setting.status = replace(setting.status, verification_required=False)
    setting.users.replace(user(email_verified=False))

    await setting.is_active(verified=True)


async def test_a_host_can_make_the_cache_forget(setting: Setting) -> None:
    """Who has just been unbanned should not have to wait."""
    await setting.is_active()
    assert await setting.cached() is not None
    await setting.status.forget("u1", "acme")

    assert await setting.cached() is None


async def test_a_cache_that_cannot_be_written_changes_no_answer(
    setting: Setting, stores: EmbeddedStores, events: RecordingEvents
) -> None:
    """The account is known to be active; the next request asks again."""
    await stores.aclose()
    await setting.is_active()
    await setting.background.drain()

    assert [event.origin for event in events.of(BackgroundTaskFailed)] == ["status_cache"]


class WithoutAnswer:
    """The real store, which remembers a status and then loses its answer."""

    def __init__(self, store: RevocationStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def remember_status(self, subject: Subject, status: CachedStatus, ttl: timedelta) -> None:
        await self._store.remember_status(subject, status, ttl)
        raise StoreUnavailable


async def test_a_status_that_may_have_been_written_is_deleted(setting: Setting) -> None:
    """Nobody has compared it with the account, which may have been banned meanwhile."""
    lossy: Any = WithoutAnswer(setting.revocation)
    setting.status = replace(setting.status, revocation=lossy)
    await setting.is_active()

    assert await setting.cached() is None


Meanwhile = Callable[[InMemoryUserRepository], None]


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda users: users.replace(user(status="BANNED")),
        lambda users: users.replace(user(email_verified=False)),
        lambda users: users._rows.clear(),
    ],
    ids=["banned", "address changed", "deleted"],
)
async def test_a_status_that_has_changed_meanwhile_is_not_remembered(
    setting: Setting, events: RecordingEvents, meanwhile: Meanwhile
) -> None:
    """Who was banned at that moment would stay signed in until the cache has run out."""
    await setting.is_active()
    meanwhile(setting.users)

    assert await setting.cached() is None
    assert events.of(BackgroundTaskFailed) == []


async def test_a_blocked_account_that_was_just_read_corrects_the_cache(setting: Setting) -> None:
    """A guard would let a banned account in until the cache has run out."""
    await setting.is_active()
    assert await setting.cached() is not None
    await setting.status.assert_allowed(user())
    assert await setting.cached() is not None
    with pytest.raises(AccountBanned):
        await setting.status.assert_allowed(user(status="BANNED"))
    assert await setting.cached() is None

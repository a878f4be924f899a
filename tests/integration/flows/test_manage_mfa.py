"""Changes of an enabled second factor: by its owner with a code, and by the host."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.errors import (
    AccountBanned,
    AccountLocked,
    MfaInvalidCode,
    MfaNotEnabled,
    MfaStateConflict,
    MfaTempTokenInvalid,
    RepositoryBackendError,
    StoreUnavailable,
    TokenInvalid,
)
from bymax_auth.ports.events import (
    BackgroundTaskFailed,
    FactorCodeRefused,
    FactorDisabled,
    FactorLocked,
    FactorLockLost,
    FactorReset,
    RecoveryCodesRegenerated,
)
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import CachedStatus
from tests.integration.flows.factors import MFA, REFUSED, App, encryption_key, enrolled
from tests.integration.flows.world import CONTEXT, RealmView, World

Worlds = Callable[..., World]


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds(mfa=MFA)


@pytest.fixture
async def app(world: World, view: RealmView) -> App:
    """An account of either realm with a second factor."""
    return await enrolled(world, view.realm)


async def change(app: App, what: str, code: str) -> object:
    return await (app.disable(code) if what == "disable" else app.regenerate(code))


both = pytest.mark.parametrize("what", ["disable", "regenerate"])


# ── what both take ──


@both
async def test_without_a_factor_there_is_nothing_to_change(world: World, view: RealmView, what: str) -> None:
    """No guess is counted, because there is nothing to guess."""
    app = App(world, view, "", ())
    for _ in range(6):
        with pytest.raises(MfaNotEnabled):
            await change(app, what, "123456")
    assert world.trace.count("attempts.begin") == 0


@both
async def test_a_recovery_code_changes_nothing(world: World, app: App, what: str) -> None:
    """Whoever found the printed list must not remove the factor, nor print another."""
    with pytest.raises(MfaInvalidCode):
        await change(app, what, app.recovery_codes[0])
    assert (await world.account(app.view.realm)).mfa_enabled


@both
async def test_wrong_codes_lock_changes_and_not_the_sign_in(world: World, app: App, what: str) -> None:
    """A thief with a session must not guess codes, nor lock the owner out."""
    for _ in range(5):
        with pytest.raises(MfaInvalidCode):
            await change(app, what, app.wrong_code())
    assert world.events.last(FactorCodeRefused).user_id == app.view.account_id
    with pytest.raises(AccountLocked):
        await change(app, what, app.code())
    assert world.events.last(FactorLocked).realm is app.view.realm
    await app.sign_in()


@both
async def test_a_used_code_is_a_wrong_one(world: World, app: App, what: str) -> None:
    """A code that somebody read over a shoulder was used by its owner first."""
    code = app.code()
    await app.sign_in(code)
    with pytest.raises(MfaInvalidCode):
        await change(app, what, code)


@both
async def test_a_secret_that_no_key_opens_is_a_token_that_is_not_valid(
    world: World, app: App, what: str
) -> None:
    """A host that lost its key must reset the factor."""
    await world.change_account(app.view.realm, mfa_secret="a:b:c")
    with pytest.raises(TokenInvalid):
        await change(app, what, app.code())
    await world.change_account(app.view.realm, mfa_secret=None)
    with pytest.raises(TokenInvalid):
        await change(app, what, app.code())


async def test_a_blocked_account_changes_nothing_and_corrects_the_cache(world: World, app: App) -> None:
    """Guards would let a banned account in until the cache has run out; operators have no cache."""
    subject = world.subject(app.view.realm)
    known = CachedStatus("ACTIVE", email_verified=True)
    await world.stores.revocation.remember_status(subject, known, timedelta(minutes=1))
    await world.change_account(app.view.realm, status="BANNED")
    world.trace.clear()
    with pytest.raises(AccountBanned):
        await app.disable(app.code())
    assert world.trace.count("revocation.forget_status") == (app.view.realm is Realm.DASHBOARD)
    assert (await world.account(app.view.realm)).mfa_enabled


@both
async def test_a_change_in_progress_is_a_conflict(world: World, app: App, what: str) -> None:
    """Two changes at once would leave what neither of them wanted."""
    subject = world.subject(app.view.realm)
    await world.stores.mfa.acquire_lock(subject, "another", timedelta(seconds=10))
    with pytest.raises(MfaStateConflict):
        await change(app, what, app.code())
    assert not await world.stores.mfa.acquire_lock(subject, "third", timedelta(seconds=1))


@both
@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [
        ("gone", MfaNotEnabled),
        ("disabled", MfaNotEnabled),
        ("enrolled anew", MfaStateConflict),
        ("sealed by another", MfaStateConflict),
    ],
)
async def test_the_factor_that_changes_is_the_one_that_was_proven(
    world: World, app: App, what: str, meanwhile: str, refusal: type[Exception]
) -> None:
    """A code of an old secret must not remove the new one, or bring the old one back."""
    realm = app.view.realm
    factor = app.view.flows.mfa_setup.factor

    async def before(number: int, name: str) -> None:
        if name != "mfa.acquire_lock":
            return
        if meanwhile == "gone":
            (world.users if realm is Realm.DASHBOARD else world.admins)._rows.clear()
        elif meanwhile == "disabled":
            await world.change_account(realm, mfa_enabled=False, mfa_secret=None, mfa_recovery_codes=None)
        else:
            sealed = factor.secrets.seal(world.subject(realm), b"x" * 20)
            await world.change_account(realm, mfa_secret=sealed if meanwhile == "enrolled anew" else "a:b:c")

    world.trace.before = before
    world.trace.clear()
    with pytest.raises(refusal):
        await change(app, what, app.code())
    assert world.trace.count("users.update_mfa", "admins.update_mfa") == 0


@both
async def test_a_slow_change_does_not_write(world: World, app: App, what: str) -> None:
    """After ten seconds another change may hold the lock."""
    find = "users.find_by_id" if app.view.realm is Realm.DASHBOARD else "admins.find_by_id"

    async def slow(number: int, name: str) -> None:
        if name == find and "mfa.acquire_lock" in world.trace.calls:
            world.clock.advance(timedelta(seconds=8))

    world.trace.clear()
    world.trace.after = slow
    with pytest.raises(MfaStateConflict):
        await change(app, what, app.code())
    assert world.trace.count("users.update_mfa", "admins.update_mfa") == 0
    assert world.trace.calls[-1] == "mfa.release_lock"


async def test_a_lock_that_was_outlasted_is_an_event(world: World, app: App) -> None:
    """An operator must hear of a repository that takes longer than a lock lasts."""

    async def slow(number: int, name: str) -> None:
        if name.endswith("update_mfa"):
            world.clock.advance(timedelta(seconds=11))

    assert world.events.of(FactorLockLost) == [], "the enrolment has kept its lock"
    world.trace.after = slow
    await app.regenerate(app.code())
    assert world.events.last(FactorLockLost).user_id == app.view.account_id


async def test_a_successors_lock_is_not_released(world: World, app: App) -> None:
    """A change that outlasted its lock must leave the next one's alone."""
    subject = world.subject(app.view.realm)

    async def slow(number: int, name: str) -> None:
        if name.endswith("update_mfa"):
            world.clock.advance(timedelta(seconds=11))
            await world.stores.mfa.acquire_lock(subject, "successor", timedelta(seconds=10))

    world.trace.after = slow
    await app.regenerate(app.code())
    assert not await world.stores.mfa.acquire_lock(subject, "third", timedelta(seconds=1))


async def test_a_lock_that_cannot_be_released_changes_no_outcome(world: World, app: App) -> None:
    """What was written is written: the sessions must still end."""

    async def failing(number: int, name: str) -> None:
        if name == "mfa.release_lock":
            raise StoreUnavailable

    world.trace.before = failing
    await app.disable(app.code())
    assert world.events.last(BackgroundTaskFailed).origin == "mfa.release_lock"
    assert await world.live_sessions(app.view.realm) == 0


async def test_a_failing_repository_frees_the_lock(world: World, app: App) -> None:
    """The owner tries again at once."""

    async def failing(number: int, name: str) -> None:
        if name.endswith("update_mfa"):
            world.trace.before = None
            raise RuntimeError("the database is gone")

    world.trace.before = failing
    with pytest.raises(RepositoryBackendError):
        await app.disable(app.code())
    await app.disable(app.code(1))


# ── disable ──


async def test_a_code_removes_the_factor_and_ends_every_session(world: World, app: App) -> None:
    """What has passed the factor must not go on without it."""
    realm = app.view.realm
    session = await app.sign_in()
    claims = (await app.view.flows.authenticate(session.access_token)).claims
    assert (claims.mfa_enabled, claims.mfa_verified) == (True, True)
    await app.disable(app.code(1))
    await world.engine.drain()
    account = await world.account(realm)
    assert (account.mfa_enabled, account.mfa_secret, account.mfa_recovery_codes) == (False, None, None)
    assert await world.live_sessions(realm) == 0
    with pytest.raises(REFUSED):
        await app.view.flows.authenticate(session.access_token)
    sent = world.mail.last("mfa_disabled")
    assert (sent.to, sent.tenant_id) == (app.view.email, app.view.tenant_id or "platform")
    assert world.events.last(FactorDisabled).realm is realm
    told = world.hooks.of("after_mfa_disabled")
    assert [(user.mfa_enabled, about.ip) for user, about in told] == [(False, CONTEXT.ip)] * (
        realm is Realm.DASHBOARD
    )
    again = await app.view.flows.login(app.view.credentials(), CONTEXT)
    claims = (await app.view.flows.authenticate(again.access_token)).claims
    assert (claims.mfa_enabled, claims.mfa_verified) == (False, False)


async def test_of_two_removals_with_one_code_one_wins(world: World, app: App) -> None:
    """The replay mark and the acceptance are one step."""
    code = app.code()
    outcomes = await asyncio.gather(app.disable(code), app.disable(code), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["MfaInvalidCode", "NoneType"]


# ── regenerate ──


async def test_new_recovery_codes_replace_the_old_and_sessions_go_on(world: World, app: App) -> None:
    """A list that was lost must be worth nothing, and nobody is signed out for it."""
    realm = app.view.realm
    session = await app.sign_in()
    codes = await app.regenerate(app.code(1))
    await world.engine.drain()
    assert len(set(codes) - set(app.recovery_codes)) == 8
    await app.view.flows.authenticate(session.access_token)
    assert await world.live_sessions(realm) == 1
    token = await app.challenge()
    with pytest.raises(MfaInvalidCode):
        await app.answer(token, app.recovery_codes[0])
    await app.answer(token, codes[0])
    assert world.events.last(RecoveryCodesRegenerated).realm is realm
    assert len(world.hooks.of("after_mfa_recovery_codes_regenerated")) == (realm is Realm.DASHBOARD)
    assert [mail.kind for mail in world.mail.sent].count("mfa_enabled") == 1


async def test_new_recovery_codes_keep_the_secret_as_it_is_by_now(world: World, app: App) -> None:
    """A secret that was encrypted again meanwhile must not go back under a key that is about to leave."""
    realm = app.view.realm
    secrets = app.view.flows.mfa_setup.factor.secrets
    raw = secrets.open(world.subject(realm), (await world.account(realm)).mfa_secret).raw
    again = secrets.seal(world.subject(realm), raw)

    async def meanwhile(number: int, name: str) -> None:
        if name == "mfa.acquire_lock":
            await world.change_account(realm, mfa_secret=again)

    world.trace.before = meanwhile
    await app.regenerate(app.code())
    assert (await world.account(realm)).mfa_secret == again


# ── reset by the host ──


async def test_a_host_removes_the_factor_of_an_owner_who_lost_it(world: World, app: App) -> None:
    """Without this, a lost phone is a lost account."""
    realm, view = app.view.realm, app.view
    token = await app.challenge()
    await app.sign_in()
    await view.flows.reset_mfa(view.account_id, tenant_id=view.tenant_id)
    await world.engine.drain()
    account = await world.account(realm)
    assert (account.mfa_enabled, account.mfa_secret, account.mfa_recovery_codes) == (False, None, None)
    assert await world.live_sessions(realm) == 0
    assert world.events.last(FactorReset).realm is realm
    assert world.mail.last("mfa_disabled").to == view.email
    told = world.hooks.of("after_mfa_disabled")
    assert [(about.ip, about.user_agent) for _, about in told] == [("", "")] * (realm is Realm.DASHBOARD)
    with pytest.raises(MfaTempTokenInvalid):
        await app.answer(token, app.code(1))


async def test_a_reset_without_a_factor_does_nothing(world: World, view: RealmView) -> None:
    """A support desk may press the button twice."""
    await world.login(view.realm)
    await view.flows.reset_mfa(view.account_id, tenant_id=view.tenant_id)
    assert await world.live_sessions(view.realm) == 1
    assert world.mail.sent == []


async def test_a_reset_of_an_account_that_is_gone_by_then_writes_nothing(world: World, app: App) -> None:
    """A row must not come back."""

    async def meanwhile(number: int, name: str) -> None:
        if name == "mfa.acquire_lock":
            (world.users if app.view.realm is Realm.DASHBOARD else world.admins)._rows.clear()

    world.trace.before = meanwhile
    world.trace.clear()
    await app.view.flows.reset_mfa(app.view.account_id, tenant_id=app.view.tenant_id)
    assert world.trace.count("users.update_mfa", "admins.update_mfa") == 0


async def test_equal_ids_in_two_tenants_are_two_factors(world: World) -> None:
    """An id is unique within its tenant only."""
    own = await enrolled(world)
    account = await world.account(Realm.DASHBOARD)
    world.users.add(replace(account, tenant_id="other", mfa_enabled=False, mfa_secret=None))
    other = replace(own.view, tenant_id="other")
    with pytest.raises(MfaNotEnabled):
        await App(world, other, own.secret, ()).disable(own.code())
    await other.flows.reset_mfa(other.account_id, tenant_id="other")
    assert (await world.account(Realm.DASHBOARD)).mfa_enabled
    await own.sign_in()


async def test_a_secret_of_another_row_does_not_open_where_it_is_bound(worlds: Worlds, realm: Realm) -> None:
    """Whoever can write to the table must not give a victim the secret of an app of their own."""
    world = worlds(mfa={**MFA, "encryption_key": encryption_key(), "bind_secret_to_account": True})
    app = await enrolled(world, realm)
    stored = (await world.account(realm)).mfa_secret
    assert stored.startswith("v2:")
    secrets = app.view.flows.mfa_setup.factor.secrets
    other = Realm.PLATFORM if realm is Realm.DASHBOARD else Realm.DASHBOARD
    await world.change_account(other, mfa_enabled=True, mfa_secret=stored, mfa_recovery_codes=())
    thief = App(world, world.realm(other), app.secret, ())
    with pytest.raises(TokenInvalid):
        await thief.sign_in()
    assert not secrets.open(world.subject(realm), stored).is_stale

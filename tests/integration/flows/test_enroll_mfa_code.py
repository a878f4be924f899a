"""The code that confirms an enrolment: what it takes, and what it does."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import (
    AccountLocked,
    MfaAlreadyEnabled,
    MfaInvalidCode,
    MfaNotEnabled,
    MfaSetupRequired,
    MfaStateConflict,
    RefreshTokenInvalid,
    TooManyRequests,
)
from bymax_auth.ports.events import (
    FactorEnabled,
    FactorLocked,
    FactorSetupCodeRefused,
)
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import LoginInput, ResetPasswordInput
from bymax_auth.types.results import AuthResult
from tests.integration.flows.factors import MFA, REFUSED, App, begun, enable, encryption_key, enrolled, set_up
from tests.integration.flows.test_forgot_password import proof
from tests.integration.flows.world import CONTEXT, EMAIL, NEW_PASSWORD, TENANT, RealmView, World

Worlds = Callable[..., World]


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds(mfa=MFA)


async def test_a_code_enables_the_factor_and_ends_every_session(world: World, view: RealmView) -> None:
    """Sessions that never passed the factor must not go on, the caller's own included."""
    before = await world.login(view.realm)
    app = await begun(world, view.realm)
    await enable(view, app.code())
    await world.engine.drain()
    account = await world.account(view.realm)
    assert account.mfa_enabled
    assert app.secret not in account.mfa_secret
    assert len(account.mfa_recovery_codes) == 8
    assert not set(account.mfa_recovery_codes) & set(app.recovery_codes)
    assert await world.live_sessions(view.realm) == 0
    with pytest.raises(REFUSED):
        await view.flows.authenticate(before.access_token)
    with pytest.raises(RefreshTokenInvalid):
        await view.flows.refresh(before.refresh_token, CONTEXT)
    sent = world.mail.last("mfa_enabled")
    assert (sent.to, sent.tenant_id) == (view.email, view.tenant_id or "platform")
    assert world.events.last(FactorEnabled).realm is view.realm


async def test_the_host_is_told_of_a_users_factor_and_of_no_administrators(
    world: World, view: RealmView
) -> None:
    """Hooks are about users of tenants."""
    await enrolled(world, view.realm)
    told = world.hooks.of("after_mfa_enabled")
    if view.realm is Realm.PLATFORM:
        assert told == []
        return
    ((user, about),) = told
    assert (user.id, user.mfa_enabled) == ("u1", True)
    assert (about.user_id, about.tenant_id, about.ip) == ("u1", TENANT, CONTEXT.ip)


async def test_the_confirming_code_does_not_pass_the_first_sign_in(world: World, view: RealmView) -> None:
    """Whoever looks over a shoulder at the enrolment has that code too."""
    app = await begun(world, view.realm)
    code = app.code()
    await enable(view, code)
    token = await app.challenge()
    with pytest.raises(MfaInvalidCode):
        await app.answer(token, code)
    await app.answer(token, app.code(1))


async def test_without_an_enrolment_there_is_nothing_to_confirm(world: World, view: RealmView) -> None:
    """No guess is counted, because there is nothing to guess."""
    for _ in range(6):
        with pytest.raises(MfaSetupRequired):
            await enable(view, "123456")
    assert world.trace.count("attempts.fail") == 0


@pytest.mark.parametrize("code", ["12345", "abcdef", "١٢٣٤٥٦", "\ud800" * 6])
async def test_what_is_no_code_is_a_wrong_one(world: World, view: RealmView, code: str) -> None:
    """A digit of another script is not what the app shows."""
    await begun(world, view.realm)
    with pytest.raises(MfaInvalidCode):
        await enable(view, code)


async def test_wrong_codes_are_counted_and_leave_the_enrolment(world: World, view: RealmView) -> None:
    """A mistyped code must not force a new scan, and guessing must end."""
    app = await begun(world, view.realm)
    for _ in range(5):
        with pytest.raises(MfaInvalidCode):
            await enable(view, app.wrong_code())
    assert world.events.last(FactorSetupCodeRefused).flow == "mfa_verify_enable"
    with pytest.raises(AccountLocked):
        await enable(view, app.code())
    assert world.events.last(FactorLocked).flow == "mfa_verify_enable"
    world.clock.advance(timedelta(minutes=15))
    with pytest.raises(MfaSetupRequired):  # the enrolment lasts ten minutes
        await enable(view, app.code())


async def test_a_code_is_wrong_outside_its_window(world: World, view: RealmView) -> None:
    """An old code is worth nothing to whoever reads it later."""
    app = await begun(world, view.realm)
    for steps in (-2, 2):
        with pytest.raises(MfaInvalidCode):
            await enable(view, app.code(steps))
    await enable(view, app.code(1))


async def test_of_two_enablings_one_wins(world: World, view: RealmView) -> None:
    """Two factors at once would leave one app that never works."""
    app = await begun(world, view.realm)
    outcomes = await asyncio.gather(
        enable(view, app.code()), enable(view, app.code(1)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["MfaSetupRequired", "NoneType"]


async def test_the_same_code_enables_once(world: World, view: RealmView) -> None:
    """The replay mark and the acceptance are one step."""
    app = await begun(world, view.realm)
    outcomes = await asyncio.gather(
        enable(view, app.code()), enable(view, app.code()), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["MfaInvalidCode", "NoneType"]


async def test_an_enrolment_that_was_replaced_is_not_confirmed_by_the_old_code(
    world: World, view: RealmView
) -> None:
    """The code was of another secret than the one that would be enabled."""
    app = await begun(world, view.realm)

    async def replaced(number: int, name: str) -> None:
        if name == "mfa.take_setup":
            world.trace.before = None
            await world.stores.mfa.take_setup(world.subject(view.realm))
            await set_up(view)

    world.trace.before = replaced
    with pytest.raises(MfaSetupRequired):
        await enable(view, app.code())
    assert not (await world.account(view.realm)).mfa_enabled


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [({"mfa_enabled": True, "mfa_secret": "another"}, MfaAlreadyEnabled), (None, MfaNotEnabled)],
)
async def test_the_account_is_read_again_inside_the_lock(
    world: World, view: RealmView, changes: dict[str, Any] | None, refusal: type[Exception]
) -> None:
    """What happened while the code was checked must not be overwritten."""
    app = await begun(world, view.realm)

    async def meanwhile(number: int, name: str) -> None:
        if name == "mfa.acquire_lock":
            if changes is None:
                (world.users if view.realm is Realm.DASHBOARD else world.admins)._rows.clear()
            else:
                await world.change_account(view.realm, **changes)

    world.trace.before = meanwhile
    with pytest.raises(refusal):
        await enable(view, app.code())
    assert world.trace.count("mfa.release_lock") == 1
    assert world.trace.count("users.update_mfa", "admins.update_mfa") == 0


@pytest.mark.parametrize(
    "step",
    [
        "mfa.read_setup",
        "mfa.take_setup",
        "mfa.acquire_lock",
        "users.find_by_id",
        "users.update_mfa",
    ],
)
async def test_a_password_that_is_replaced_meanwhile_leaves_no_factor(world: World, step: str) -> None:
    """Whoever had the old password keeps the owner out with a factor of their own."""
    app = await begun(world, Realm.DASHBOARD)
    token = await proof(world)
    world.trace.clear()
    steps = 0

    async def meanwhile(number: int, name: str) -> None:
        nonlocal steps
        steps += name == step
        # The account is read once before the enrolment is, and then under the lock.
        if name == step and steps == (2 if step == "users.find_by_id" else 1):
            world.trace.before = None
            given = {"email": EMAIL, "tenant_id": TENANT, "new_password": NEW_PASSWORD, "token": token}
            await world.engine.reset_password(ResetPasswordInput(**given), CONTEXT)

    world.trace.before = meanwhile
    with pytest.raises((MfaSetupRequired, MfaStateConflict)):
        await enable(app.view, app.code())
    assert not (await world.account(Realm.DASHBOARD)).mfa_enabled
    signed_in = await world.engine.login(
        LoginInput(email=EMAIL, password=NEW_PASSWORD, tenant_id=TENANT), CONTEXT
    )
    assert isinstance(signed_in, AuthResult)


async def test_a_change_in_progress_is_a_conflict(world: World, view: RealmView) -> None:
    """Two changes at once would leave what neither of them wanted."""
    app = await begun(world, view.realm)
    await world.stores.mfa.acquire_lock(world.subject(view.realm), "another", timedelta(seconds=10))
    with pytest.raises(MfaStateConflict):
        await enable(view, app.code())


async def test_a_secret_under_a_retired_key_is_enabled_under_the_current_one(worlds: Worlds) -> None:
    """A key that leaves the configuration must take no factor with it."""
    old, new = encryption_key(), encryption_key()
    before = worlds(mfa={**MFA, "encryption_key": old})
    app = await begun(before)
    record = await before.stores.mfa.read_setup(before.subject())
    after = worlds(mfa={**MFA, "encryption_key": new, "previous_encryption_keys": [old]})
    await after.stores.mfa.put_setup(after.subject(), record, timedelta(minutes=1))
    view = after.realm(Realm.DASHBOARD)
    assert (await set_up(view)).secret == app.secret
    await enable(view, App(after, view, app.secret, ()).code())
    stored = (await after.account(Realm.DASHBOARD)).mfa_secret
    only_new = after.engine.mfa_setup.factor.secrets
    assert not only_new.open(after.subject(), stored).is_stale


async def test_an_attempt_that_took_too_long_reveals_nothing(world: World, view: RealmView) -> None:
    """Another guess may have been admitted in its place."""
    app = await begun(world, view.realm)

    async def slow(number: int, name: str) -> None:
        if name == "mfa.read_setup":
            world.clock.advance(timedelta(seconds=26))

    world.trace.after = slow
    with pytest.raises(TooManyRequests):
        await enable(view, app.code())

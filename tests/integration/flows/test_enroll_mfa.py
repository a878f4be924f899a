"""Enrolment of a second factor: who may begin it, what is shown, and what the first code does."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import (
    AccountBanned,
    AccountLocked,
    InvalidCredentials,
    MfaAlreadyEnabled,
    MfaNotEnabled,
    MfaSetupRequired,
    MfaStateConflict,
    ReauthenticationRequired,
    StoreCorrupt,
    ValidationFailed,
)
from bymax_auth.ports.events import (
    FactorLocked,
    FactorNotRecent,
    FactorSetupStarted,
    ReauthenticationRefused,
)
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ResetPasswordInput
from bymax_auth.types.results import MfaSetupResult
from tests.integration.flows.factors import MFA, begun, enable, enrolled, set_up
from tests.integration.flows.test_forgot_password import proof
from tests.integration.flows.world import (
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    RealmView,
    World,
)

Worlds = Callable[..., World]

MANAGEMENT = ["mfa_setup", "mfa_verify_enable", "mfa_disable", "mfa_recovery_codes", "reset_mfa"]


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds(mfa=MFA)


async def by_reset(world: World) -> None:
    given = {"email": EMAIL, "tenant_id": TENANT, "new_password": NEW_PASSWORD, "token": await proof(world)}
    await world.engine.reset_password(ResetPasswordInput(**given), CONTEXT)


async def by_change(world: World) -> None:
    await world.engine.change_password(
        "u1", tenant_id=TENANT, current_password=PASSWORD, new_password=NEW_PASSWORD
    )


Replacement = Callable[[World], Awaitable[None]]


# ── the account ──


@pytest.mark.parametrize("flow", MANAGEMENT)
async def test_nobody_has_a_factor_where_none_is_configured(worlds: Worlds, realm: Realm, flow: str) -> None:
    """A host that has no key cannot keep a secret."""
    view = worlds().realm(realm)
    with pytest.raises(MfaNotEnabled):
        await call(view, flow)
    with pytest.raises(MfaNotEnabled):
        await view.flows.mfa_challenge("token", "123456", CONTEXT)


@pytest.mark.parametrize("flow", MANAGEMENT)
async def test_a_tenant_that_does_not_fit_the_realm_is_refused(view: RealmView, flow: str) -> None:
    """A user id alone names somebody in every tenant."""
    wrong = None if view.realm is Realm.DASHBOARD else TENANT
    with pytest.raises(ValidationFailed) as refused:
        await call(replace(view, tenant_id=wrong), flow)
    assert [broken.field for broken in refused.value.fields] == ["tenantId"]


@pytest.mark.parametrize("flow", MANAGEMENT)
async def test_an_account_that_is_gone_has_no_factor(view: RealmView, flow: str) -> None:
    """A session may outlive its account."""
    with pytest.raises(MfaNotEnabled):
        await call(replace(view, account_id="nobody"), flow)


@pytest.mark.parametrize("flow", MANAGEMENT)
async def test_a_blocked_account_changes_nothing(world: World, view: RealmView, flow: str) -> None:
    """A guard that remembers better days must be put right, too."""
    await world.change_account(view.realm, status="BANNED")
    with pytest.raises(AccountBanned):
        await call(view, flow)
    assert world.trace.count("revocation.forget_status") == (view.realm is Realm.DASHBOARD)


async def call(view: RealmView, flow: str) -> Any:
    given: dict[str, Any] = (
        {} if flow in {"mfa_setup", "reset_mfa"} else {"code": "123456", "context": CONTEXT}
    )
    return await getattr(view.flows, flow)(view.account_id, tenant_id=view.tenant_id, **given)


# ── set up ──


async def test_setup_shows_a_secret_a_code_to_scan_and_recovery_codes(world: World, view: RealmView) -> None:
    """Everything that an owner needs is shown at once, and stored nowhere in the clear."""
    shown = await set_up(view)
    assert re.fullmatch(r"[A-Z2-7]{32}", shown.secret)
    name = view.email.replace("@", "%40")
    assert shown.qr_code_uri == (
        f"otpauth://totp/Bymax%20One:{name}?secret={shown.secret}"
        "&issuer=Bymax%20One&period=30&digits=6&algorithm=SHA1"
    )
    assert len(set(shown.recovery_codes)) == 8
    assert all(re.fullmatch(r"([0-9A-F]{4}-){5}[0-9A-F]{4}", code) for code in shown.recovery_codes)
    assert repr(shown) == "MfaSetupResult(recovery_codes=8)"
    record = await world.stores.mfa.read_setup(world.subject(view.realm))
    kept = f"{record.encrypted_secret} {record.encrypted_codes} {record.recovery_codes}"
    assert not any(text in kept for text in (shown.secret, *shown.recovery_codes))
    assert world.events.last(FactorSetupStarted).realm is view.realm


async def test_as_many_recovery_codes_are_shown_as_are_configured(worlds: Worlds) -> None:
    """A host may print fewer."""
    view = worlds(mfa={**MFA, "recovery_code_count": 3}).realm(Realm.DASHBOARD)
    assert len((await set_up(view)).recovery_codes) == 3


async def test_a_pending_enrolment_is_shown_again(view: RealmView) -> None:
    """Whoever reloads the page has already scanned the first code."""
    assert await set_up(view) == await set_up(view)


@pytest.mark.parametrize("way", [by_reset, by_change])
async def test_a_new_password_ends_a_pending_enrolment(world: World, way: Replacement) -> None:
    """Whoever had the old password has seen the secret that the owner would scan next."""
    view = world.realm(Realm.DASHBOARD)
    seen = await set_up(view)
    await way(world)
    shown = await set_up(view, NEW_PASSWORD)
    assert shown.secret != seen.secret
    assert not set(shown.recovery_codes) & set(seen.recovery_codes)


async def test_two_setups_at_once_show_the_same(view: RealmView) -> None:
    """Two tabs must not disagree about the secret."""
    first, second = await asyncio.gather(set_up(view), set_up(view))
    assert first == second


async def test_the_faster_of_two_setups_is_shown_by_both(world: World, view: RealmView) -> None:
    """The slower tab would show a secret that was never stored."""
    shown: list[MfaSetupResult] = []

    async def another(number: int, name: str) -> None:
        if name == "mfa.put_setup":
            world.trace.before = None
            shown.append(await set_up(view))

    world.trace.before = another
    assert await set_up(view) == shown[0]


async def test_a_pending_enrolment_ends_after_ten_minutes(world: World, view: RealmView) -> None:
    """A secret that was shown and left must not be confirmed by whoever finds it."""
    app = await begun(world, view.realm)
    world.clock.advance(timedelta(seconds=600))
    with pytest.raises(MfaSetupRequired):
        await enable(view, app.code())
    assert (await set_up(view)).secret != app.secret


async def test_an_enabled_factor_is_not_set_up_again(world: World, view: RealmView) -> None:
    """A stolen session must not replace the owner's app."""
    app = await enrolled(world, view.realm)
    with pytest.raises(MfaAlreadyEnabled):
        await set_up(app.view)
    with pytest.raises(MfaAlreadyEnabled):
        await enable(app.view, app.code())


@pytest.mark.parametrize("password", [None, WRONG_PASSWORD])
async def test_setup_takes_the_password(world: World, view: RealmView, password: str | None) -> None:
    """Whoever finds an unlocked browser must not lock its owner out."""
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await set_up(view, password)
    assert world.events.last(ReauthenticationRefused).flow == "mfa_setup"
    with pytest.raises(AccountLocked):
        await set_up(view)
    assert world.events.last(FactorLocked).flow == "mfa_setup"
    assert world.trace.count("mfa.put_setup") == 0
    await world.login(view.realm)


async def test_the_right_password_forgets_earlier_mistakes(view: RealmView) -> None:
    """A typo last week must not count today."""
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(InvalidCredentials):
                await set_up(view, WRONG_PASSWORD)
        await set_up(view)


@pytest.mark.parametrize("password", ["", "p" * 129])
async def test_a_password_out_of_bounds_is_refused(view: RealmView, password: str) -> None:
    """A host calls the flow without the route's checks."""
    with pytest.raises(ValidationFailed) as refused:
        await set_up(view, password)
    assert [broken.field for broken in refused.value.fields] == ["password"]


async def test_without_a_password_the_sign_in_must_be_recent(world: World) -> None:
    """Somebody who signs in with a provider has no password to prove."""
    await world.login()
    await world.change_account(Realm.DASHBOARD, password_hash=None)
    world.clock.advance(timedelta(seconds=299))
    shown = await set_up(world.realm(Realm.DASHBOARD), None)
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(ReauthenticationRequired):
        await set_up(world.realm(Realm.DASHBOARD), None)
    assert world.events.last(FactorNotRecent).flow == "mfa_setup"
    assert shown.secret


async def test_a_refresh_does_not_make_a_sign_in_recent(world: World) -> None:
    """A stolen session can be refreshed without end."""
    born = await world.login()
    await world.change_account(Realm.DASHBOARD, password_hash=None)
    world.clock.advance(timedelta(seconds=200))
    await world.engine.refresh(born.refresh_token, CONTEXT)
    world.clock.advance(timedelta(seconds=100))
    with pytest.raises(ReauthenticationRequired):
        await set_up(world.realm(Realm.DASHBOARD), None)


async def test_an_enrolment_that_no_key_opens_is_a_failure_of_ours(world: World, view: RealmView) -> None:
    """A new secret beside the scanned one would leave an owner with an app that never works."""
    sealed = MfaSetupRecord(encrypted_secret="a:b:c", recovery_codes=(), encrypted_codes="a:b:c")
    await world.stores.mfa.put_setup(world.subject(view.realm), sealed, timedelta(minutes=1))
    with pytest.raises(StoreCorrupt):
        await set_up(view)
    with pytest.raises(MfaSetupRequired):
        await enable(view, "123456")


async def test_an_enrolment_that_ends_at_this_moment_is_begun_again(world: World, view: RealmView) -> None:
    """Of two calls one stores a secret; when another confirms it at once, nothing is left to show."""

    async def another(number: int, name: str) -> None:
        subject, sealed = (
            world.subject(view.realm),
            MfaSetupRecord(encrypted_secret="s", recovery_codes=(), encrypted_codes="c"),
        )
        if name == "mfa.put_setup":
            await world.stores.mfa.put_setup(subject, sealed, timedelta(minutes=1))
        elif name == "mfa.read_setup" and "mfa.put_setup" in world.trace.calls:
            await world.stores.mfa.take_setup(subject)

    world.trace.before = another
    with pytest.raises(MfaStateConflict):
        await set_up(view)

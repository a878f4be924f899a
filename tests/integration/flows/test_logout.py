"""Signing out: it always works, and it ends what the token names."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.errors import (
    PlatformAuthRequired,
    RefreshTokenInvalid,
    StoreUnavailable,
    TokenInvalid,
    TokenRevoked,
)
from bymax_auth.ports.events import LogoutCleanupFailed, RefreshReuseDetected
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm
from tests.integration.flows.test_refresh import _plant
from tests.integration.flows.test_refresh_again import exchanged_by_a_sibling
from tests.integration.flows.world import ANA, CONTEXT, RealmView, World

REFUSED_ACCESS = (TokenInvalid, PlatformAuthRequired)


async def test_both_tokens_end(world: World, view: RealmView) -> None:
    """After signing out nothing that the browser held may work."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    owner = await view.flows.logout(born.access_token, born.refresh_token, CONTEXT)
    assert owner == view.account_id
    with pytest.raises(REFUSED_ACCESS):
        await view.flows.authenticate(born.access_token)
    with pytest.raises(RefreshTokenInvalid):
        await view.flows.refresh(born.refresh_token, CONTEXT)
    await world.engine.drain()
    [(told, context)] = world.hooks.of("after_logout")
    assert (told, context.tenant_id, context.ip) == (view.account_id, view.tenant_id, CONTEXT.ip)
    assert "logout.ok" in world.events.names


async def test_signing_out_twice_is_signing_out_once(world: World, view: RealmView) -> None:
    """A second click must not be an error."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await view.flows.logout(born.access_token, born.refresh_token)
    assert await view.flows.logout(born.access_token, born.refresh_token) is None
    await world.engine.drain()
    assert len(world.hooks.of("after_logout")) == 1


@pytest.mark.parametrize("token", [None, "", "garbage", "F" * 64, "0" * 64])
async def test_a_token_that_names_nothing_ends_nothing(
    world: World, view: RealmView, token: str | None
) -> None:
    """A client with stale or broken cookies must get out, too."""
    await view.flows.login(view.credentials(), CONTEXT)
    assert await view.flows.logout(token, token) is None
    assert await world.live_sessions(view.realm) == 1
    assert world.events.of(LogoutCleanupFailed) == []


async def test_what_is_left_of_an_expired_session_is_deleted(world: World, view: RealmView) -> None:
    """The clock of the server may have run ahead, and the session would be back when it is corrected."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    world.clock.advance(timedelta(days=8))
    assert await view.flows.logout(None, born.refresh_token) is None
    assert world.trace.count("sessions.drop_grace") == 1


@pytest.mark.parametrize("away", [timedelta(hours=1), timedelta(days=2)])
async def test_an_expired_access_token_does_not_stand_in_the_way(
    world: World, view: RealmView, away: timedelta
) -> None:
    """Somebody who comes back after the weekend must be able to sign out."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    world.clock.advance(away)
    world.trace.clear()
    assert await view.flows.logout(born.access_token, born.refresh_token) == view.account_id
    assert world.trace.count("revocation.blacklist") == 0


async def test_a_revoked_token_stays_revoked_for_a_host_whose_clock_is_behind(
    world: World, view: RealmView
) -> None:
    """A token that was signed out must not come back on the host for which it has not expired yet."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    world.clock.advance(timedelta(minutes=15, seconds=30))
    await view.flows.logout(born.access_token, None)
    world.clock.advance(timedelta(seconds=29))
    behind = FakeClock(world.clock.now() - timedelta(seconds=60))
    elsewhere = replace(view.flows.authenticate.access_tokens, clock=behind)
    with pytest.raises((TokenRevoked, PlatformAuthRequired)):
        await replace(view.flows.authenticate, access_tokens=elsewhere)(born.access_token)


async def test_a_token_is_remembered_as_revoked_until_no_host_accepts_it(
    world: World, view: RealmView
) -> None:
    """A token would come back in the last second of a host whose clock is behind."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    claims = (await view.flows.authenticate(born.access_token)).claims
    await view.flows.logout(born.access_token, None)
    subject = world.subject(view.realm)
    accepted_by_others = timedelta(minutes=16)

    world.clock.advance(accepted_by_others + timedelta(milliseconds=999))
    assert (await world.stores.revocation.token_state(subject, claims.jti)).blacklisted
    world.clock.advance(timedelta(milliseconds=1))
    assert not (await world.stores.revocation.token_state(subject, claims.jti)).blacklisted


async def test_a_forged_access_token_ends_nobody_elses(world: World, view: RealmView) -> None:
    """Whoever knows a token's id must not be able to end it."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    head, payload, _ = born.access_token.split(".")
    await view.flows.logout(f"{head}.{payload}.{'A' * 43}", None)
    await view.flows.authenticate(born.access_token)


async def test_a_token_exchanged_moments_ago_still_ends_its_login(world: World, view: RealmView) -> None:
    """Signing out from a tab that missed the last refresh must not leave the session alive."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    current = await view.flows.refresh(born.refresh_token, CONTEXT)
    assert await view.flows.logout(None, born.refresh_token) == view.account_id
    assert await world.live_sessions(view.realm) == 0
    with pytest.raises(RefreshTokenInvalid):
        await view.flows.refresh(current.tokens.refresh_token, CONTEXT)


async def test_a_token_whose_grace_is_spent_still_ends_its_login(world: World, view: RealmView) -> None:
    """The same, when another tab has recovered already."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await exchanged_by_a_sibling(world, view, born.refresh_token)
    await view.flows.refresh(born.refresh_token, CONTEXT)
    assert await view.flows.logout(None, born.refresh_token) == view.account_id
    assert await world.live_sessions(view.realm) == 0


async def test_an_old_token_still_ends_its_login_quietly(world: World, view: RealmView) -> None:
    """Asking for the end of a login is not stealing it."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    other = await view.flows.login(view.credentials(), CONTEXT)
    await view.flows.refresh(born.refresh_token, CONTEXT)
    world.clock.advance(timedelta(seconds=31))
    assert await view.flows.logout(None, born.refresh_token) == view.account_id
    await world.engine.drain()
    assert world.events.of(RefreshReuseDetected) == []
    assert world.hooks.of("on_refresh_token_reuse_detected") == []
    await view.flows.refresh(other.refresh_token, CONTEXT)


async def test_a_session_without_a_family_ends_by_its_grace(world: World) -> None:
    """Sessions of an older system must end like any other."""
    token = "ab" * 32
    await _plant(world, token, family_id=None)
    await world.engine.refresh(token, CONTEXT)
    assert await world.engine.logout(None, token) == "u1"
    assert await world.live_sessions() == 0


@pytest.mark.parametrize("presented", range(4))
async def test_a_session_without_a_family_ends_by_every_token_of_its_window(
    world: World, presented: int
) -> None:
    """A tab that signs out with an older cookie must not leave the newest token behind."""
    chain = ["a" * 64]
    await _plant(world, chain[0], family_id=None)
    for _ in range(3):
        chain.append((await world.engine.refresh(chain[-1], CONTEXT)).tokens.refresh_token)
    assert await world.engine.logout(None, chain[presented], CONTEXT) == ANA.id
    assert await world.live_sessions() == 0


async def test_a_broken_store_does_not_keep_a_session_without_a_family_in_either(world: World) -> None:
    """The first step fails, and the others must be taken all the same."""
    token = "ab" * 32
    await _plant(world, token, family_id=None)

    async def fail(_number: int, name: str) -> None:
        if name == "sessions.revoke":
            raise StoreUnavailable

    world.trace.before = fail
    assert await world.engine.logout(None, token) == "u1"
    assert world.events.last(LogoutCleanupFailed).exception == "StoreUnavailable"
    assert world.trace.count("sessions.drop_grace") == 1


async def test_a_spent_grace_without_a_family_names_nothing(world: World) -> None:
    """Where nothing leads to the session, nothing else may be ended for it."""
    token = "ab" * 32
    await _plant(world, token, family_id=None)
    await exchanged_by_a_sibling(world, world.realm(Realm.DASHBOARD), token)
    await world.engine.refresh(token, CONTEXT)
    assert await world.engine.logout(None, token) is None
    assert await world.live_sessions() == 2


async def test_a_refresh_that_gets_in_between_does_not_save_the_session(
    world: World, view: RealmView
) -> None:
    """A background refresh must not keep somebody signed in who has just signed out."""
    born = await view.flows.login(view.credentials(), CONTEXT)

    async def race(_number: int, name: str) -> None:
        if name == "sessions.revoke":
            world.trace.before = None
            await view.flows.refresh(born.refresh_token, CONTEXT)

    world.trace.before = race
    assert await view.flows.logout(None, born.refresh_token) == view.account_id
    assert await world.live_sessions(view.realm) == 0


async def test_a_refresh_in_between_does_not_save_a_session_without_a_family_either(world: World) -> None:
    """Only the grace of the presented token leads to its successor, so it must not be forgotten first."""
    token = "ab" * 32
    await _plant(world, token, family_id=None)

    async def race(_number: int, name: str) -> None:
        if name == "sessions.snapshot":
            world.trace.after = None
            await world.engine.refresh(token, CONTEXT)

    world.trace.after = race
    assert await world.engine.logout(None, token) == ANA.id
    assert await world.live_sessions() == 0


async def test_two_tabs_that_sign_out_at_once_both_see_the_end(world: World, view: RealmView) -> None:
    """The second one would be told that it is still signed in."""
    born = await view.flows.login(view.credentials(), CONTEXT)

    async def race(_number: int, name: str) -> None:
        if name == "sessions.revoke":
            world.trace.before = None
            assert await view.flows.logout(None, born.refresh_token) == view.account_id

    world.trace.before = race
    await view.flows.logout(None, born.refresh_token)
    assert await world.live_sessions(view.realm) == 0


@pytest.mark.parametrize(
    "broken",
    ["sessions.snapshot", "sessions.revoke", "sessions.drop_grace", "revocation.blacklist"],
)
async def test_a_broken_store_does_not_keep_anyone_in(world: World, view: RealmView, broken: str) -> None:
    """Signing out must look the same during an outage, and end whatever it still can."""
    born = await view.flows.login(view.credentials(), CONTEXT)

    async def fail(_number: int, name: str) -> None:
        if name == broken:
            raise StoreUnavailable

    world.trace.before = fail
    owner = await view.flows.logout(born.access_token, born.refresh_token)
    assert owner == (None if broken == "sessions.snapshot" else view.account_id)
    failed = world.events.last(LogoutCleanupFailed)
    assert (failed.exception, failed.realm) == ("StoreUnavailable", view.realm)
    world.trace.before = None
    if broken != "revocation.blacklist":
        with pytest.raises(REFUSED_ACCESS):
            await view.flows.authenticate(born.access_token)


async def test_an_access_token_of_the_other_realm_is_left_alone(world: World) -> None:
    """Signing out as a user must not sign the operator out, who happens to use the same browser."""
    admin = world.realm(Realm.PLATFORM)
    born = await world.login(Realm.PLATFORM)
    await world.engine.logout(born.access_token, born.refresh_token)
    await admin.flows.authenticate(born.access_token)
    await admin.flows.refresh(born.refresh_token, CONTEXT)

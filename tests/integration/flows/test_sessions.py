"""What an owner sees of their sessions, and how they end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import RefreshTokenInvalid, SessionNotFound, TokenRevoked, ValidationFailed
from bymax_auth.ports.events import OtherSessionsRevoked
from bymax_auth.types.account import AuthUser
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import CachedStatus
from tests.integration.flows.test_refresh_again import exchanged_by_a_sibling
from tests.integration.flows.world import CONTEXT, TENANT, RealmView, World


async def test_the_list_is_newest_first_and_marks_the_callers_own(world: World) -> None:
    """An owner must recognise a device that is not theirs."""
    logins = []
    for _ in range(5):
        world.clock.advance(timedelta(minutes=5))
        logins.append(await world.login())
    shown = await world.engine.list_sessions("u1", tenant_id=TENANT, raw_refresh=logins[-2].refresh_token)
    assert [row.session_hash for row in shown] == [sha256_hex(one.refresh_token) for one in reversed(logins)]
    assert [row.is_current for row in shown] == [False, True, False, False, False]
    assert shown[0].id == shown[0].session_hash[:8]
    assert (shown[0].device, shown[0].ip) == ("Chrome on macOS", CONTEXT.ip)
    assert shown[0].created_at - shown[1].created_at == 300_000
    assert shown[1].created_at == int(world.clock.now().timestamp() * 1000) - 300_000


@pytest.mark.parametrize("token", [None, "", "garbage", "0" * 64])
async def test_without_a_usable_token_no_row_is_the_callers_own(world: World, token: str | None) -> None:
    """A guess must not be marked as certainty."""
    await world.login()
    [row] = await world.engine.list_sessions("u1", tenant_id=TENANT, raw_refresh=token)
    assert row.is_current is False


async def test_the_birth_of_a_session_survives_its_refreshes(world: World) -> None:
    """An owner must see since when a device is signed in, and when it was last there."""
    born = await world.login()
    world.clock.advance(timedelta(hours=1))
    await world.engine.refresh(born.refresh_token, CONTEXT)
    [row] = await world.engine.list_sessions("u1", tenant_id=TENANT)
    assert row.last_activity_at - row.created_at == 3_600_000


async def test_a_login_that_a_lost_reply_left_with_two_tokens_is_one_row(world: World) -> None:
    """An owner would look for a second device that does not exist, and end it without effect."""
    view, now = world.realm(Realm.DASHBOARD), world.clock.now()
    born = await view.flows.login(view.credentials(), CONTEXT)
    other = await view.flows.login(view.credentials(), CONTEXT)
    siblings = await exchanged_by_a_sibling(world, view, born.refresh_token)
    world.clock.advance(timedelta(seconds=9))
    phone = replace(CONTEXT, user_agent="Firefox on Linux")
    mine = (await view.flows.refresh(born.refresh_token, phone)).tokens.refresh_token
    assert await world.live_sessions() == 3
    for token in (siblings, mine):
        rows = await world.engine.list_sessions("u1", tenant_id=TENANT, raw_refresh=token)
        [current] = [row for row in rows if row.is_current]
        assert len(rows) == 2
        assert (current.session_hash, current.device) == (sha256_hex(mine), "Firefox on Linux")
        assert current.created_at == int(now.timestamp() * 1000) == current.last_activity_at - 9_000
    await world.engine.revoke_session("u1", sha256_hex(siblings), tenant_id=TENANT)
    for token in (siblings, mine):
        with pytest.raises(RefreshTokenInvalid):
            await world.engine.refresh(token, CONTEXT)
    await world.engine.refresh(other.refresh_token, CONTEXT)


async def test_a_row_that_was_rotated_since_it_was_shown_is_still_ended(world: World) -> None:
    """The owner presses the button, and is told that the device does not exist."""
    born = await world.login()
    renewed = await world.engine.refresh(born.refresh_token, CONTEXT)
    await world.engine.revoke_session("u1", sha256_hex(born.refresh_token), tenant_id=TENANT)
    with pytest.raises(RefreshTokenInvalid):
        await world.engine.refresh(renewed.tokens.refresh_token, CONTEXT)


async def test_signing_out_ends_every_token_of_the_login(world: World, view: RealmView) -> None:
    """A tab that raced would stay signed in."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    siblings = await exchanged_by_a_sibling(world, view, born.refresh_token)
    mine = (await view.flows.refresh(born.refresh_token, CONTEXT)).tokens.refresh_token
    assert await view.flows.logout(None, mine) == view.account_id
    with pytest.raises(RefreshTokenInvalid):
        await view.flows.refresh(siblings, CONTEXT)


async def test_one_session_is_ended_and_access_tokens_with_it(world: World) -> None:
    """A lost phone must be out at once, not when its access token expires."""
    phone, laptop = await world.login(), await world.login()
    await world.engine.revoke_session("u1", sha256_hex(phone.refresh_token), tenant_id=TENANT)
    with pytest.raises(RefreshTokenInvalid):
        await world.engine.refresh(phone.refresh_token, CONTEXT)
    for access_token in (phone.access_token, laptop.access_token):
        with pytest.raises(TokenRevoked):
            await world.engine.authenticate(access_token)
    recovered = await world.engine.refresh(laptop.refresh_token, CONTEXT)
    await world.engine.authenticate(recovered.tokens.access_token)


async def test_a_session_that_is_not_ones_own_is_not_found(world: World) -> None:
    """Knowing a hash must not be enough to end somebody's session."""
    born = await world.login()
    for user_id, hashed in (("u2", sha256_hex(born.refresh_token)), ("u1", "0" * 64)):
        with pytest.raises(SessionNotFound):
            await world.engine.revoke_session(user_id, hashed, tenant_id=TENANT)
    await world.engine.authenticate(born.access_token)


@pytest.mark.parametrize("hashed", ["", "0" * 63, "0" * 65, "F" * 64, "0" * 63 + "\n"])
async def test_a_malformed_hash_is_named(world: World, hashed: str) -> None:
    """A client must learn that it sent the short id by mistake."""
    with pytest.raises(ValidationFailed) as refusal:
        await world.engine.revoke_session("u1", hashed, tenant_id=TENANT)
    [field] = refusal.value.fields
    assert (field.field, field.message) == ("sessionHash", "must be 64 lower-case hexadecimal characters")
    assert world.trace.calls == []


async def test_ending_the_others_spares_the_callers_own(world: World) -> None:
    """Signing out everywhere else must leave this device signed in."""
    mine, theirs = await world.login(), await world.login()
    await world.engine.revoke_other_sessions("u1", tenant_id=TENANT, raw_refresh=mine.refresh_token)
    with pytest.raises(RefreshTokenInvalid):
        await world.engine.refresh(theirs.refresh_token, CONTEXT)
    with pytest.raises(TokenRevoked):
        await world.engine.authenticate(mine.access_token)
    await world.engine.refresh(mine.refresh_token, CONTEXT)
    assert world.events.last(OtherSessionsRevoked).user_id == "u1"


async def test_ending_the_others_ends_the_token_before_the_callers_own(world: World) -> None:
    """A stolen older token must not come back in through its grace."""
    born = await world.login()
    mine = await world.engine.refresh(born.refresh_token, CONTEXT)
    await world.engine.revoke_other_sessions("u1", tenant_id=TENANT, raw_refresh=mine.tokens.refresh_token)
    with pytest.raises(RefreshTokenInvalid):
        await world.engine.refresh(born.refresh_token, CONTEXT)


@pytest.mark.parametrize("token", [None, "garbage", "0" * 64])
async def test_ending_the_others_needs_to_know_the_callers_own(world: World, token: str | None) -> None:
    """A caller that cannot be told apart must not be signed out in silence, nor told that it worked."""
    born = await world.login()
    with pytest.raises(SessionNotFound):
        await world.engine.revoke_other_sessions("u1", tenant_id=TENANT, raw_refresh=token)
    await world.engine.authenticate(born.access_token)
    assert await world.live_sessions() == 1


async def test_ending_all_spares_nothing(world: World, view: RealmView) -> None:
    """A host that bans somebody must be done with it in one call."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await view.flows.login(view.credentials(), CONTEXT)
    await view.flows.revoke_all_sessions(view.account_id, tenant_id=view.tenant_id)
    assert await world.live_sessions(view.realm) == 0
    with pytest.raises(RefreshTokenInvalid):
        await view.flows.refresh(born.refresh_token, CONTEXT)


async def test_ending_all_leaves_others_of_the_same_id_alone(world: World) -> None:
    """An operator with a user's id, or a user of another tenant, must notice nothing."""
    await world.login(Realm.PLATFORM)
    await world.login()
    await world.engine.revoke_all_sessions("a1", tenant_id=TENANT)
    await world.engine.revoke_all_sessions("u1", tenant_id="other")
    assert await world.live_sessions(Realm.PLATFORM) == await world.live_sessions() == 1


async def test_ending_all_forgets_the_cached_status(world: World) -> None:
    """A ban must not be overlooked for as long as the cache remembers better days."""
    remembered = CachedStatus("ACTIVE", email_verified=True)
    await world.stores.revocation.remember_status(world.subject(), remembered, timedelta(seconds=60))
    await world.engine.revoke_all_sessions("u1", tenant_id=TENANT)
    state = await world.stores.revocation.token_state(world.subject(), "any")
    assert state.status is None


async def test_a_tenant_must_fit_the_realm(world: World) -> None:
    """Ending an operator's sessions under a tenant would end nobody's, and say that it did."""
    with pytest.raises(ValidationFailed):
        await world.engine.platform.revoke_all_sessions("a1", tenant_id=TENANT)
    with pytest.raises(ValidationFailed):
        await world.engine.revoke_all_sessions("u1")


async def test_the_cap_ends_the_oldest_session_and_says_so(worlds: Any) -> None:
    """A shared account must stay within what was paid for."""
    world = worlds(sessions={"enabled": True, "default_max_sessions": 2, "new_session_alerts": True})
    births = []
    for _ in range(3):
        births.append(await world.login())
        world.clock.advance(timedelta(seconds=1))
    with pytest.raises(RefreshTokenInvalid):
        await world.engine.refresh(births[0].refresh_token, CONTEXT)
    await world.engine.drain()
    [(owner, evicted, _)] = world.hooks.of("on_session_evicted")
    assert (owner, evicted) == ("u1", sha256_hex(births[0].refresh_token)[:8])
    assert len(world.hooks.of("on_new_session")) == 3
    assert (
        world.mail.last("new_session_alert").session.session_hash == sha256_hex(births[2].refresh_token)[:8]
    )


async def test_the_cap_is_the_hosts_to_choose(worlds: Any) -> None:
    """Different customers have different contracts."""

    class One:
        async def resolve(self, user: AuthUser) -> int:
            return 1 if user.tenant_id == TENANT else 9

    world = worlds(sessions={"enabled": True, "max_sessions_resolver": One()})
    for _ in range(3):
        await world.login()
    assert await world.live_sessions() == 1


async def test_operators_have_no_cap(worlds: Any) -> None:
    """A setting for customers must not sign operators out."""
    world = worlds(sessions={"enabled": True, "default_max_sessions": 1})
    await world.login(Realm.PLATFORM)
    await world.login(Realm.PLATFORM)
    await world.engine.drain()
    assert await world.live_sessions(Realm.PLATFORM) == 2
    assert world.hooks.names == []

"""One refresh token, presented again inside its grace window: by tabs, after lost replies, by a thief."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import KeyedDigest, sha256_hex
from bymax_auth.errors import RefreshTokenInvalid
from bymax_auth.ports.events import RefreshRefused, RefreshReuseDetected
from bymax_auth.ports.sessions import Live, RevokedSinceRotation, Rotated, Rotation
from bymax_auth.services.tokens import SuccessorTokens
from bymax_auth.types.identity import Realm, TokenRef
from tests.integration.flows.test_refresh import _plant
from tests.integration.flows.world import CONTEXT, RealmView, World

GRACE = timedelta(seconds=30)
TABS = 6


async def refresh(view: RealmView, token: str) -> str:
    """Refresh, and return the new refresh token."""
    renewed = await view.flows.refresh(token, CONTEXT)
    return str(renewed.tokens.refresh_token)


async def refused(world: World, view: RealmView, token: str, why: str) -> None:
    with pytest.raises(RefreshTokenInvalid):
        await refresh(view, token)
    assert world.events.last(RefreshRefused).why == why


async def replayed(world: World, view: RealmView, token: str) -> None:
    with pytest.raises(RefreshTokenInvalid):
        await refresh(view, token)
    assert world.events.names[-2:] == ["refresh.reuse_detected", "refresh.family_revoked"]


async def exchanged_by_a_sibling(world: World, view: RealmView, token: str) -> str:
    """Let another server of the wire exchange the token; its successors are random."""
    seen = await world.stores.sessions.snapshot(view.realm, TokenRef(sha256_hex(token)))
    assert isinstance(seen, Live)
    successor = secrets.token_hex(32)
    rotation = Rotation(
        presented=TokenRef(sha256_hex(token)),
        successor=TokenRef(sha256_hex(successor)),
        record=seen.record,
        session_created_at=seen.session_created_at,
        lifetime=timedelta(days=7),
        grace=GRACE,
        consumed_for=timedelta(days=7),
    )
    assert isinstance(await world.stores.sessions.rotate(world.subject(view.realm), rotation), Rotated)
    return successor


@pytest.mark.parametrize("tabs", [TABS, 100])
async def test_tabs_that_wake_together_all_stay_signed_in(world: World, view: RealmView, tabs: int) -> None:
    """The third tab would be signed out, and each tab would be a session of its own."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    answers = await asyncio.gather(*(view.flows.refresh(born.refresh_token, CONTEXT) for _ in range(tabs)))
    [successor] = {answer.tokens.refresh_token for answer in answers}
    assert len({answer.tokens.access_token for answer in answers}) == tabs
    for answer in answers[:TABS]:
        await view.flows.authenticate(answer.tokens.access_token)
    assert await world.live_sessions(view.realm) == 1
    assert world.events.of(RefreshReuseDetected) == []
    await refresh(view, successor)


async def test_a_lost_reply_is_repeated_as_often_as_it_is_lost(world: World, view: RealmView) -> None:
    """Somebody in a tunnel must not be signed out by the second reply that is lost."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    successor = await refresh(view, born.refresh_token)
    for _ in range(TABS):
        world.clock.advance((GRACE - timedelta(seconds=1)) / TABS)
        assert await refresh(view, born.refresh_token) == successor
    world.clock.advance(timedelta(seconds=2))
    await replayed(world, view, born.refresh_token)
    assert await world.live_sessions(view.realm) == 0


async def test_a_repeated_refresh_shows_what_the_account_is_now(world: World, view: RealmView) -> None:
    """The tab that comes second must not bring a lost role, or a revoked access token, back."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await refresh(view, born.refresh_token)
    await world.change_account(view.realm, role="GUEST")
    epoch = await world.stores.revocation.bump_epoch(world.subject(view.realm))
    again = await view.flows.refresh(born.refresh_token, CONTEXT)
    claims = (await view.flows.authenticate(again.tokens.access_token)).claims
    assert (claims.role, claims.epoch) == ("GUEST", epoch)


async def test_a_late_tab_follows_the_others(world: World, view: RealmView) -> None:
    """A tab that slept through two refreshes of its browser is still that browser."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    token = born.refresh_token
    for _ in range(3):
        token = await refresh(view, token)
        assert await refresh(view, born.refresh_token) == token
    await refresh(view, token)
    await refused(world, view, born.refresh_token, "exchanged_too_often")
    assert await world.live_sessions(view.realm) == 1
    assert world.events.of(RefreshReuseDetected) == []


async def test_each_step_of_a_late_tab_must_be_inside_its_window(world: World, view: RealmView) -> None:
    """A copied token must not lead to the live one for longer than the window."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    second = await refresh(view, born.refresh_token)
    world.clock.advance(GRACE - timedelta(seconds=1))
    third = await refresh(view, second)
    assert await refresh(view, born.refresh_token) == third
    world.clock.advance(timedelta(seconds=1))
    assert await refresh(view, second) == third
    await replayed(world, view, born.refresh_token)


async def test_whoever_exchanges_the_shared_successor_second_is_found_out(
    world: World, view: RealmView
) -> None:
    """A thief inside the window must not get a session of which the owner never hears."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    owners = await refresh(view, born.refresh_token)
    thiefs = await refresh(view, born.refresh_token)
    await refresh(view, thiefs)
    world.clock.advance(GRACE)
    await replayed(world, view, owners)
    assert await world.live_sessions(view.realm) == 0


async def test_a_retired_secret_still_recognises_its_successors(worlds: Any) -> None:
    """Rotating the signing secret must not cost the tabs of that moment anything."""
    world = worlds()
    born = await world.login()
    successor = await refresh(world.realm(Realm.DASHBOARD), born.refresh_token)
    flow = world.engine.refresh
    retired = SuccessorTokens((KeyedDigest(b"new"), *flow.successors.digests))
    again = await replace(flow, successors=retired)(born.refresh_token, CONTEXT)
    assert again.tokens.refresh_token == successor
    derived = await replace(flow, successors=retired)(successor, CONTEXT)
    assert derived.tokens.refresh_token == retired.of(successor, TokenRef(sha256_hex(successor)))[0]


async def test_a_token_that_a_sibling_exchanged_is_recovered_once(world: World, view: RealmView) -> None:
    """A reply that another backend lost must not sign anyone out, and a thief must not live off it."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    siblings = await exchanged_by_a_sibling(world, view, born.refresh_token)
    recovered = await refresh(view, born.refresh_token)
    assert await world.live_sessions(view.realm) == 2
    await refused(world, view, born.refresh_token, "grace_spent")
    await refresh(view, siblings)
    await refresh(view, recovered)
    assert world.events.of(RefreshReuseDetected) == []


async def test_a_late_tab_follows_to_where_a_sibling_went_on(world: World, view: RealmView) -> None:
    """Two backends behind one balancer must be as patient with a tab as one."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    second = await refresh(view, born.refresh_token)
    await exchanged_by_a_sibling(world, view, second)
    await refresh(view, born.refresh_token)
    await refused(world, view, born.refresh_token, "grace_spent")
    assert world.events.of(RefreshReuseDetected) == []
    assert await world.live_sessions(view.realm) == 2


async def test_a_late_tab_whose_way_is_revoked_meanwhile_gets_nothing(world: World, view: RealmView) -> None:
    """Signing out must win against a tab that is on its way."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await refresh(view, await refresh(view, born.refresh_token))
    snapshots = 0

    async def sweep(_number: int, name: str) -> None:
        nonlocal snapshots
        snapshots += name == "sessions.snapshot"
        if snapshots == 2:
            await world.stores.sessions.revoke_all(world.subject(view.realm))

    world.trace.before = sweep
    with pytest.raises(RefreshTokenInvalid):
        await refresh(view, born.refresh_token)
    assert await world.live_sessions(view.realm) == 0


async def test_a_slower_tab_gets_what_the_faster_one_got(world: World, view: RealmView) -> None:
    """Of two simultaneous refreshes the slower one must not fail."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    faster: list[str] = []

    async def race(_number: int, name: str) -> None:
        if name == "sessions.rotate" and not faster:
            faster.append("")
            faster[0] = await refresh(view, born.refresh_token)
            faster.append(await refresh(view, faster[0]))

    world.trace.before = race
    assert await refresh(view, born.refresh_token) == faster[1]
    assert await world.live_sessions(view.realm) == 1


async def test_a_request_that_is_slower_than_the_window_is_a_replay(world: World, view: RealmView) -> None:
    """Whoever can make a request hang must not get around the window."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    raced = False

    async def race(_number: int, name: str) -> None:
        nonlocal raced
        if name == "sessions.rotate" and not raced:
            raced = True
            await refresh(view, born.refresh_token)
            world.clock.advance(GRACE)

    world.trace.before = race
    await replayed(world, view, born.refresh_token)


@pytest.mark.parametrize("sibling", [False, True])
async def test_a_token_whose_successor_was_ended_is_a_replay(
    world: World, view: RealmView, sibling: bool
) -> None:
    """A session that its owner ended must not come back through the token before it."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    exchange = (
        exchanged_by_a_sibling(world, view, born.refresh_token)
        if sibling
        else refresh(view, born.refresh_token)
    )
    await world.stores.sessions.revoke(world.subject(view.realm), sha256_hex(await exchange))
    await replayed(world, view, born.refresh_token)
    await refused(world, view, born.refresh_token, "grace_spent")
    assert await world.live_sessions(view.realm) == 0


@pytest.mark.parametrize("sibling", [False, True])
async def test_without_a_family_an_ended_successor_is_refused(world: World, sibling: bool) -> None:
    """There is no login to end, and still no way back in."""
    view, token = world.realm(Realm.DASHBOARD), "ab" * 32
    await _plant(world, token, family_id=None)
    exchange = exchanged_by_a_sibling(world, view, token) if sibling else refresh(view, token)
    await world.stores.sessions.revoke(world.subject(), sha256_hex(await exchange))
    await refused(world, view, token, "successor_dead")


@pytest.mark.parametrize("call", ["sessions.reissue", "sessions.recover"])
async def test_a_concurrent_revocation_wins(world: World, view: RealmView, call: str) -> None:
    """Signing out everywhere must win against a second tab that is on its way."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    if call == "sessions.recover":
        await exchanged_by_a_sibling(world, view, born.refresh_token)
    else:
        await refresh(view, born.refresh_token)

    async def sweep(_number: int, name: str) -> None:
        if name == call:
            await world.stores.sessions.revoke_all(world.subject(view.realm))

    world.trace.before = sweep
    with pytest.raises(RefreshTokenInvalid):
        await refresh(view, born.refresh_token)
    assert await world.live_sessions(view.realm) == 0


async def test_after_everything_was_ended_a_token_in_its_window_is_refused(
    world: World, view: RealmView
) -> None:
    """Signing out everywhere must include the token before the last one."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await refresh(view, born.refresh_token)
    await view.flows.revoke_all_sessions(view.account_id, tenant_id=view.tenant_id)
    with pytest.raises(RefreshTokenInvalid):
        await refresh(view, born.refresh_token)
    assert await world.live_sessions(view.realm) == 0


async def test_a_recovery_that_finds_the_login_revoked_is_refused(world: World) -> None:
    """A store that has lost the login's other members must not let this one rebuild it."""
    born = await world.login()
    await exchanged_by_a_sibling(world, world.realm(Realm.DASHBOARD), born.refresh_token)

    class Lost:
        snapshot = world.stores.sessions.snapshot

        async def recover(self, *_arguments: Any) -> RevokedSinceRotation:
            return RevokedSinceRotation()

    with pytest.raises(RefreshTokenInvalid):
        await replace(world.engine.refresh, sessions=Lost())(born.refresh_token, CONTEXT)
    assert world.events.last(RefreshRefused).why == "revoked_since_rotation"

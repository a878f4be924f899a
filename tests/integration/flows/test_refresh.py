"""Refreshing: every state that a presented token can be in, on both realms."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import (
    AccountBanned,
    EmailNotVerified,
    PlatformAuthRequired,
    RefreshTokenInvalid,
    TokenInvalid,
)
from bymax_auth.ports.events import (
    RefreshFamilyRevoked,
    RefreshLifetimeExceeded,
    RefreshRefused,
    RefreshReuseDetected,
)
from bymax_auth.ports.sessions import Gone, NewSession
from bymax_auth.types.context import RequestContext
from bymax_auth.types.identity import Realm, TokenRef
from bymax_auth.types.session import SessionRecord
from tests.integration.flows.world import CONTEXT, RealmView, World

GRACE = timedelta(seconds=30)
PHONE = RequestContext(ip="198.51.100.7", user_agent="Mozilla/5.0 (Linux; Android 14) Firefox/130.0")


async def refresh(view: RealmView, token: str, context: RequestContext = CONTEXT) -> Any:
    return await view.flows.refresh(token, context)


async def refused(view: RealmView, token: str) -> None:
    with pytest.raises(RefreshTokenInvalid):
        await refresh(view, token)


async def test_a_live_token_is_exchanged_once(world: World, view: RealmView) -> None:
    """A session must go on, and the token that went over the wire must be worth nothing more."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    renewed = await refresh(view, born.refresh_token)
    assert renewed.account.id == view.account_id
    assert renewed.tokens.refresh_token != born.refresh_token
    claims = (await view.flows.authenticate(renewed.tokens.access_token)).claims
    assert (claims.sub, claims.mfa_verified) == (view.account_id, False)
    assert await world.live_sessions(view.realm) == 1
    world.clock.advance(GRACE)
    await refused(view, born.refresh_token)


async def test_a_renewed_token_says_nothing_of_the_status(world: World) -> None:
    """A status in a token would be believed long after it changed."""
    born = await world.login()
    renewed = await world.engine.refresh(born.refresh_token, CONTEXT)
    claims = (await world.engine.authenticate(renewed.tokens.access_token)).claims
    assert (claims.status, claims.tenant_id) == ("", "acme")


@pytest.mark.parametrize("token", ["", "x", "A" * 64, "a" * 63, "a" * 65, "a" * 63 + "\n", "٣" * 64])
async def test_a_malformed_token_is_refused_unread(world: World, view: RealmView, token: str) -> None:
    """Garbage must cost the server nothing."""
    await refused(view, token)
    assert world.trace.calls == []


async def test_a_token_that_was_never_issued_is_refused(world: World, view: RealmView) -> None:
    """Guessing must lead nowhere."""
    await refused(view, "0" * 64)
    assert world.events.last(RefreshRefused).why == "unknown"


async def test_a_token_of_the_other_realm_is_refused(world: World) -> None:
    """A user's token must not open an operator's session."""
    born = await world.login()
    await refused(world.realm(Realm.PLATFORM), born.refresh_token)
    await refresh(world.realm(Realm.DASHBOARD), born.refresh_token)


async def test_without_grace_the_second_use_is_a_replay(worlds: Any, realm: Realm) -> None:
    """A deployment that wants no grace must get none."""
    world = worlds(jwt={"refresh_grace_window": timedelta(0)})
    view = world.realm(realm)
    born = await world.login(realm)
    await refresh(view, born.refresh_token)
    await refused(view, born.refresh_token)
    assert await world.live_sessions(realm) == 0


async def test_a_replay_ends_that_login_and_no_other(world: World, view: RealmView) -> None:
    """A stolen token must cost thief and owner this login, and leave the owner's other devices alone."""
    stolen = await view.flows.login(view.credentials(), CONTEXT)
    other = await view.flows.login(view.credentials(), CONTEXT)
    current = await refresh(view, stolen.refresh_token)
    world.clock.advance(GRACE)
    with pytest.raises(RefreshTokenInvalid):
        await refresh(view, stolen.refresh_token, PHONE)

    await refused(view, current.tokens.refresh_token)
    await refresh(view, other.refresh_token)
    detected, revoked = world.events.last(RefreshReuseDetected), world.events.last(RefreshFamilyRevoked)
    assert world.events.events.index(detected) < world.events.events.index(revoked)
    assert (revoked.family_id, revoked.owner_id, revoked.removed) == (detected.family_id, view.account_id, 1)
    await world.engine.drain()
    [(owner, family, context)] = world.hooks.of("on_refresh_token_reuse_detected")
    assert (owner, family) == (view.account_id, detected.family_id)
    assert (context.ip, context.user_agent) == (PHONE.ip, PHONE.user_agent)
    assert (context.tenant_id, dict(context.sanitized_headers)) == (view.tenant_id, {})


async def test_a_replay_of_a_login_that_is_over_names_nobody(world: World, view: RealmView) -> None:
    """A host must not be told a wrong owner."""
    stolen = await view.flows.login(view.credentials(), CONTEXT)
    current = await refresh(view, stolen.refresh_token)
    await view.flows.logout(None, current.tokens.refresh_token)
    world.clock.advance(GRACE)
    await refused(view, stolen.refresh_token)
    assert world.events.last(RefreshFamilyRevoked).owner_id == "<unknown>"
    await world.engine.drain()
    assert world.hooks.of("on_refresh_token_reuse_detected") == []


@pytest.mark.parametrize("bumps", [False, True])
async def test_a_host_may_let_a_replay_end_access_tokens(worlds: Any, realm: Realm, bumps: bool) -> None:
    """Whether other devices are asked to refresh after a theft is the host's choice."""
    world = worlds(sessions={"reuse_bumps_epoch": bumps})
    view = world.realm(realm)
    stolen = await world.login(realm)
    await refresh(view, stolen.refresh_token)
    world.clock.advance(GRACE)
    await refused(view, stolen.refresh_token)
    assert await world.stores.revocation.current_epoch(world.subject(realm)) == int(bumps)


async def test_a_session_without_a_family_rotates_and_never_signals_a_replay(world: World) -> None:
    """Sessions of an older system must go on after a move to this one."""
    view, token = world.realm(Realm.DASHBOARD), "ab" * 32
    await _plant(world, token, family_id=None)
    renewed = await refresh(view, token)
    await refresh(view, renewed.tokens.refresh_token)
    world.clock.advance(GRACE)
    await refused(view, token)
    assert world.events.of(RefreshReuseDetected) == []


async def test_a_record_without_a_tenant_is_refused(world: World) -> None:
    """A session that belongs to no account could never be ended, so it must not go on."""
    born = await world.login()

    async def orphaned(*arguments: Any) -> Any:
        live = await world.stores.sessions.snapshot(*arguments)
        return replace(live, record=replace(live.record, tenant_id=""))

    refresh_flow = replace(world.engine.refresh, sessions=_Snapshots(world.stores.sessions, orphaned))
    with pytest.raises(RefreshTokenInvalid):
        await refresh_flow(born.refresh_token, CONTEXT)
    assert world.events.last(RefreshRefused).why == "ownerless"


async def test_a_token_that_somebody_else_always_takes_first_is_refused_in_the_end(world: World) -> None:
    """A request must end, whatever others do."""
    born = await world.login()
    store = _Snapshots(world.stores.sessions, world.stores.sessions.snapshot)
    refresh_flow = replace(world.engine.refresh, sessions=store)
    with pytest.raises(RefreshTokenInvalid):
        await refresh_flow(born.refresh_token, CONTEXT)
    assert world.events.last(RefreshRefused).why == "contended"
    assert store.rotations == 3


async def test_the_new_pair_shows_what_the_account_is_now(world: World, view: RealmView) -> None:
    """A demotion must land with the next token, not with the next sign-in."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await world.change_account(view.realm, role="GUEST", mfa_enabled=True)
    renewed = await view.flows.refresh(born.refresh_token, PHONE)
    claims = (await view.flows.authenticate(renewed.tokens.access_token)).claims
    assert (claims.role, claims.mfa_enabled, claims.mfa_verified) == ("GUEST", True, False)
    [detail] = await world.stores.sessions.list(world.subject(view.realm))
    assert (detail.device, detail.ip) == ("Firefox on Android", PHONE.ip)


async def test_a_blocked_account_loses_everything(world: World, view: RealmView) -> None:
    """A ban must end every session at the first refresh, not one at a time."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await view.flows.login(view.credentials(), CONTEXT)
    await world.change_account(view.realm, status="BANNED")
    with pytest.raises(AccountBanned):
        await refresh(view, born.refresh_token)
    assert await world.live_sessions(view.realm) == 0
    with pytest.raises((TokenInvalid, PlatformAuthRequired)):
        await view.flows.authenticate(born.access_token)


async def test_a_deleted_account_loses_everything(world: World, view: RealmView) -> None:
    """A deleted account must not live on in a browser."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    world.users._rows.clear()
    world.admins._rows.clear()
    gone = TokenInvalid if view.realm is Realm.DASHBOARD else RefreshTokenInvalid
    with pytest.raises(gone):
        await refresh(view, born.refresh_token)
    assert await world.live_sessions(view.realm) == 0


async def test_an_unverified_account_is_refused_without_losing_its_session(world: World) -> None:
    """Somebody who has not opened the mail yet must be able to, and must not look like a thief."""
    born = await world.login()
    await world.change_account(Realm.DASHBOARD, email_verified=False)
    for _ in range(2):
        with pytest.raises(EmailNotVerified):
            await world.engine.refresh(born.refresh_token, CONTEXT)
    await world.change_account(Realm.DASHBOARD, email_verified=True)
    await world.engine.refresh(born.refresh_token, CONTEXT)
    assert world.events.of(RefreshReuseDetected) == []


async def test_a_blocked_account_does_not_recover_either(world: World, view: RealmView) -> None:
    """The grace of a token must not be a way around a ban."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    await refresh(view, born.refresh_token)
    await world.change_account(view.realm, status="BANNED")
    with pytest.raises(AccountBanned):
        await refresh(view, born.refresh_token)
    assert await world.live_sessions(view.realm) == 0


@pytest.mark.parametrize("recovering", [False, True])
async def test_a_login_ends_at_its_absolute_age(world: World, view: RealmView, recovering: bool) -> None:
    """A session that is refreshed for ever must still ask for the password once a month."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    token = born.refresh_token
    for _ in range(5):
        world.clock.advance(timedelta(days=6) - timedelta(seconds=2))
        previous, token = token, (await refresh(view, token)).tokens.refresh_token
    world.clock.advance(timedelta(seconds=11))
    await refused(view, previous if recovering else token)
    assert world.events.last(RefreshLifetimeExceeded).user_id == view.account_id
    assert await world.live_sessions(view.realm) == 1


async def test_a_login_is_good_until_the_very_end_of_its_age(world: World, view: RealmView) -> None:
    """The bound is the configured one, not a second less."""
    born = await view.flows.login(view.credentials(), CONTEXT)
    token = born.refresh_token
    for _ in range(5):
        world.clock.advance(timedelta(days=6))
        token = (await refresh(view, token)).tokens.refresh_token
    world.clock.advance(timedelta(seconds=1))
    await refused(view, token)


async def test_a_replay_at_the_very_end_of_a_login_is_detected(worlds: Any, realm: Realm) -> None:
    """The last exchange of a login would be the one that a stolen token may repeat unnoticed."""
    world = worlds(jwt={"refresh_grace_window": timedelta(0)})
    view = world.realm(realm)
    token = (await world.login(realm)).refresh_token
    for _ in range(5):
        world.clock.advance(timedelta(days=6))
        previous, token = token, (await refresh(view, token)).tokens.refresh_token
    await refused(view, previous)
    assert len(world.events.of(RefreshReuseDetected)) == 1


async def test_a_host_may_let_logins_live_for_ever(worlds: Any, realm: Realm) -> None:
    """A deployment without an absolute age must never ask again while it is used."""
    world = worlds(jwt={"absolute_session_lifetime_days": 0})
    view = world.realm(realm)
    token = (await world.login(realm)).refresh_token
    for _ in range(8):
        world.clock.advance(timedelta(days=6))
        token = (await refresh(view, token)).tokens.refresh_token


class _Snapshots:
    """Sessions whose snapshots a test decides, and in which no exchange ever succeeds."""

    def __init__(self, inner: Any, snapshot: Any) -> None:
        self._inner = inner
        self.snapshot = snapshot
        self.rotations = 0

    async def rotate(self, *_arguments: Any) -> Gone:
        self.rotations += 1
        return Gone()


async def _plant(world: World, token: str, *, family_id: str | None) -> None:
    now = world.clock.now()
    record = SessionRecord(
        user_id="u1",
        tenant_id="acme",
        role="MEMBER",
        device="",
        ip="",
        created_at=now,
        mfa_enabled=False,
        family_id=family_id,
        family_created_at=None,
    )
    new = NewSession(ref=TokenRef(sha256_hex(token)), record=record, lifetime=timedelta(days=7))
    await world.stores.sessions.create(world.subject(), new)

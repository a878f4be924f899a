"""What a request's guard reads, and what takes access tokens back: `RevocationStore`."""

from datetime import timedelta

import pytest

from bymax_auth.ports.revocation import EPOCH_RETENTION, TokenState
from bymax_auth.ports.sessions import Rotated
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import CachedStatus
from tests.contract.feeds import store_source
from tests.contract.samples import MARGIN, account, rotation, sign_in

__all__ = ["store_source"]

JTI = "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"
WHILE = timedelta(minutes=30)


async def test_a_token_nobody_took_back_is_clear(stores: AuthStores, realm: Realm) -> None:
    """Every request of every signed-in person asks this."""
    assert await stores.revocation.token_state(account(realm), JTI) == TokenState(False, 0, None)


async def test_a_blacklisted_token_stays_so_for_its_time_and_no_longer(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A logout must hold for as long as the token would have lived."""
    owner = account(realm)
    await stores.revocation.blacklist(owner, JTI, WHILE)
    await stores.revocation.blacklist(owner, JTI, MARGIN)
    clock.advance(WHILE - MARGIN)
    assert (await stores.revocation.token_state(owner, JTI)).blacklisted
    assert not (await stores.revocation.token_state(owner, JTI[::-1])).blacklisted
    clock.advance(MARGIN)
    assert not (await stores.revocation.token_state(owner, JTI)).blacklisted


@pytest.mark.parametrize("ttl", [timedelta(0), -MARGIN])
async def test_an_expired_token_is_not_blacklisted(stores: AuthStores, realm: Realm, ttl: timedelta) -> None:
    """Logging out with an old token must not fill the store."""
    await stores.revocation.blacklist(account(realm), JTI, ttl)
    assert not (await stores.revocation.token_state(account(realm), JTI)).blacklisted


async def test_an_epoch_begins_at_zero_and_rises_by_one(stores: AuthStores, realm: Realm) -> None:
    """A revocation that does not raise the epoch takes nothing back."""
    owner = account(realm)
    assert await stores.revocation.current_epoch(owner) == 0
    assert [await stores.revocation.bump_epoch(owner) for _ in range(3)] == [1, 2, 3]
    assert await stores.revocation.current_epoch(owner) == 3
    assert (await stores.revocation.token_state(owner, JTI)).epoch == 3


async def test_every_rise_keeps_the_epoch_for_its_whole_retention(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A token taken back on the first day must stay so after a second revocation on the last."""
    owner = account(realm)
    await stores.revocation.bump_epoch(owner)
    clock.advance(EPOCH_RETENTION - MARGIN)
    assert await stores.revocation.bump_epoch(owner) == 2
    clock.advance(EPOCH_RETENTION - MARGIN)
    assert await stores.revocation.current_epoch(owner) == 2
    clock.advance(MARGIN)
    assert await stores.revocation.current_epoch(owner) == 0
    assert (await stores.revocation.token_state(owner, JTI)).epoch == 0


async def test_a_cached_status_lasts_until_it_is_forgotten_or_old(
    stores: AuthStores, clock: FakeClock
) -> None:
    """A ban would take effect late, or never."""
    owner = account()
    await stores.revocation.remember_status(owner, CachedStatus("ACTIVE", True), WHILE)
    clock.advance(WHILE - MARGIN)
    state = await stores.revocation.token_state(owner, JTI)
    assert state.status == CachedStatus("ACTIVE", True)
    assert (await stores.revocation.token_state(account(user_id="u2"), JTI)).status is None
    clock.advance(MARGIN)
    assert (await stores.revocation.token_state(owner, JTI)).status is None
    await stores.revocation.remember_status(owner, CachedStatus("BANNED", None), WHILE)
    for _ in range(2):
        await stores.revocation.forget_status(owner)
    assert (await stores.revocation.token_state(owner, JTI)).status is None


@pytest.mark.parametrize("verified", [True, False, None])
@pytest.mark.parametrize("status", ["ACTIVE", "", "on hold: 1/3", "-"])
async def test_a_cached_status_comes_back_as_it_was(
    stores: AuthStores, status: str, verified: bool | None
) -> None:
    """A host's own status words must not be mistaken for one another, nor an unknown for a yes."""
    cached = CachedStatus(status, verified)
    await stores.revocation.remember_status(account(), CachedStatus("OTHER", True), WHILE)
    await stores.revocation.remember_status(account(), cached, WHILE)
    assert (await stores.revocation.token_state(account(), JTI)).status == cached


async def test_the_platform_caches_no_status(stores: AuthStores) -> None:
    """An operator who was just dismissed would pass for as long as a cache says so."""
    operator = account(Realm.PLATFORM)
    await stores.revocation.remember_status(operator, CachedStatus("ACTIVE", True), WHILE)
    assert (await stores.revocation.token_state(operator, JTI)).status is None
    await stores.revocation.forget_status(operator)


async def test_revocation_state_is_per_account(stores: AuthStores) -> None:
    """Banning a user must not lock out the operator who happens to have the same id."""
    user, operator = account(Realm.DASHBOARD), account(Realm.PLATFORM)
    await stores.revocation.bump_epoch(user)
    await stores.revocation.remember_status(user, CachedStatus("BANNED", None), WHILE)
    assert await stores.revocation.token_state(operator, JTI) == TokenState(False, 0, None)
    await sign_in(stores, operator, "a")
    assert await stores.sessions.rotate(operator, rotation(operator, "a", "b")) == Rotated(0)


async def test_many_tokens_are_answered_at_once_each_for_itself(stores: AuthStores, realm: Realm) -> None:
    """Open sockets are checked together, and one of them must not end for another."""
    owners = [account(realm, f"u{number}") for number in range(300)]
    tokens = [(owner, f"{number:08d}{JTI[8:]}") for number, owner in enumerate(owners)]
    await stores.revocation.remember_status(owners[0], CachedStatus("ACTIVE", True), WHILE)
    await stores.revocation.blacklist(*tokens[7], WHILE)
    await stores.revocation.bump_epoch(owners[8])
    await stores.sessions.revoke_all(owners[299])
    states = await stores.revocation.token_states(tokens)
    expected = [TokenState(False, 0, None)] * 300
    expected[7] = TokenState(True, 0, None)
    expected[8] = expected[299] = TokenState(False, 1, None)
    assert list(states) == expected
    assert list(await stores.revocation.token_states([])) == []

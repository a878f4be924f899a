"""How a token inside its grace window leads to its successor again: `SessionStore.rotate` and `reissue`."""

from datetime import timedelta

import pytest

from bymax_auth.ports.revocation import EPOCH_RETENTION
from bymax_auth.ports.sessions import (
    Consumed,
    Gone,
    GraceSpent,
    InGrace,
    Live,
    Recovered,
    Reissued,
    RevokedAll,
    Rotated,
    SuccessorDead,
    SuccessorExchanged,
)
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm
from tests.contract.samples import (
    FAMILY,
    GRACE,
    LIFETIME,
    MARGIN,
    account,
    exchange,
    is_live,
    recovery,
    rotation,
    sign_in,
    token,
)

A, B, C = token("a"), token("b"), token("c")


async def test_a_token_leads_to_its_successor_as_often_as_it_is_presented(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """Every tab of a browser must get the session, and none of them one more."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    before = await stores.sessions.snapshot(realm, A)
    for _ in range(3):
        assert await stores.sessions.reissue(owner, A, B) == Reissued(0)
    assert await stores.sessions.snapshot(realm, A) == before
    assert [shown.session_hash for shown in await stores.sessions.list(owner)] == [B.hash]
    clock.advance(GRACE)
    assert await stores.sessions.reissue(owner, A, B) == Gone()
    assert await stores.sessions.snapshot(realm, A) == Consumed(FAMILY)


async def test_only_the_successor_itself_is_given_again(stores: AuthStores, realm: Realm) -> None:
    """A token that was exchanged for something else must not pass for this exchange."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    assert await stores.sessions.reissue(owner, A, B) == Gone()
    await exchange(stores, owner, "a", "b")
    await sign_in(stores, owner, "c")
    assert await stores.sessions.reissue(owner, A, C) == Gone()
    assert await stores.sessions.reissue(owner, token("never"), B) == Gone()
    assert await stores.sessions.reissue(account(realm, "u2"), A, B) == Gone()
    seen = await stores.sessions.snapshot(realm, A)
    assert isinstance(seen, InGrace)
    await stores.sessions.recover(owner, recovery(owner, "a", seen, "d"))
    assert await stores.sessions.reissue(owner, A, B) == Gone()


async def test_a_successor_that_went_on_says_so(stores: AuthStores, clock: FakeClock, realm: Realm) -> None:
    """A tab that slept through two refreshes would be taken for a thief."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    await exchange(stores, owner, "b", "c")
    assert await stores.sessions.reissue(owner, A, B) == SuccessorExchanged()
    assert await stores.sessions.reissue(owner, B, C) == Reissued(0)
    await stores.sessions.drop_grace(realm, B)
    assert await stores.sessions.reissue(owner, A, B) == SuccessorDead()


async def test_a_successor_that_was_ended_is_reported_once(stores: AuthStores, realm: Realm) -> None:
    """Signing a device out would not hold if its last token could bring it back."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    assert await stores.sessions.revoke(owner, B.hash)
    assert await stores.sessions.reissue(owner, A, B) == SuccessorDead()
    assert await stores.sessions.snapshot(realm, A) == GraceSpent(FAMILY)
    assert await stores.sessions.reissue(owner, A, B) == Gone()


async def test_a_successor_of_another_account_is_not_given_away(stores: AuthStores, realm: Realm) -> None:
    """A pointer that somebody wrote by hand would sign its reader in as a stranger."""
    owner, stranger = account(realm), account(realm, "u2")
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    await stores.sessions.revoke(owner, B.hash)
    await sign_in(stores, stranger, "b", family="theirs")
    assert await stores.sessions.reissue(owner, A, B) == SuccessorDead()
    assert await is_live(stores, stranger, "b")


async def test_a_reissued_pair_carries_the_epoch_and_keeps_it(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """An epoch that lapsed before its tokens would begin again below them."""
    owner, day = account(realm), timedelta(days=1)
    await stores.revocation.bump_epoch(owner)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b", grace=3 * day)
    clock.advance(2 * day)
    assert await stores.sessions.reissue(owner, A, B) == Reissued(1)
    clock.advance(EPOCH_RETENTION - MARGIN)
    assert await stores.revocation.current_epoch(owner) == 1


async def test_an_epoch_of_one_is_kept_by_every_token_that_carries_it(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """The first revocation of an account would be forgotten while its tokens live."""
    owner, day = account(realm), timedelta(days=1)
    await stores.revocation.bump_epoch(owner)
    clock.advance(2 * day)
    await sign_in(stores, owner, "a")
    clock.advance(EPOCH_RETENTION - MARGIN)
    assert await stores.revocation.current_epoch(owner) == 1
    await sign_in(stores, owner, "a")
    clock.advance(2 * day)
    assert await stores.sessions.rotate(owner, rotation(owner, "a", "b", grace=5 * day)) == Rotated(1)
    clock.advance(EPOCH_RETENTION - MARGIN)
    assert await stores.revocation.current_epoch(owner) == 1


async def test_a_second_rotation_keeps_the_epoch(stores: AuthStores, clock: FakeClock, realm: Realm) -> None:
    """The slower tab's access token is as good as the faster one's, and lives as long."""
    owner, day = account(realm), timedelta(days=1)
    await stores.revocation.bump_epoch(owner)
    await sign_in(stores, owner, "a")
    for _ in range(2):
        assert await stores.sessions.rotate(owner, rotation(owner, "a", "b", grace=3 * day)) == Rotated(1)
        clock.advance(2 * day)
    clock.advance(EPOCH_RETENTION - 2 * day - MARGIN)
    assert await stores.revocation.current_epoch(owner) == 1


async def test_a_rotation_is_repeated_inside_the_window_alone(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A request that hangs for minutes would get around the detection of replays."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    clock.advance(GRACE)
    assert await stores.sessions.rotate(owner, rotation(owner, "a", "b")) == Gone()
    await exchange(stores, owner, "b", "c", grace=timedelta(0))
    assert await stores.sessions.rotate(owner, rotation(owner, "b", "c", grace=timedelta(0))) == Gone()


@pytest.mark.parametrize("rotations", [70])
async def test_every_pointer_ends_with_the_account_however_many_there_are(
    stores: AuthStores, realm: Realm, rotations: int
) -> None:
    """Signing out everywhere would miss the tokens of a client that refreshes all the time."""
    owner = account(realm)
    await sign_in(stores, owner, "0")
    for number in range(rotations):
        await exchange(stores, owner, str(number), str(number + 1))
    assert await stores.sessions.revoke_all(owner) == RevokedAll(1, 1)
    states = [await stores.sessions.snapshot(realm, token(str(number))) for number in range(rotations)]
    assert states == [Consumed(FAMILY)] * rotations


async def test_a_recovered_session_is_found_for_all_its_life(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """Signing out everywhere would miss the session that a lost reply left."""
    owner, day = account(realm), timedelta(days=1)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b", grace=3 * day)
    clock.advance(2 * day)
    seen = await stores.sessions.snapshot(realm, A)
    assert isinstance(seen, InGrace)
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == Recovered(0)
    clock.advance(LIFETIME - MARGIN)
    assert isinstance(await stores.sessions.snapshot(realm, C), Live)
    assert await is_live(stores, owner, "c")
    assert await stores.sessions.revoke_all(owner) == RevokedAll(1, 1)

"""How a session begins and continues: `SessionStore`, except what takes sessions away."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.ports.revocation import EPOCH_RETENTION
from bymax_auth.ports.sessions import (
    Consumed,
    Created,
    Gone,
    GraceSpent,
    InGrace,
    Live,
    Recovered,
    Rotated,
    Stale,
    SuccessorDead,
    UnknownToken,
)
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import SessionDetail
from tests.contract.samples import (
    FAMILY,
    GRACE,
    LIFETIME,
    MARGIN,
    START,
    account,
    exchange,
    is_live,
    new_session,
    record,
    recovery,
    rotation,
    sign_in,
    token,
)

LATER = START + timedelta(hours=1)


async def test_a_new_session_is_live_with_what_it_was_born_with(stores: AuthStores, realm: Realm) -> None:
    """A refresh would act for the wrong person if the record came back changed."""
    owner = account(realm)
    assert await stores.sessions.create(owner, new_session(owner, "first")) == Created(0)
    detail = SessionDetail(
        session_hash=token("first").hash,
        device="Chrome on macOS",
        ip="203.0.113.4",
        created_at=START,
        last_activity_at=START,
    )
    assert await stores.sessions.snapshot(realm, token("first")) == Live(record(owner), START)
    assert await stores.sessions.list(owner) == (detail,)


async def test_a_token_that_was_never_issued_is_unknown(stores: AuthStores, realm: Realm) -> None:
    """A guess must look like nothing at all."""
    assert await stores.sessions.snapshot(realm, token("guess")) == UnknownToken()


async def test_a_session_ends_with_its_lifetime(stores: AuthStores, clock: FakeClock, realm: Realm) -> None:
    """A forgotten browser must not stay signed in for ever."""
    await sign_in(stores, account(realm), "first")
    clock.advance(LIFETIME - MARGIN)
    assert isinstance(await stores.sessions.snapshot(realm, token("first")), Live)
    clock.advance(MARGIN)
    assert await stores.sessions.snapshot(realm, token("first")) == UnknownToken()
    assert await stores.sessions.list(account(realm)) == ()


async def test_the_fence_refuses_a_session_begun_before_a_revocation(
    stores: AuthStores, realm: Realm
) -> None:
    """A sign-in that started before a password reset would survive it."""
    owner = account(realm)
    await stores.revocation.bump_epoch(owner)
    assert await stores.sessions.create(owner, new_session(owner, "late", expected_epoch=0)) == Stale(1)
    assert await stores.sessions.snapshot(realm, token("late")) == UnknownToken()
    assert not await stores.sessions.has_recent_auth(owner)
    assert await stores.sessions.create(owner, new_session(owner, "new", expected_epoch=1)) == Created(1)


async def test_every_new_token_carries_the_epoch_of_its_moment(stores: AuthStores, realm: Realm) -> None:
    """An access token stamped with an old epoch would be refused at once, one too new never."""
    owner = account(realm)
    await stores.revocation.bump_epoch(owner)
    assert await stores.sessions.create(owner, new_session(owner, "a")) == Created(1)
    await stores.revocation.bump_epoch(owner)
    assert await stores.sessions.rotate(owner, rotation(owner, "a", "b")) == Rotated(2)
    seen = await in_grace(stores, realm, "a")
    await stores.revocation.bump_epoch(owner)
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == Recovered(3)


async def test_a_credential_is_recent_for_as_long_as_its_session_was_born_with(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A stolen refresh token must not pass for a typed password."""
    owner = account(realm)
    await sign_in(stores, owner, "without")
    assert not await stores.sessions.has_recent_auth(owner)
    proven = replace(new_session(owner, "with"), recent_auth=timedelta(minutes=30))
    await stores.sessions.create(owner, proven)
    clock.advance(timedelta(minutes=30) - MARGIN)
    assert await stores.sessions.has_recent_auth(owner)
    assert await stores.sessions.has_recent_auth(owner)
    await exchange(stores, owner, "with", "next")
    clock.advance(MARGIN)
    assert not await stores.sessions.has_recent_auth(owner)


async def test_the_cap_pushes_out_the_oldest_and_never_the_newest(stores: AuthStores, realm: Realm) -> None:
    """Signing in on a new phone must end the oldest session, not the one just begun."""
    owner = account(realm)
    for hour, name in enumerate(("first", "second", "third")):
        await sign_in(stores, owner, name, at=START + timedelta(hours=hour), family=name)
    refreshed = rotation(owner, "first", "first-refreshed", at=START + timedelta(hours=9), family="first")
    await stores.sessions.rotate(owner, refreshed)
    newest = new_session(owner, "newest", at=START - timedelta(hours=1), cap=2)
    created = await stores.sessions.create(owner, newest)
    assert created == Created(0, (token("first-refreshed").hash, token("second").hash))
    shown = {session.session_hash for session in await stores.sessions.list(owner)}
    assert shown == {token("third").hash, token("newest").hash}
    assert await stores.sessions.snapshot(realm, token("second")) == UnknownToken()


async def test_the_cap_breaks_ties_and_counts_only_this_account(stores: AuthStores, realm: Realm) -> None:
    """Two sign-ins in one moment must not depend on luck, nor on other people."""
    owner, other = account(realm), account(realm, "u2")
    await sign_in(stores, other, "theirs")
    for name in ("a", "b"):
        await sign_in(stores, owner, name, family=name)
    created = await stores.sessions.create(owner, new_session(owner, "c", cap=2))
    assert created == Created(0, (min(token("a").hash, token("b").hash),))
    assert await stores.sessions.create(owner, new_session(owner, "d", cap=3)) == Created(0)
    assert await is_live(stores, other, "theirs")


@pytest.mark.parametrize("cap", [None, 0, -1])
async def test_a_cap_that_is_not_positive_bounds_nothing(
    stores: AuthStores, realm: Realm, cap: int | None
) -> None:
    """One mistyped number would sign a person out everywhere at every sign-in."""
    owner = account(realm)
    for name in ("a", "b", "c"):
        assert await stores.sessions.create(owner, new_session(owner, name, cap=cap)) == Created(0)
    assert len(await stores.sessions.list(owner)) == 3


async def test_sessions_are_listed_newest_first(stores: AuthStores, realm: Realm) -> None:
    """The person looks for the sign-in they do not recognise at the top."""
    owner = account(realm)
    for hour in (2, 5, 0, 3, 1, 4):
        await sign_in(stores, owner, f"hour-{hour}", at=START + timedelta(hours=hour))
    await sign_in(stores, account(realm, "u2"), "theirs")
    listed = [session.session_hash for session in await stores.sessions.list(owner)]
    assert listed == [token(f"hour-{hour}").hash for hour in (5, 4, 3, 2, 1, 0)]


async def test_an_exchanged_token_hands_its_session_to_the_successor(
    stores: AuthStores, realm: Realm
) -> None:
    """The session list would lie about its age, and the first session in would not be the first out."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    change = rotation(owner, "a", "b", at=LATER)
    assert await stores.sessions.rotate(owner, change) == Rotated(0)
    live = await stores.sessions.snapshot(realm, token("b"))
    assert isinstance(live, Live)
    assert live.record == record(owner, at=LATER)
    assert live.session_created_at == START
    (shown,) = await stores.sessions.list(owner)
    assert (shown.session_hash, shown.created_at, shown.last_activity_at) == (token("b").hash, START, LATER)


async def test_a_rotation_starts_the_lifetime_again(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """Somebody who uses the application every day must not be signed out in the middle of the week."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    clock.advance(LIFETIME - MARGIN)
    await exchange(stores, owner, "a", "b")
    clock.advance(LIFETIME - MARGIN)
    assert isinstance(await stores.sessions.snapshot(realm, token("b")), Live)


async def test_a_token_is_exchanged_once(stores: AuthStores, realm: Realm) -> None:
    """Two successors of one token are two sessions where one was granted."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    assert await stores.sessions.rotate(owner, rotation(owner, "a", "thief")) == Gone()
    assert await stores.sessions.rotate(owner, rotation(owner, "never", "thief")) == Gone()
    assert await stores.sessions.snapshot(realm, token("thief")) == UnknownToken()


async def test_the_same_rotation_may_be_sent_again(stores: AuthStores, realm: Realm) -> None:
    """A lost answer from the store must not cost the person their session."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    for _ in range(2):
        assert await stores.sessions.rotate(owner, rotation(owner, "a", "b")) == Rotated(0)
    assert len(await stores.sessions.list(owner)) == 1


async def test_an_expired_session_is_not_exchanged(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A token found in an old backup must be worth nothing."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    clock.advance(LIFETIME)
    assert await stores.sessions.rotate(owner, rotation(owner, "a", "b")) == Gone()


async def test_an_exchanged_token_is_in_grace_then_consumed_then_forgotten(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A retry must not read as theft, theft must not read as a retry, and nothing is kept for ever."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    seen = await in_grace(stores, realm, "a")
    assert (seen.successor, seen.record, seen.family_id) == (token("b").hash, record(owner), FAMILY)
    clock.advance(GRACE - MARGIN)
    assert isinstance(await stores.sessions.snapshot(realm, token("a")), InGrace)
    clock.advance(MARGIN)
    assert await stores.sessions.snapshot(realm, token("a")) == Consumed(FAMILY)
    clock.advance(LIFETIME - GRACE - MARGIN)
    assert await stores.sessions.snapshot(realm, token("a")) == Consumed(FAMILY)
    clock.advance(MARGIN)
    assert await stores.sessions.snapshot(realm, token("a")) == UnknownToken()


async def test_without_grace_an_exchanged_token_is_consumed_at_once(stores: AuthStores, realm: Realm) -> None:
    """A host that switches the window off must get none."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b", grace=timedelta(0))
    assert await stores.sessions.snapshot(realm, token("a")) == Consumed(FAMILY)


async def test_a_session_without_a_family_never_signals_reuse(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A session older than families has no login to end, so a replay is only refused."""
    owner = account(realm)
    await sign_in(stores, owner, "a", family=None)
    await stores.sessions.rotate(owner, rotation(owner, "a", "b", family=None))
    seen = await in_grace(stores, realm, "a")
    assert seen.family_id is None
    recovered = await stores.sessions.recover(owner, recovery(owner, "a", seen, "c", family=None))
    assert recovered == Recovered(0)
    assert await stores.sessions.snapshot(realm, token("a")) == GraceSpent()
    clock.advance(GRACE)
    assert await stores.sessions.snapshot(realm, token("a")) == UnknownToken()


async def test_a_lost_reply_recovers_once(stores: AuthStores, realm: Realm) -> None:
    """Somebody in a tunnel stays signed in; somebody who copied the token gets one try, not many."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    seen = await in_grace(stores, realm, "a")
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == Recovered(0)
    assert await is_live(stores, owner, "b")
    assert await is_live(stores, owner, "c")
    assert await stores.sessions.snapshot(realm, token("a")) == GraceSpent(FAMILY)
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "d")) == Gone()
    assert await stores.sessions.snapshot(realm, token("d")) == UnknownToken()


async def test_the_same_recovery_may_be_sent_again(stores: AuthStores, realm: Realm) -> None:
    """A lost answer from the store must not use the second chance up."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    seen = await in_grace(stores, realm, "a")
    for _ in range(2):
        assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == Recovered(0)
    assert len(await stores.sessions.list(owner)) == 2


async def test_a_repeated_recovery_keeps_the_epoch_for_as_long_as_its_token(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """An epoch that lapsed first would begin again at one, below what the token carries."""
    owner, day = account(realm), timedelta(days=1)
    await stores.revocation.bump_epoch(owner)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b", grace=3 * day)
    seen = await in_grace(stores, realm, "a")
    for _ in range(2):
        assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == Recovered(1)
        clock.advance(2 * day)
    clock.advance(EPOCH_RETENTION - 2 * day - MARGIN)
    assert await stores.revocation.current_epoch(owner) == 1


@pytest.mark.parametrize("signed_in", [False, True])
async def test_a_stranger_uses_nobodys_pointer_up(stores: AuthStores, realm: Realm, signed_in: bool) -> None:
    """Somebody in a tunnel would be signed out by whoever presents their last token as his own."""
    owner, stranger = account(realm), account(realm, "u2")
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    seen = await in_grace(stores, realm, "a")
    if signed_in:
        await sign_in(stores, stranger, "theirs", family=None)
    assert await stores.sessions.recover(stranger, recovery(stranger, "a", seen, "c")) == Gone()
    assert await in_grace(stores, realm, "a") == seen
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "d")) == Recovered(0)


async def test_a_recovery_acts_only_on_the_pointer_that_was_seen(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A decision about one state must not be carried out on another."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    seen = await in_grace(stores, realm, "a")
    for pointer in (seen.pointer + " ", seen.pointer[:-1]):
        other = replace(seen, pointer=pointer)
        assert await stores.sessions.recover(owner, recovery(owner, "a", other, "c")) == Gone()
    assert await in_grace(stores, realm, "a") == seen
    clock.advance(GRACE)
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == Gone()


async def test_a_session_that_was_ended_is_not_recovered(stores: AuthStores, realm: Realm) -> None:
    """Signing a device out would not hold if its last token could bring it back."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    seen = await in_grace(stores, realm, "a")
    assert await stores.sessions.revoke(owner, token("b").hash)
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == SuccessorDead()
    assert await stores.sessions.snapshot(realm, token("a")) == GraceSpent(FAMILY)
    assert await stores.sessions.list(owner) == ()


async def test_a_login_is_known_for_as_long_as_its_longest_session(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A tab that was asleep must recover, however long ago or with whatever lifetime others began."""
    owner, day = account(realm), timedelta(days=1)
    await sign_in(stores, owner, "a")
    clock.advance(LIFETIME - day)
    await exchange(stores, owner, "a", "b", grace=3 * day)
    await stores.sessions.create(owner, replace(new_session(owner, "short"), lifetime=day))
    clock.advance(2 * day)
    seen = await in_grace(stores, realm, "a")
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == Recovered(0)


async def test_a_dropped_pointer_leaves_the_token_consumed(stores: AuthStores, realm: Realm) -> None:
    """After a logout the token before it must not open the door again."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    for _ in range(2):
        await stores.sessions.drop_grace(realm, token("a"))
    assert await stores.sessions.snapshot(realm, token("a")) == Consumed(FAMILY)


async def test_a_token_of_one_realm_is_unknown_in_the_other(stores: AuthStores, realm: Realm) -> None:
    """A user's token must not open the operators' door."""
    owner = account(realm)
    other = Realm.PLATFORM if realm is Realm.DASHBOARD else Realm.DASHBOARD
    await sign_in(stores, owner, "a")
    assert await stores.sessions.snapshot(other, token("a")) == UnknownToken()
    await exchange(stores, owner, "a", "b")
    assert await stores.sessions.snapshot(other, token("a")) == UnknownToken()


async def in_grace(stores: AuthStores, realm: Realm, name: str) -> InGrace:
    """The pointer of a token that was exchanged moments ago."""
    seen = await stores.sessions.snapshot(realm, token(name))
    assert isinstance(seen, InGrace)
    return seen

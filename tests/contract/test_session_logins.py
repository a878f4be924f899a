"""A session is a login: the cap, revocation and keeping take every live token of it together."""

from datetime import timedelta

import pytest

from bymax_auth.ports.sessions import (
    Created,
    InGrace,
    Missing,
    Recovered,
    RevokedAll,
    UnknownToken,
)
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm, Subject
from tests.contract.samples import (
    GRACE,
    LIFETIME,
    START,
    account,
    is_live,
    new_session,
    recovery,
    rotation,
    sign_in,
    token,
)

LAPTOP, PHONE = "laptop's login", "phone's login"


async def twins(
    stores: AuthStores, owner: Subject, login: str | None = LAPTOP, *, at: timedelta = timedelta(0)
) -> tuple[str, str]:
    """Leave a login with two live tokens, as a recovered reply of a sibling does."""
    first = f"{login}-first"
    await sign_in(stores, owner, first, at=START + at, family=login)
    await stores.sessions.rotate(owner, rotation(owner, first, f"{login}-one", family=login))
    seen = await stores.sessions.snapshot(owner.realm, token(first))
    assert isinstance(seen, InGrace)
    again = recovery(owner, first, seen, f"{login}-two", family=login)
    assert await stores.sessions.recover(owner, again) == Recovered(0)
    return f"{login}-one", f"{login}-two"


async def shown(stores: AuthStores, owner: Subject) -> set[str]:
    return {session.session_hash for session in await stores.sessions.list(owner)}


async def test_revoking_one_token_of_a_login_ends_its_twin(stores: AuthStores, realm: Realm) -> None:
    """A lost laptop that its owner signs out would go on refreshing with the other token."""
    owner = account(realm)
    one, two = await twins(stores, owner)
    await sign_in(stores, owner, "phone", family=PHONE)
    assert await stores.sessions.revoke(owner, token(one).hash)
    assert await stores.sessions.snapshot(realm, token(two)) == UnknownToken()
    assert await shown(stores, owner) == {token("phone").hash}
    assert not await stores.sessions.revoke(owner, token(two).hash)


async def test_a_login_of_one_moment_is_named_by_its_first_hash(stores: AuthStores, realm: Realm) -> None:
    """Which login a limit ends, and what the host is told of it, would change from store to store."""
    owner = account(realm)
    names = [f"one of {number}" for number in range(12)]
    for name in names:
        await sign_in(stores, owner, name, family=LAPTOP)
    created = await stores.sessions.create(owner, new_session(owner, "new", family=PHONE, cap=1))
    assert created == Created(0, (min(token(name).hash for name in names),))


async def test_a_token_that_was_rotated_since_still_names_its_login(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """The owner reads the list, the laptop refreshes, and signing it out would find nothing."""
    owner, stranger = account(realm), account(realm, "u2")
    await sign_in(stores, owner, "a", family=LAPTOP)
    await stores.sessions.rotate(owner, rotation(owner, "a", "b", family=LAPTOP))
    await sign_in(stores, stranger, "theirs", family=PHONE)
    assert not await stores.sessions.revoke(stranger, token("a").hash)
    assert not await stores.sessions.revoke(stranger, token("b").hash)
    assert await is_live(stores, owner, "b")
    assert await stores.sessions.revoke(owner, token("a").hash)
    assert await shown(stores, owner) == set()
    assert not await stores.sessions.revoke(owner, token("a").hash)


async def test_sessions_without_a_family_are_revoked_one_by_one(stores: AuthStores, realm: Realm) -> None:
    """Signing one old device out would sign all of them out."""
    owner = account(realm)
    for name in ("a", "b"):
        await sign_in(stores, owner, name, family=None)
    assert await stores.sessions.revoke(owner, token("a").hash)
    assert await shown(stores, owner) == {token("b").hash}


async def test_keeping_a_session_keeps_its_login(stores: AuthStores, realm: Realm) -> None:
    """A person who changes the password in one tab would be signed out in the other."""
    owner = account(realm)
    one, two = await twins(stores, owner)
    await twins(stores, owner, PHONE)
    await sign_in(stores, owner, "old", family=None)
    kept = token(two).hash
    assert await stores.sessions.revoke_all_except(owner, kept, must_exist=True) == RevokedAll(3, 1)
    assert await shown(stores, owner) == {token(one).hash, kept}


async def test_keeping_a_session_without_a_family_keeps_it_alone(stores: AuthStores, realm: Realm) -> None:
    """An old device would keep every other old device signed in."""
    owner = account(realm)
    for name in ("a", "b"):
        await sign_in(stores, owner, name, family=None)
    await twins(stores, owner)
    kept = token("a").hash
    assert await stores.sessions.revoke_all_except(owner, kept, must_exist=True) == RevokedAll(3, 1)
    assert await shown(stores, owner) == {kept}


async def test_the_cap_counts_logins_and_ends_them_whole(stores: AuthStores, realm: Realm) -> None:
    """Tabs that race would push the phone out, or leave half of the laptop signed in."""
    owner = account(realm)
    await twins(stores, owner)
    await sign_in(stores, owner, "phone", at=START + timedelta(hours=1), family=PHONE)
    await sign_in(stores, owner, "old", at=START + timedelta(hours=2), family=None)
    fourth = new_session(owner, "tv", at=START + timedelta(hours=3), family="tv", cap=4)
    assert await stores.sessions.create(owner, fourth) == Created(0)
    assert len(await shown(stores, owner)) == 5
    fifth = new_session(owner, "car", at=START + timedelta(hours=4), family="car", cap=3)
    created = await stores.sessions.create(owner, fifth)
    assert isinstance(created, Created)
    assert len(created.evicted) == 2, "one hash of each login"
    assert await shown(stores, owner) == {token(name).hash for name in ("old", "tv", "car")}


async def test_a_cap_that_is_far_from_reached_ends_nothing(stores: AuthStores, realm: Realm) -> None:
    """A person with four devices and a limit of ten would be signed out of some."""
    owner = account(realm)
    for name in ("a", "b", "c"):
        await sign_in(stores, owner, name, family=name)
    fourth = new_session(owner, "d", family="d", cap=10)
    assert await stores.sessions.create(owner, fourth) == Created(0)
    assert await shown(stores, owner) == {token(name).hash for name in "abcd"}


async def test_a_login_is_as_old_as_its_oldest_token(stores: AuthStores, realm: Realm) -> None:
    """A reply that was lost this morning would make last year's login the newest one."""
    owner = account(realm)
    await sign_in(stores, owner, "phone", at=START + timedelta(minutes=1), family=PHONE)
    await sign_in(stores, owner, "late", at=START + timedelta(hours=9), family=LAPTOP)
    await sign_in(stores, owner, "early", at=START, family=LAPTOP)
    newest = new_session(owner, "tv", at=START + timedelta(hours=10), family="tv", cap=2)
    assert await stores.sessions.create(owner, newest) == Created(0, (token("early").hash,))
    assert await shown(stores, owner) == {token("phone").hash, token("tv").hash}


async def test_a_cap_of_one_ends_every_other_login_and_no_part_of_the_new_one(
    stores: AuthStores, realm: Realm
) -> None:
    """Whoever signs in would be signed out by their own cap."""
    owner = account(realm)
    await sign_in(stores, owner, "mine", family=LAPTOP)
    await twins(stores, owner, PHONE)
    created = await stores.sessions.create(owner, new_session(owner, "mine too", family=LAPTOP, cap=1))
    assert isinstance(created, Created)
    assert len(created.evicted) == 1
    assert await shown(stores, owner) == {token("mine").hash, token("mine too").hash}


async def test_a_session_to_keep_that_has_expired_keeps_nothing_of_its_login(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A token from an old backup would keep a thief's session alive through a password change."""
    owner = account(realm)
    await sign_in(stores, owner, "expired", family=LAPTOP)
    clock.advance(LIFETIME)
    await sign_in(stores, owner, "live", family=LAPTOP)
    expired = token("expired").hash
    assert await stores.sessions.revoke_all_except(owner, expired, must_exist=True) == Missing()
    assert await stores.sessions.revoke_all_except(owner, expired, must_exist=False) == RevokedAll(1, 1)
    assert await shown(stores, owner) == set()


async def led_on(stores: AuthStores, owner: Subject, exchanges: int, login: str | None = LAPTOP) -> str:
    """Exchange a new token and each of its successors in turn; return the hash of the first one."""
    await sign_in(stores, owner, "0", family=login)
    for number in range(exchanges):
        step = rotation(owner, str(number), str(number + 1), family=login)
        await stores.sessions.rotate(owner, step)
    return token("0").hash


@pytest.mark.parametrize(
    ("exchanges", "login", "must_exist"), [(1, LAPTOP, True), (3, LAPTOP, False), (3, None, True)]
)
async def test_keeping_a_token_that_was_just_exchanged_keeps_what_it_led_to(
    stores: AuthStores, realm: Realm, exchanges: int, login: str | None, must_exist: bool
) -> None:
    """A tab that refreshes while another one changes the password would be signed out."""
    owner = account(realm)
    presented = await led_on(stores, owner, exchanges, login)
    await sign_in(stores, owner, "phone", family=PHONE)
    await sign_in(stores, owner, "old", family=None)
    kept = await stores.sessions.revoke_all_except(owner, presented, must_exist=must_exist)
    assert kept == RevokedAll(2, 1)
    assert await shown(stores, owner) == {token(str(exchanges)).hash}


async def test_keeping_an_exchanged_token_keeps_the_whole_login(stores: AuthStores, realm: Realm) -> None:
    """Of two tabs that refreshed, one would be signed out."""
    owner = account(realm)
    one, two = await twins(stores, owner)
    await sign_in(stores, owner, "phone", family=PHONE)
    await stores.sessions.rotate(owner, rotation(owner, one, "next", family=LAPTOP))
    kept = await stores.sessions.revoke_all_except(owner, token(one).hash, must_exist=True)
    assert kept == RevokedAll(1, 1)
    assert await shown(stores, owner) == {token("next").hash, token(two).hash}


async def test_an_exchanged_token_that_is_refused_keeps_nothing(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A thief's old token would keep the thief's login through the owner's change of the password."""
    owner, stranger = account(realm), account(realm, "u2")
    presented = await led_on(stores, owner, 4)
    assert await stores.sessions.revoke_all_except(owner, presented, must_exist=True) == Missing()
    third = token("1").hash
    assert await stores.sessions.revoke_all_except(stranger, third, must_exist=True) == Missing()
    await twins(stores, owner, PHONE)
    spent = token(f"{PHONE}-first").hash
    assert await stores.sessions.revoke_all_except(owner, spent, must_exist=True) == Missing()
    clock.advance(GRACE)
    assert await stores.sessions.revoke_all_except(owner, third, must_exist=True) == Missing()
    assert await stores.sessions.revoke_all_except(owner, third, must_exist=False) == RevokedAll(3, 1)
    assert await shown(stores, owner) == set()


async def test_an_exchanged_token_does_not_keep_a_login_that_has_ended(
    stores: AuthStores, realm: Realm
) -> None:
    """Every other device would be signed out for a session that is not there."""
    owner = account(realm)
    presented = await led_on(stores, owner, 2)
    await sign_in(stores, owner, "phone", family=PHONE)
    assert await stores.sessions.revoke(owner, token("2").hash)
    assert await stores.sessions.revoke_all_except(owner, presented, must_exist=True) == Missing()
    assert await shown(stores, owner) == {token("phone").hash}


async def test_each_listed_session_names_its_login(stores: AuthStores, realm: Realm) -> None:
    """The list would show one browser as two devices."""
    owner = account(realm)
    one, two = await twins(stores, owner)
    await sign_in(stores, owner, "old", family=None)
    listed = {session.session_hash: session.family_id for session in await stores.sessions.list(owner)}
    assert listed == {token(one).hash: LAPTOP, token(two).hash: LAPTOP, token("old").hash: None}

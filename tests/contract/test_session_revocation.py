"""How sessions are taken away: the other half of `SessionStore`."""

import pytest

from bymax_auth.ports.sessions import (
    Consumed,
    FamilyRevoked,
    Gone,
    InGrace,
    Live,
    Missing,
    RevokedAll,
    SuccessorDead,
    UnknownToken,
)
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm, Subject
from tests.contract.feeds import store_source
from tests.contract.samples import (
    FAMILY,
    GRACE,
    IDENTIFIERS,
    LIFETIME,
    account,
    exchange,
    is_live,
    recovery,
    rotation,
    sign_in,
    token,
)

__all__ = ["store_source"]

OTHER_FAMILY = "11111111-7425-40de-944b-e07fc1f90ae7"

NEIGHBOURS = (
    account(Realm.DASHBOARD, "u1", "tenant-a"),
    account(Realm.DASHBOARD, "u1", "tenant-b"),
    account(Realm.DASHBOARD, "u1", "acme:prod"),
    account(Realm.DASHBOARD, "prod:u1", "acme"),
    account(Realm.PLATFORM, "u1"),
)
"""Accounts that share an id or whose names could be mistaken for one another's."""


async def test_a_session_is_ended_by_its_owner_alone(stores: AuthStores, realm: Realm) -> None:
    """Anybody who saw a session hash could sign somebody else out."""
    owner, other = account(realm), account(realm, "u2")
    await sign_in(stores, owner, "a")
    assert not await stores.sessions.revoke(other, token("a").hash)
    assert isinstance(await stores.sessions.snapshot(realm, token("a")), Live)
    assert await stores.sessions.revoke(owner, token("a").hash)
    assert await stores.sessions.snapshot(realm, token("a")) == UnknownToken()
    assert not await stores.sessions.revoke(owner, token("a").hash)


async def test_an_expired_session_cannot_be_ended_again(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """The person is told that a session is gone, not that they have just ended it."""
    await sign_in(stores, account(realm), "a")
    clock.advance(LIFETIME)
    assert not await stores.sessions.revoke(account(realm), token("a").hash)
    assert await stores.sessions.revoke_all(account(realm)) == RevokedAll(0, 1)


async def test_revoking_all_ends_sessions_and_pointers_and_raises_the_epoch(
    stores: AuthStores, realm: Realm
) -> None:
    """After a password reset nothing that was issued before may still work."""
    owner = account(realm)
    for name in ("a", "b"):
        await sign_in(stores, owner, name)
    await exchange(stores, owner, "a", "a2")
    seen = await stores.sessions.snapshot(realm, token("a"))
    assert isinstance(seen, InGrace)
    assert await stores.sessions.revoke_all(owner) == RevokedAll(2, 1)
    assert await stores.sessions.list(owner) == ()
    assert await stores.sessions.snapshot(realm, token("b")) == UnknownToken()
    assert await stores.sessions.snapshot(realm, token("a")) == Consumed(FAMILY)
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == Gone()
    assert await stores.sessions.rotate(owner, rotation(owner, "b", "c")) == Gone()
    assert await stores.sessions.revoke_all(owner) == RevokedAll(0, 2)


async def test_revoking_the_others_keeps_one_and_no_pointer(stores: AuthStores, realm: Realm) -> None:
    """Changing a password must leave this device signed in, and only this device."""
    owner = account(realm)
    for name in ("a", "b", "keep-before"):
        await sign_in(stores, owner, name, family=FAMILY if name == "keep-before" else name)
    await exchange(stores, owner, "keep-before", "keep")
    kept = token("keep").hash
    assert await stores.sessions.revoke_all_except(owner, kept, must_exist=True) == RevokedAll(2, 1)
    assert [shown.session_hash for shown in await stores.sessions.list(owner)] == [kept]
    assert await stores.sessions.snapshot(realm, token("keep-before")) == Consumed(FAMILY)


@pytest.mark.parametrize("keep", ["never", "theirs", "expired"])
async def test_a_session_to_keep_must_be_the_accounts_own_and_live(
    stores: AuthStores, clock: FakeClock, realm: Realm, keep: str
) -> None:
    """Sparing a session that does not exist would quietly sign everyone out, or nobody."""
    owner = account(realm)
    await sign_in(stores, owner, "expired")
    clock.advance(LIFETIME)
    await sign_in(stores, owner, "a")
    await sign_in(stores, account(realm, "u2"), "theirs")
    hidden = token(keep).hash
    assert await stores.sessions.revoke_all_except(owner, hidden, must_exist=True) == Missing()
    assert await is_live(stores, owner, "a")
    assert await stores.revocation.current_epoch(owner) == 0
    assert await stores.sessions.revoke_all_except(owner, hidden, must_exist=False) == RevokedAll(1, 1)
    assert await stores.sessions.list(owner) == ()
    assert await is_live(stores, account(realm, "u2"), "theirs")


async def test_a_stolen_login_dies_with_its_descendants_alone(stores: AuthStores, realm: Realm) -> None:
    """The thief's line ends, the owner's other devices stay signed in."""
    owner = account(realm)
    await sign_in(stores, owner, "stolen")
    await exchange(stores, owner, "stolen", "stolen-2")
    seen = await stores.sessions.snapshot(realm, token("stolen"))
    assert isinstance(seen, InGrace)
    await stores.sessions.recover(owner, recovery(owner, "stolen", seen, "stolen-3"))
    await sign_in(stores, owner, "phone", family=OTHER_FAMILY)
    await sign_in(stores, owner, "old", family=None)
    assert await revoke_family(stores, realm, FAMILY) == FamilyRevoked(owner, 2)
    shown = {session.session_hash for session in await stores.sessions.list(owner)}
    assert shown == {token("phone").hash, token("old").hash}
    assert await stores.revocation.current_epoch(owner) == 0
    assert await revoke_family(stores, realm, FAMILY) == FamilyRevoked(None, 0)


async def test_a_pointer_does_not_bring_a_dead_family_back(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """The thief would only have to present the token before."""
    owner = account(realm)
    await sign_in(stores, owner, "a")
    await exchange(stores, owner, "a", "b")
    seen = await stores.sessions.snapshot(realm, token("a"))
    assert isinstance(seen, InGrace)
    await revoke_family(stores, realm, FAMILY)
    assert await stores.sessions.recover(owner, recovery(owner, "a", seen, "c")) == SuccessorDead()
    clock.advance(GRACE)
    assert await stores.sessions.snapshot(realm, token("a")) == Consumed(FAMILY)
    assert await stores.sessions.list(owner) == ()


async def test_a_family_is_unknown_in_the_other_realm_and_once_it_has_aged_out(
    stores: AuthStores, clock: FakeClock, realm: Realm
) -> None:
    """A family id seen in one realm must not sign people out of the other."""
    owner = account(realm)
    other = Realm.PLATFORM if realm is Realm.DASHBOARD else Realm.DASHBOARD
    await sign_in(stores, owner, "a")
    assert await revoke_family(stores, other, FAMILY) == FamilyRevoked(None, 0)
    assert await is_live(stores, owner, "a")
    clock.advance(LIFETIME)
    assert await revoke_family(stores, realm, FAMILY) == FamilyRevoked(None, 0)


@pytest.mark.parametrize("target", NEIGHBOURS)
async def test_what_ends_one_accounts_sessions_leaves_its_neighbours_alone(
    stores: AuthStores, target: Subject
) -> None:
    """A tenant could sign another tenant's users out, or a user an operator."""
    for index, owner in enumerate(NEIGHBOURS):
        await sign_in(stores, owner, f"session-{index}", family=f"family-{index}")
    assert await stores.sessions.revoke_all(target) == RevokedAll(1, 1)
    await stores.revocation.bump_epoch(target)
    alive = [owner for owner in NEIGHBOURS if await stores.sessions.list(owner)]
    untouched = [owner for owner in NEIGHBOURS if await stores.revocation.current_epoch(owner) == 0]
    assert alive == untouched == [owner for owner in NEIGHBOURS if owner != target]


async def revoke_family(stores: AuthStores, realm: Realm, family_id: str) -> FamilyRevoked:
    """End one login, as the reuse reaction does."""
    return await stores.sessions.revoke_family(realm, family_id, None, IDENTIFIERS.subject_factory(realm))

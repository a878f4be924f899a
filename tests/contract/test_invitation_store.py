"""Invitations: one of each invitee can be accepted, and once (`InvitationStore`)."""

from dataclasses import replace
from datetime import timedelta

from bymax_auth.ports.invitations import PendingInvitation
from bymax_auth.ports.stores import AuthStores
from bymax_auth.testing import FakeClock
from tests.contract.samples import (
    MARGIN,
    invitation,
    invitation_token,
    invitations_of,
    invitee,
    token,
)

TTL = timedelta(hours=48)


async def invited(stores: AuthStores, name: str, *, seen: str | None = None, role: str = "MEMBER") -> bool:
    """Invite the usual address with a token of that name."""
    store = invitations_of(stores)
    return await store.put(
        invitee(), invitation_token(name), invitation(role), TTL, seen=seen and token(seen).hash
    )


async def test_an_invitation_is_taken_once(stores: AuthStores) -> None:
    """A link that somebody forwards would create a second account."""
    store = invitations_of(stores)
    assert await invited(stores, "link")
    assert await store.take(invitation_token("link")) == invitation()
    assert await store.take(invitation_token("link")) is None


async def test_the_pending_invitation_is_read_and_stays(stores: AuthStores) -> None:
    """Whoever revokes it must see its role first."""
    store = invitations_of(stores)
    assert await store.read_pending(invitee()) is None
    assert await invited(stores, "link", role="ADMIN")
    for _ in range(2):
        expected = PendingInvitation(token("link").hash, invitation("ADMIN"))
        assert await store.read_pending(invitee()) == expected
    assert await store.take(invitation_token("link")) == invitation("ADMIN")


async def test_a_second_invitation_ends_the_link_of_the_first(stores: AuthStores) -> None:
    """The role that was invited by mistake could be accepted from the older mail."""
    store = invitations_of(stores)
    assert await invited(stores, "first", role="ADMIN")
    assert await invited(stores, "second", seen="first")
    assert await store.take(invitation_token("first")) is None
    assert await store.read_pending(invitee()) == PendingInvitation(token("second").hash, invitation())
    assert await store.take(invitation_token("second")) == invitation()


async def test_an_invitation_over_another_than_was_seen_is_not_stored(stores: AuthStores) -> None:
    """Somebody with a lower role would replace an invitation that was sent while they looked."""
    store = invitations_of(stores)
    assert not await invited(stores, "stray", seen="never")
    assert await store.read_pending(invitee()) is None
    assert await invited(stores, "first", role="ADMIN")
    assert not await invited(stores, "second")
    assert not await invited(stores, "second", seen="another")
    assert await store.take(invitation_token("second")) is None
    assert await store.take(invitation_token("first")) == invitation("ADMIN")


async def test_an_invitation_and_its_index_end_together(stores: AuthStores, clock: FakeClock) -> None:
    """A link in an old mail would work, or an old invitation could not be replaced."""
    store = invitations_of(stores)
    assert await invited(stores, "link")
    clock.advance(TTL - MARGIN)
    assert await store.read_pending(invitee()) == PendingInvitation(token("link").hash, invitation())
    clock.advance(MARGIN)
    assert await store.read_pending(invitee()) is None
    assert await store.take(invitation_token("link")) is None
    assert not await store.revoke(invitee(), token("link").hash)
    assert await invited(stores, "next")


async def test_a_replaced_invitation_has_a_lifetime_of_its_own(stores: AuthStores, clock: FakeClock) -> None:
    """The newer mail promises a time that its link would not live."""
    store = invitations_of(stores)
    assert await invited(stores, "first")
    clock.advance(TTL - MARGIN)
    assert await invited(stores, "second", seen="first")
    clock.advance(TTL - MARGIN)
    assert await store.take(invitation_token("second")) == invitation()


async def test_a_revoked_invitation_is_gone(stores: AuthStores) -> None:
    """A link that was withdrawn must not work."""
    store = invitations_of(stores)
    assert await invited(stores, "link")
    assert await store.revoke(invitee(), token("link").hash)
    assert not await store.revoke(invitee(), token("link").hash)
    assert await store.read_pending(invitee()) is None
    assert await store.take(invitation_token("link")) is None


async def test_what_was_sent_after_the_look_is_not_revoked(stores: AuthStores) -> None:
    """A role that the revoker does not have would be taken back unseen."""
    store = invitations_of(stores)
    assert await invited(stores, "first")
    assert await invited(stores, "second", seen="first", role="ADMIN")
    assert not await store.revoke(invitee(), token("first").hash)
    assert await store.take(invitation_token("second")) == invitation("ADMIN")


async def test_the_index_entry_of_a_taken_invitation_is_removed_by_itself(stores: AuthStores) -> None:
    """Whoever accepts leaves nothing behind, and takes nothing away that was sent meanwhile."""
    store = invitations_of(stores)
    assert await invited(stores, "first")
    assert await store.take(invitation_token("first")) == invitation()
    assert await store.read_pending(invitee()) == PendingInvitation(token("first").hash, None)
    assert await invited(stores, "second", seen="first")
    assert not await store.revoke(invitee(), token("first").hash)
    assert await store.take(invitation_token("second")) == invitation()
    assert not await store.revoke(invitee(), token("second").hash)
    assert await store.read_pending(invitee()) is None


async def test_invitees_are_kept_apart_by_tenant_and_address(stores: AuthStores) -> None:
    """One customer could end the invitations of another by inviting the same person."""
    store = invitations_of(stores)
    addresses = ("ada@example.com", "bob@example.com")
    invitees = {
        f"{tenant} {email}": (invitee(email, tenant), invitation("MEMBER", email, tenant))
        for tenant in ("tenant-a", "tenant-b", "tenant", "tenant-a:x")
        for email in addresses
    }
    for name, (who, what) in invitees.items():
        assert await store.put(who, invitation_token(name, who), what, TTL, seen=None)
    for name, (who, what) in invitees.items():
        assert await store.read_pending(who) == PendingInvitation(token(name).hash, what)
        assert await store.revoke(who, token(name).hash)
    assert len({who.hash for who, _ in invitees.values()}) == len(invitees)


async def test_what_an_invitation_says_is_kept_to_the_letter(stores: AuthStores) -> None:
    """A tenant or an id that looks like something else would be another one."""
    odd = replace(invitation(), role="Ä\u2028 role", tenant_id='t":{}', inviter_user_id="0x:1")
    who = invitee(odd.email, odd.tenant_id)
    store = invitations_of(stores)
    assert await store.put(who, invitation_token("link", who), odd, TTL, seen=None)
    assert await store.take(invitation_token("link", who)) == odd

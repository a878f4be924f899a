"""Rows that make no sense: what fails closed, and what is passed over."""

import logging
import sqlite3
from datetime import timedelta

import pytest

from bymax_auth.errors import StoreCorrupt
from bymax_auth.ports.invitations import PendingInvitation
from bymax_auth.ports.one_time import PASSWORD_RESET
from bymax_auth.ports.revocation import REVOKED, TokenState
from bymax_auth.ports.sessions import FamilyRevoked, Gone, InGrace, Live, RevokedSinceRotation, UnknownToken
from bymax_auth.stores.embedded import EmbeddedStores
from bymax_auth.testing import FakeClock
from bymax_auth.types.identity import Realm, Subject
from tests.contract.samples import (
    FAMILY,
    IDENTIFIERS,
    START,
    account,
    exchange,
    invitation,
    invitation_token,
    invitee,
    new_session,
    recovery,
    rotation,
    sign_in,
    token,
)

OWNER = account()


@pytest.mark.parametrize("value", ["many", 1.5, b"\x01"])
async def test_an_epoch_that_is_no_number_fails_closed(
    stores: EmbeddedStores, raw: sqlite3.Connection, value: object
) -> None:
    """Taken for zero, it would bring every revoked token back to life."""
    await stores.revocation.bump_epoch(OWNER)
    raw.execute("UPDATE epochs SET value = ?", (value,))
    for reading in (
        stores.revocation.token_state(OWNER, "jti"),
        stores.revocation.current_epoch(OWNER),
        stores.mfa.temp_state(OWNER, token("temp").hash),
        stores.sessions.create(OWNER, new_session(OWNER, "a")),
    ):
        with pytest.raises(StoreCorrupt, match=r"^A stored epoch is not a number\.$"):
            await reading
    assert await stores.sessions.list(OWNER) == ()


async def test_a_damaged_epoch_ends_its_own_account_and_no_other(
    stores: EmbeddedStores, raw: sqlite3.Connection
) -> None:
    """Open sockets are checked together: one record would throw everybody out, or leave everybody in."""
    await stores.revocation.bump_epoch(OWNER)
    raw.execute("UPDATE epochs SET value = 'many'")
    states = await stores.revocation.token_states([(OWNER, "j1"), (account(user_id="u2"), "j2")])
    assert list(states) == [REVOKED, TokenState(False, 0, None)]


async def test_a_live_session_that_cannot_be_read_is_deleted_and_logged(
    stores: EmbeddedStores, raw: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """It would answer 500 to its owner for a week, and the operator would never know."""
    await sign_in(stores, OWNER, "a")
    raw.execute("UPDATE sessions SET record = 'hunter2'")
    with caplog.at_level(logging.DEBUG):
        assert await stores.sessions.snapshot(OWNER.realm, token("a")) == UnknownToken()
    assert raw.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    assert [record.getMessage() for record in caplog.records if record.name == "bymax_auth"] == [
        "A session record that cannot be read was deleted."
    ]


async def test_a_pointer_that_cannot_be_read_is_no_theft(
    stores: EmbeddedStores, raw: sqlite3.Connection
) -> None:
    """A damaged row within the window must not end the whole login."""
    await sign_in(stores, OWNER, "a")
    await exchange(stores, OWNER, "a", "b")
    raw.execute("UPDATE grace SET record = '{}'")
    assert await stores.sessions.snapshot(OWNER.realm, token("a")) == UnknownToken()


async def test_a_session_with_a_damaged_detail_is_still_shown_and_used(
    stores: EmbeddedStores, raw: sqlite3.Connection
) -> None:
    """A session that its owner cannot see is one they cannot end."""
    await sign_in(stores, OWNER, "a")
    await sign_in(stores, OWNER, "b")
    raw.execute("UPDATE sessions SET detail = '' WHERE hash = ?", (token("a").hash,))
    shown = {detail.session_hash: detail for detail in await stores.sessions.list(OWNER)}
    assert shown[token("a").hash].device == "Unknown Browser on Unknown OS"
    assert shown[token("a").hash].created_at == START
    live = await stores.sessions.snapshot(OWNER.realm, token("a"))
    assert isinstance(live, Live)
    assert live.session_created_at == START
    raw.execute("UPDATE sessions SET detail = '', record = ''")
    assert await stores.sessions.list(OWNER) == ()


async def test_the_owner_of_a_family_is_read_from_the_first_record_that_names_one(
    stores: EmbeddedStores, raw: sqlite3.Connection
) -> None:
    """The owner of a stolen login must be told even when one of its records is damaged."""
    for name in ("a", "b", "c"):
        await sign_in(stores, OWNER, name)
    raw.execute("UPDATE sessions SET record = '' WHERE hash = ?", (min(token(n).hash for n in "abc"),))
    assert await revoke_family(stores) == FamilyRevoked(OWNER, 3)
    await sign_in(stores, OWNER, "d")
    raw.execute("UPDATE sessions SET record = ''")
    assert await revoke_family(stores) == FamilyRevoked(None, 1)
    assert await stores.sessions.list(OWNER) == ()


async def test_a_family_that_was_ended_leaves_nothing(
    stores: EmbeddedStores, raw: sqlite3.Connection
) -> None:
    """A login that was ended must be seen to be gone."""
    await sign_in(stores, OWNER, "a")
    assert await revoke_family(stores) == FamilyRevoked(OWNER, 1)
    assert raw.execute("SELECT count(*) FROM families").fetchone() == (0,)


async def test_nothing_is_recovered_into_a_family_that_is_gone(
    stores: EmbeddedStores, raw: sqlite3.Connection
) -> None:
    """A login that was ended must not grow a new session from an old token."""
    await sign_in(stores, OWNER, "a")
    await exchange(stores, OWNER, "a", "b")
    seen = await stores.sessions.snapshot(OWNER.realm, token("a"))
    assert isinstance(seen, InGrace)
    raw.execute("DELETE FROM families")
    assert await stores.sessions.recover(OWNER, recovery(OWNER, "a", seen, "c")) == RevokedSinceRotation()
    assert len(await stores.sessions.list(OWNER)) == 1


@pytest.mark.parametrize("stranger", [account(user_id="u2"), account(Realm.PLATFORM)])
async def test_another_account_exchanges_nothing(stores: EmbeddedStores, stranger: Subject) -> None:
    """A mistake in a caller must not move a session from one person to another."""
    await sign_in(stores, OWNER, "a")
    await sign_in(stores, OWNER, "b")
    await exchange(stores, OWNER, "b", "c")
    seen = await stores.sessions.snapshot(OWNER.realm, token("b"))
    assert isinstance(seen, InGrace)
    assert await stores.sessions.rotate(stranger, rotation(stranger, "a", "x")) == Gone()
    assert await stores.sessions.recover(stranger, recovery(stranger, "b", seen, "y")) == Gone()


async def test_a_proof_that_cannot_be_read_is_gone_and_logged(
    stores: EmbeddedStores, raw: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """It must not reset a password, nor be tried again."""
    raw.execute("INSERT INTO proofs VALUES ('pw_reset', 'h', 'hunter2', 9e15)")
    assert await stores.proofs.consume(PASSWORD_RESET, "h") is None
    assert raw.execute("SELECT count(*) FROM proofs").fetchone() == (0,)
    assert "A proof that cannot be read was consumed." in caplog.messages


async def test_an_enrolment_that_cannot_be_read_is_gone_and_logged(
    stores: EmbeddedStores, raw: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """It must not become anybody's second factor, nor be tried again."""
    raw.execute("INSERT INTO marks VALUES (?, 'hunter2', 9e15)", (f"mfa_setup:{OWNER.hash}",))
    assert await stores.mfa.read_setup(OWNER) is None
    assert await stores.mfa.take_setup(OWNER) is None
    assert raw.execute("SELECT count(*) FROM marks").fetchone() == (0,)
    assert "A pending enrolment that cannot be read was deleted." in caplog.messages


async def test_issuing_a_token_keeps_its_epoch_from_lapsing_before_it(
    stores: EmbeddedStores, clock: FakeClock
) -> None:
    """An epoch that lapsed would start again at one, below what a token of last month carries."""
    await sign_in(stores, OWNER, "a")
    for _ in range(3):
        await stores.revocation.bump_epoch(OWNER)
    for number in range(9):
        clock.advance(timedelta(days=6))
        await exchange(stores, OWNER, "a" if number == 0 else f"n{number - 1}", f"n{number}")
    assert await stores.revocation.current_epoch(OWNER) == 3
    assert await stores.revocation.bump_epoch(OWNER) == 4


async def revoke_family(stores: EmbeddedStores) -> FamilyRevoked:
    factory = IDENTIFIERS.subject_factory(OWNER.realm)
    return await stores.sessions.revoke_family(OWNER.realm, FAMILY, None, factory)


async def test_an_invitation_that_cannot_be_read_is_gone_and_leaves_a_word(
    stores: EmbeddedStores, raw: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """It would hold its address for two days, with nothing to say why."""
    store, hour = stores.invitations, timedelta(hours=1)
    assert await store.put(invitee(), invitation_token("link"), invitation(), hour, seen=None)
    raw.execute("UPDATE proofs SET payload = 'hunter2'")
    link = token("link").hash
    assert await store.read_pending(invitee()) == PendingInvitation(link, None)
    with caplog.at_level(logging.WARNING, "bymax_auth"):
        assert await store.take(invitation_token("link")) is None
    assert "cannot be read" in caplog.text
    assert "hunter2" not in caplog.text
    assert await store.put(invitee(), invitation_token("next"), invitation(), hour, seen=link)
    assert await store.take(invitation_token("next")) == invitation()

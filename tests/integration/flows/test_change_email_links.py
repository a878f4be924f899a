"""What a link that was mailed to a new address is good for, what ends it, and what it ends."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import (
    AccountSuspended,
    EmailAlreadyExists,
    EmailChangeTokenInvalid,
    PasswordResetTokenInvalid,
    RepositoryValueRefused,
    StoreUnavailable,
    ValidationFailed,
)
from bymax_auth.ports.events import (
    EmailChangeProofStale,
)
from bymax_auth.ports.one_time import EMAIL_CHANGE, EmailChangeContext
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ForgotPasswordInput, RegisterInput
from tests.integration.flows.test_change_email import NEIGHBOUR, NEW_EMAIL, address, confirm, mailed, reset
from tests.integration.flows.test_forgot_password import proof
from tests.integration.flows.tracing import failing_at
from tests.integration.flows.world import (
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    World,
    stored_hash,
)

# ── what a link is good for ──────────────────────────────────────────────────────────────────────────────


async def test_a_link_works_once(world: World) -> None:
    """Whoever finds an old mail must find it worthless."""
    token = await mailed(world)
    await confirm(world, token)
    await world.change_account(Realm.DASHBOARD, email=EMAIL)
    with pytest.raises(EmailChangeTokenInvalid):
        await confirm(world, token)
    assert await address(world) == EMAIL


@pytest.mark.parametrize("token", ["", "0" * 64, "f" * 63, "F" * 64, "\ud800" * 64, "x" * 5_000])
async def test_what_is_no_token_of_ours_is_refused(world: World, token: str) -> None:
    """Whatever somebody sends must be a refusal, never a failure."""
    with pytest.raises(EmailChangeTokenInvalid):
        await confirm(world, token)


async def test_a_link_ends_with_its_time(worlds: Any) -> None:
    """A mailbox that is read years later must open nothing."""
    world = worlds(email_change={"token_ttl": timedelta(minutes=10)})
    early, late = await mailed(world), await mailed(world, new_email="ana@third.example")
    world.clock.advance(timedelta(minutes=10) - timedelta(milliseconds=1))
    await confirm(world, early)
    world.clock.advance(timedelta(milliseconds=1))
    with pytest.raises(EmailChangeTokenInvalid):
        await confirm(world, late)


async def test_a_link_of_a_reset_is_no_link_of_a_change(world: World) -> None:
    """A token from one kind of mail must not do what another is for."""
    with pytest.raises(EmailChangeTokenInvalid):
        await confirm(world, await proof(world))
    token = await mailed(world)
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, token)


async def test_a_deleted_account_has_no_link(world: World) -> None:
    """A link must not bring anybody back, nor fail."""
    token = await mailed(world)
    world.users._rows.clear()
    with pytest.raises(EmailChangeTokenInvalid):
        await confirm(world, token)


async def test_an_account_blocked_meanwhile_spends_its_link_for_nothing(world: World) -> None:
    """A ban must hold against a mail that was sent before it."""
    token = await mailed(world)
    await world.change_account(Realm.DASHBOARD, status="SUSPENDED")
    with pytest.raises(AccountSuspended):
        await confirm(world, token)
    await world.change_account(Realm.DASHBOARD, status="ACTIVE")
    with pytest.raises(EmailChangeTokenInvalid):
        await confirm(world, token)
    assert await address(world) == EMAIL


async def test_an_address_taken_meanwhile_is_refused(world: World) -> None:
    """The second of two people who want an address must not get the first one's mail."""
    token = await mailed(world)
    newcomer = RegisterInput(email=NEW_EMAIL, name="Bea", password=NEW_PASSWORD, tenant_id=TENANT)
    await world.engine.register(newcomer, CONTEXT)
    with pytest.raises(EmailAlreadyExists):
        await confirm(world, token)
    assert await address(world) == EMAIL
    assert world.trace.count("users.update_email") == 0


async def test_an_address_taken_in_the_last_moment_is_refused(world: World) -> None:
    """Between the look and the write, only the database knows."""
    token = await mailed(world)

    async def take(_number: int, name: str) -> None:
        if name == "users.update_email":
            world.users.add(replace(NEIGHBOUR, email=NEW_EMAIL))

    world.trace.before = take
    with pytest.raises(EmailAlreadyExists):
        await confirm(world, token)
    assert await address(world) == EMAIL
    assert world.mail.of("email_changed") == []


async def test_an_address_that_the_host_cannot_hold_is_a_refusal(world: World) -> None:
    """A column that is too short must not look like a defect to whoever has a long address."""
    token = await mailed(world)

    async def refuse(_number: int, name: str) -> None:
        if name == "users.update_email":
            raise RepositoryValueRefused("email", "must be at most 12 characters")

    world.trace.before = refuse
    with pytest.raises(ValidationFailed) as refused:
        await confirm(world, token)
    assert [error.field for error in refused.value.fields] == ["newEmail"]


# ── what ends a link, and what a change ends ─────────────────────────────────────────────────────────────


async def stale(world: World, token: str) -> None:
    before = await address(world)
    with pytest.raises(EmailChangeTokenInvalid):
        await confirm(world, token)
    assert await address(world) == before
    assert world.events.last(EmailChangeProofStale).user_id == "u1"


async def test_a_reset_ends_a_link_that_a_thief_has_asked_for(world: World) -> None:
    """A thief would get the account that its owner has just recovered."""
    token = await mailed(world)
    await reset(world, await proof(world))
    await stale(world, token)


async def test_a_change_of_the_password_ends_a_link(world: World) -> None:
    """Whoever changes a password in fear must be rid of what was asked for with the old one."""
    token = await mailed(world)
    await world.engine.change_password(
        "u1", tenant_id=TENANT, current_password=PASSWORD, new_password=NEW_PASSWORD
    )
    await stale(world, token)


async def test_a_block_ends_a_link_for_good(world: World) -> None:
    """An account that is opened again must not be open to the mail of before."""
    token = await mailed(world)
    await world.engine.revoke_all_sessions("u1", tenant_id=TENANT)
    await stale(world, token)
    await confirm(world, await mailed(world))


async def test_the_first_of_two_links_ends_the_second(world: World) -> None:
    """The address that was given up by mistake would come back weeks later."""
    first, second = await mailed(world), await mailed(world, new_email="ana@third.example")
    await confirm(world, second)
    await stale(world, first)
    await confirm(world, await mailed(world))


async def test_a_change_ends_a_reset_that_was_mailed_before_even_if_the_address_comes_back(
    world: World,
) -> None:
    """Whoever read the old mailbox would get the account once its owner returns to it."""
    token = await proof(world)
    await confirm(world, await mailed(world))
    with pytest.raises(PasswordResetTokenInvalid):
        await reset(world, token, NEW_EMAIL)
    world.clock.advance(timedelta(minutes=2))
    await world.engine.forgot_password(ForgotPasswordInput(email=NEW_EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    again = world.mail.last("password_reset_token", to=NEW_EMAIL).code
    await confirm(world, await mailed(world, new_email=EMAIL))
    for outdated in (token, again):
        with pytest.raises(PasswordResetTokenInvalid):
            await reset(world, outdated)


async def test_no_proof_outlives_the_record_of_its_end(worlds: Any) -> None:
    """A link that lives longer than what ended it would work again."""
    world = worlds(email_change={"token_ttl": timedelta(days=2)})
    token = await mailed(world)
    await world.engine.revoke_all_sessions("u1", tenant_id=TENANT)
    world.clock.advance(timedelta(days=2) - timedelta(milliseconds=1))
    await stale(world, token)


async def test_a_reset_between_the_proof_and_the_write_wins(world: World) -> None:
    """The thief's link must not move an account that is recovered in the same moment."""
    token = await mailed(world)

    async def recover(_number: int, name: str) -> None:
        if name == "users.update_email":
            await world.change_account(Realm.DASHBOARD, password_hash=stored_hash(NEW_PASSWORD))

    world.trace.before = recover
    with pytest.raises(EmailChangeTokenInvalid):
        await confirm(world, token)
    assert await address(world) == EMAIL
    assert world.mail.of("email_changed") == []


async def test_of_two_links_opened_at_once_one_counts(world: World) -> None:
    """Each would report its address as the account's, and only one of them would be right."""
    tokens = [await mailed(world, new_email=f"ana{number}@new.example") for number in range(3)]
    outcomes = await asyncio.gather(*(confirm(world, token) for token in tokens), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "EmailChangeTokenInvalid",
        "EmailChangeTokenInvalid",
        "NoneType",
    ]
    [winner] = [number for number, outcome in enumerate(outcomes) if outcome is None]
    assert await address(world) == f"ana{winner}@new.example"
    assert len(world.mail.of("email_changed")) == 1


async def test_a_record_of_another_backend_without_a_binding_works(world: World) -> None:
    """A link that a sibling backend mailed must work here, as long as its account may sign in."""
    token = "a" * 64
    unbound = EmailChangeContext(
        user_id="u1", new_email=NEW_EMAIL, tenant_id=TENANT, password_fingerprint=None
    )
    await world.stores.proofs.put(EMAIL_CHANGE, sha256_hex(token), unbound, timedelta(hours=1))
    await confirm(world, token)
    assert await address(world) == NEW_EMAIL


# ── failures ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_proofs_end_before_the_address_is_written(world: World) -> None:
    """A crash in between would leave the old mailbox with links to the account."""
    token = await mailed(world)
    world.trace.clear()
    await confirm(world, token)
    calls = list(world.trace.calls)
    assert calls.index("proofs.put") < calls.index("users.update_email")

    token = await mailed(world, new_email=EMAIL)
    world.trace.clear()
    world.trace.before = failing_at(calls.index("proofs.put"), StoreUnavailable)
    with pytest.raises(StoreUnavailable):
        await confirm(world, token)
    assert await address(world) == NEW_EMAIL


async def test_no_event_or_failure_shows_an_address_or_a_token(world: World) -> None:
    """Whoever reads the log could read who moves where, or confirm in their place."""
    token = await mailed(world)
    await confirm(world, token)
    for shown in (repr(world.events.events), repr(world.engine.confirm_email_change)):
        assert NEW_EMAIL not in shown
        assert EMAIL not in shown
        assert token not in shown

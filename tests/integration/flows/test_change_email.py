"""Changing the address of an account: the request by its owner, and the link that confirms it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import (
    AccountLocked,
    AccountSuspended,
    EmailAlreadyExists,
    EmailChangeTokenInvalid,
    InvalidCredentials,
    MailFailed,
    StoreUnavailable,
    ValidationFailed,
)
from bymax_auth.ports.events import (
    EmailChanged,
    EmailChangeReauthenticationLocked,
    EmailChangeReauthenticationRefused,
    EmailChangeRequested,
    EmailVerified,
    InternalFailure,
)
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import LoginInput, ResetPasswordInput
from tests.integration.flows.test_forgot_password import proof
from tests.integration.flows.world import (
    ANA,
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    WRONG_PASSWORD,
    World,
)

NEW_EMAIL = "ana@new.example"
NEIGHBOUR = replace(ANA, id="u2", email="bea@example.com")


async def ask(world: World, **given: Any) -> None:
    request = {"tenant_id": TENANT, "new_email": NEW_EMAIL, "current_password": PASSWORD, **given}
    await world.engine.request_email_change("u1", **request)


async def mailed(world: World, **given: Any) -> str:
    """Return the token in the mail to the new address."""
    await ask(world, **given)
    return world.mail.last("email_change_verification").code


async def confirm(world: World, token: str) -> None:
    await world.engine.confirm_email_change(token, context=CONTEXT)
    await world.engine.drain()


async def reset(world: World, token: str, email: str = EMAIL) -> None:
    request = ResetPasswordInput(email=email, tenant_id=TENANT, new_password=NEW_PASSWORD, token=token)
    await world.engine.reset_password(request, CONTEXT)


async def address(world: World) -> str:
    return (await world.account(Realm.DASHBOARD)).email


# ── the way through ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_mailed_link_moves_the_account_to_the_new_address(world: World) -> None:
    """Whoever leaves a mailbox must be able to take the account along."""
    token = await mailed(world, new_email=f" {NEW_EMAIL.upper()} ")
    assert (await address(world), world.mail.last().to, world.mail.last().tenant_id) == (
        EMAIL,
        NEW_EMAIL,
        TENANT,
    )
    assert world.events.last(EmailChangeRequested).user_id == "u1"
    await confirm(world, token)
    assert await address(world) == NEW_EMAIL
    assert world.events.last(EmailChanged).user_id == "u1"
    await world.engine.login(LoginInput(email=NEW_EMAIL, password=PASSWORD, tenant_id=TENANT), CONTEXT)
    with pytest.raises(InvalidCredentials):
        await world.login()


async def test_the_old_address_is_told_and_the_new_one_is_not(world: World) -> None:
    """An owner whose account is being taken must hear of it where they still read mail."""
    token = await mailed(world)
    world.mail.clear()
    await confirm(world, token)
    [notice] = world.mail.sent
    assert (notice.kind, notice.to, notice.new_email, notice.tenant_id) == (
        "email_changed",
        EMAIL,
        NEW_EMAIL,
        TENANT,
    )


async def test_a_notice_that_cannot_be_sent_does_not_undo_the_change(world: World) -> None:
    """A full mailbox of the past must not keep anybody from leaving it."""
    token = await mailed(world)
    world.mail.failure = OSError("no route to host")
    await confirm(world, token)
    assert await address(world) == NEW_EMAIL
    assert "detached.failed" in world.events.names


async def test_no_session_ends_with_a_change_of_address(world: World) -> None:
    """Whoever confirms in one browser would be signed out of every other."""
    born = await world.login()
    await confirm(world, await mailed(world))
    await world.engine.authenticate(born.access_token)
    await world.engine.refresh(born.refresh_token, CONTEXT)
    assert await world.live_sessions() == 1


@pytest.mark.parametrize("verified", [True, False])
async def test_the_new_address_is_verified_and_the_cached_status_deleted(
    world: World, verified: bool
) -> None:
    """Whoever opened the link has proven the address, and would be asked to prove it again."""
    await world.change_account(Realm.DASHBOARD, email_verified=verified)
    token = await mailed(world)
    world.trace.clear()
    await confirm(world, token)
    assert (await world.account(Realm.DASHBOARD)).email_verified
    assert world.trace.count("revocation.forget_status") == 1
    assert len(world.events.of(EmailVerified)) == (not verified)
    told = [(user.email, context.email) for user, context in world.hooks.of("after_email_verified")]
    assert told == ([] if verified else [(NEW_EMAIL, NEW_EMAIL)])


async def test_the_mails_are_in_the_language_of_their_request(world: World) -> None:
    """A link that its reader cannot make out is one that nobody opens."""
    portuguese = replace(CONTEXT, sanitized_headers={"accept-language": "pt"})
    token = await mailed(world, context=portuguese)
    assert world.mail.last().locale == "pt"
    await world.engine.confirm_email_change(token, context=portuguese)
    await world.engine.drain()
    assert world.mail.last("email_changed").locale == "pt"


async def test_a_host_needs_no_request_of_its_own(world: World) -> None:
    """A support tool has no request to name."""
    await world.engine.confirm_email_change(await mailed(world))
    await world.engine.drain()
    assert world.mail.last("email_changed").to == EMAIL


# ── who may ask ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", ["gone", "no password", "wrong password"])
async def test_whoever_cannot_prove_the_password_gets_no_link(world: World, case: str) -> None:
    """A stolen session must not be enough to take an account over."""
    if case == "gone":
        world.users._rows.clear()
    elif case == "no password":
        await world.change_account(Realm.DASHBOARD, password_hash=None)
    with pytest.raises(InvalidCredentials):
        await ask(world, current_password=WRONG_PASSWORD)
    assert world.mail.sent == []
    assert world.trace.count("proofs.put") == 0


async def test_a_blocked_account_gets_no_link(world: World) -> None:
    """A guard that remembers better days must be put right, too."""
    await world.change_account(Realm.DASHBOARD, status="SUSPENDED")
    with pytest.raises(AccountSuspended):
        await ask(world)
    assert world.trace.calls[-1] == "revocation.forget_status"
    assert world.mail.sent == []


async def test_wrong_passwords_lock_this_change_and_nothing_else(world: World) -> None:
    """A thief with a session must not guess the password, nor lock the owner out."""
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await ask(world, current_password=WRONG_PASSWORD)
    refused = world.events.last(EmailChangeReauthenticationRefused)
    assert (refused.name, refused.flow, refused.user_id) == (
        "email_change.reproof_refused",
        "email-change",
        "u1",
    )
    with pytest.raises(AccountLocked) as locked:
        await ask(world)
    assert locked.value.retry_after is not None
    assert world.events.last(EmailChangeReauthenticationLocked).name == "email_change.reproof_locked"
    await world.login()
    await world.engine.change_password(
        "u1", tenant_id=TENANT, current_password=PASSWORD, new_password=NEW_PASSWORD
    )


async def test_the_right_password_forgets_earlier_mistakes(world: World) -> None:
    """A typo last week must not count today."""
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(InvalidCredentials):
                await ask(world, current_password=WRONG_PASSWORD)
        await ask(world)


@pytest.mark.parametrize("by", ["reset", "unlock"])
async def test_a_reset_and_an_operator_lift_the_lockout(world: World, by: str) -> None:
    """Whoever has proven the mailbox would be kept from leaving it by what a thief has tried."""
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await ask(world, current_password=WRONG_PASSWORD)
    if by == "unlock":
        await world.engine.unlock_account(EMAIL, tenant_id=TENANT)
        await ask(world)
    else:
        await reset(world, await proof(world))
        await ask(world, current_password=NEW_PASSWORD)


@pytest.mark.parametrize("taken", [EMAIL, f" {EMAIL.upper()}", NEIGHBOUR.email, "Bea@Example.com"])
async def test_an_address_of_the_tenant_is_refused(world: World, taken: str) -> None:
    """Two people would share one mailbox, and the password that it resets."""
    world.users.add(NEIGHBOUR)
    with pytest.raises(EmailAlreadyExists):
        await ask(world, new_email=taken)
    assert world.mail.sent == []
    assert world.trace.count("proofs.put") == 0


async def test_ones_own_address_is_refused_however_the_host_spells_it(world: World) -> None:
    """A mail to the same mailbox would end every proof of the account for nothing."""
    await world.change_account(Realm.DASHBOARD, email=f" {EMAIL.upper()} ")
    with pytest.raises(EmailAlreadyExists):
        await ask(world, new_email=EMAIL)


async def test_an_address_of_another_tenant_is_free(world: World) -> None:
    """Whether somebody is another customer's must be nobody's to find out."""
    world.users.add(replace(NEIGHBOUR, tenant_id="globex", email=NEW_EMAIL))
    await confirm(world, await mailed(world))
    assert await address(world) == NEW_EMAIL


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"new_email": ""}, "newEmail"),
        ({"new_email": "a" * 244 + "@example.com"}, "newEmail"),
        ({"new_email": "x\x00@example.com"}, "newEmail"),
        ({"new_email": "acme:x@example.com"}, "newEmail"),
        ({"current_password": ""}, "currentPassword"),
        ({"current_password": "p" * 129}, "currentPassword"),
        ({"tenant_id": ""}, "tenantId"),
    ],
)
async def test_input_that_breaks_a_rule_of_form_names_its_field(
    world: World, given: dict[str, str], field: str
) -> None:
    """Somebody who made a typo must learn where."""
    with pytest.raises(ValidationFailed) as refused:
        await ask(world, **given)
    assert [error.field for error in refused.value.fields] == [field]
    assert world.trace.calls == []


# ── the mail to the new address ──────────────────────────────────────────────────────────────────────────


async def test_a_mail_that_fails_fails_the_request_and_leaves_no_token(world: World) -> None:
    """Somebody would wait for a mail that nobody sent, and its token would be valid for an hour."""
    minted: list[str] = []
    send = world.mail.send_email_change_verification

    async def fail(tenant_id: str, new_email: str, token: str, *, locale: str | None = None) -> None:
        minted.append(token)
        raise OSError(f"550 no such mailbox {new_email}")

    world.mail.send_email_change_verification = fail  # type: ignore[method-assign]
    with pytest.raises(MailFailed) as failed:
        await ask(world)
    assert (failed.value.__cause__, str(failed.value)) == (None, "")
    failure = world.events.last(InternalFailure)
    assert (failure.origin, failure.exception) == ("email.email_change_verification", "OSError")
    assert world.events.of(EmailChangeRequested) == []
    with pytest.raises(EmailChangeTokenInvalid):
        await confirm(world, minted[0])

    world.mail.send_email_change_verification = send  # type: ignore[method-assign]
    await confirm(world, await mailed(world))
    assert await address(world) == NEW_EMAIL


async def test_a_mail_server_that_never_answers_fails_the_request(world: World) -> None:
    """A form must not spin for ever, and a token whose mail was given up must not stay."""
    flow = world.engine.request_email_change
    impatient = replace(flow.mailer, timeout=timedelta(milliseconds=1))
    world.engine.request_email_change = replace(flow, mailer=impatient)

    async def hang(*_arguments: object, **_named: object) -> None:
        await asyncio.Event().wait()

    world.mail.send_email_change_verification = hang  # type: ignore[method-assign]
    with pytest.raises(MailFailed):
        await ask(world)
    assert world.trace.calls[-1] == "proofs.delete"


async def test_closing_the_engine_in_the_middle_of_a_mail_leaves_no_token(worlds: Any) -> None:
    """A restart must not leave a token behind whose mail was never finished."""
    world = worlds()
    reached = asyncio.Event()

    async def hang(*_arguments: object, **_named: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    world.mail.send_email_change_verification = hang
    asked = asyncio.create_task(ask(world))
    await reached.wait()
    await world.engine.aclose(timeout=0)
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert world.trace.count("proofs.delete") == 1


async def test_a_token_that_cannot_be_withdrawn_is_an_outage(world: World) -> None:
    """An answer about the mail would hide that the token is still there."""
    world.mail.failure = OSError()

    async def interrupt(_number: int, name: str) -> None:
        if name == "proofs.delete":
            raise StoreUnavailable

    world.trace.before = interrupt
    with pytest.raises(StoreUnavailable):
        await ask(world)

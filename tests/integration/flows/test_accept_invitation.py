"""Accepting an invitation: the account, its role, and what ends the invitation."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.errors import (
    EmailAlreadyExists,
    InvalidInvitationToken,
    PasswordCompromised,
    ValidationFailed,
)
from bymax_auth.ports.events import InvitationAccepted, InvitationRecordRejected, InviterUnauthorised
from bymax_auth.ports.invitations import StoredInvitation
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.types.account import AuthUser, CreateUserData
from bymax_auth.types.identity import TokenRef
from bymax_auth.types.inputs import AcceptInvitationInput, LoginInput
from bymax_auth.types.results import AccountCreated, AuthResult
from tests.integration.flows.test_invite import ADMIN, GUEST, OPTIONS, invite, revoke
from tests.integration.flows.world import ANA, CONTEXT, NEW_PASSWORD, TENANT, World

WEAK = "password"
TTL = timedelta(days=2)


class Profile(BaseModel):
    """What this host has no model for."""


@pytest.fixture
def build(worlds: Callable[..., World]) -> Callable[..., World]:
    """Builds deployments with an administrator who invites."""

    def built(**options: Any) -> World:
        world = worlds(**OPTIONS | options)
        world.users.add(ADMIN)
        return world

    return built


@pytest.fixture
def world(build: Callable[..., World]) -> World:
    return build()


def given(token: str, **changes: Any) -> AcceptInvitationInput:
    return AcceptInvitationInput(**{"token": token, "name": "Gus", "password": NEW_PASSWORD, **changes})


async def accept(world: World, token: str, **changes: Any) -> Any:
    return await world.engine.accept_invitation(given(token, **changes), CONTEXT)


async def is_usable(world: World, token: str) -> bool:
    try:
        await accept(world, token)
    except InvalidInvitationToken:
        return False
    return True


async def test_whoever_accepts_has_the_invited_account_and_is_signed_in(world: World) -> None:
    """The person chose neither the tenant nor the role, and has proven the address by the mail."""
    result = await accept(world, await invite(world, ANA.id, role="MEMBER"))
    await world.engine.drain()
    assert isinstance(result, AuthResult)
    user = result.user
    assert (user.email, user.name, user.role, user.tenant_id) == (GUEST, "Gus", "MEMBER", TENANT)
    assert user.email_verified is True
    claims = (await world.engine.authenticate(result.access_token)).claims
    assert (claims.sub, claims.role) == (user.id, "MEMBER")
    await world.engine.refresh(result.refresh_token, CONTEXT)
    await world.engine.login(LoginInput(email=GUEST, password=NEW_PASSWORD, tenant_id=TENANT), CONTEXT)
    accepted = world.events.last(InvitationAccepted)
    assert (accepted.user_id, accepted.tenant_id) == (user.id, TENANT)


async def test_the_host_is_told_once_and_no_alert_is_mailed(build: Callable[..., World]) -> None:
    """A welcome mail for registration would be sent a second time, and an alert frighten the guest."""
    world = build(sessions={"enabled": True, "new_session_alerts": True})
    token = await invite(world)
    world.hooks.told.clear()
    world.mail.clear()
    result = await accept(world, token)
    await world.engine.drain()
    assert sorted(world.hooks.names) == ["after_invitation_accepted", "on_new_session"]
    [(told, context)] = world.hooks.of("after_invitation_accepted")
    assert (told.id, context.user_id, context.email) == (result.user.id, result.user.id, GUEST)
    assert (context.tenant_id, context.ip) == (TENANT, CONTEXT.ip)
    assert world.mail.sent == []


async def test_an_invitation_works_once(world: World) -> None:
    """A mail that is forwarded must not make a second account."""
    token = await invite(world)
    await accept(world, token)
    with pytest.raises(InvalidInvitationToken):
        await accept(world, token)


async def test_of_two_who_accept_at_once_one_does(world: World) -> None:
    """A double click makes one account."""
    token = await invite(world)
    outcomes = await asyncio.gather(*(is_usable(world, token) for _ in range(5)))
    assert sorted(outcomes) == [False] * 4 + [True]
    assert world.trace.count("users.create") == 1


@pytest.mark.parametrize("token", ["0" * 64, "Z" * 64, "A" * 64, " " * 64])
async def test_an_unknown_token_is_refused(world: World, token: str) -> None:
    """Whatever is tried, the answer says nothing about what exists."""
    with pytest.raises(InvalidInvitationToken):
        await accept(world, token)
    assert world.trace.count("users.create", "users.find_by_email") == 0


async def test_an_invitation_ends_with_its_time(world: World) -> None:
    """A link in an old mailbox must not open a tenant."""
    token = await invite(world)
    world.clock.advance(TTL - timedelta(seconds=1))
    late = await invite(world, email="late@example.com")
    assert await is_usable(world, token)
    world.clock.advance(TTL)
    assert not await is_usable(world, late)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token": "0" * 63}, "token"),
        ({"name": "G"}, "name"),
        ({"name": "g" * 101}, "name"),
        ({"name": "Gu\0s"}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "p" * 129}, "password"),
        ({"profile": Profile()}, "profile"),
    ],
)
async def test_a_malformed_request_leaves_the_invitation(
    world: World, changes: dict[str, Any], field: str
) -> None:
    """Somebody who has to correct a form must not have to ask for another invitation."""
    token = await invite(world)
    with pytest.raises(ValidationFailed) as refusal:
        await accept(world, **{"token": token, **changes})
    assert [error.field for error in refusal.value.fields] == [field]
    assert world.trace.count("invitations.take") == 0
    assert await is_usable(world, token)


async def test_a_known_password_leaves_the_invitation(world: World) -> None:
    """The same for a password that everybody tries first."""
    token = await invite(world)
    with pytest.raises((PasswordCompromised, ValidationFailed)):
        await accept(world, token, password=WEAK)
    assert await is_usable(world, token)


@pytest.mark.parametrize("change", ["gone", "demoted", "blocked", "moved"])
async def test_an_invitation_is_worth_what_its_inviter_may_do_now(world: World, change: str) -> None:
    """Somebody who is thrown out must not leave doors open for two days."""
    token = await invite(world, role="ADMIN")
    if change == "gone":
        world.users._rows.pop((TENANT, ADMIN.id))
    elif change == "moved":
        world.users._rows.pop((TENANT, ADMIN.id))
        world.users.add(replace(ADMIN, tenant_id="globex"))
    else:
        changed = {"role": "MEMBER"} if change == "demoted" else {"status": "Banned"}
        world.users.replace(replace(ADMIN, **changed))
    with pytest.raises(InvalidInvitationToken):
        await accept(world, token)
    refused = world.events.last(InviterUnauthorised)
    assert (refused.user_id, refused.tenant_id) == (ADMIN.id, TENANT)
    assert world.trace.count("users.create", "kdf.run") == 0


async def test_a_refused_invitation_is_spent(world: World) -> None:
    """An inviter who is let in again has to decide anew."""
    token = await invite(world)
    world.users.replace(replace(ADMIN, status="SUSPENDED"))
    assert not await is_usable(world, token)
    world.users.replace(ADMIN)
    assert not await is_usable(world, token)
    assert await is_usable(world, await invite(world))


async def planted(world: World, **changes: Any) -> str:
    """The token of an invitation that another server stored."""
    token = "ab" * 32
    found = StoredInvitation(
        **{
            "email": GUEST,
            "role": "MEMBER",
            "tenant_id": TENANT,
            "inviter_user_id": ADMIN.id,
            "created_at": world.clock.now(),
            **changes,
        }
    )
    invitee = world.engine.identifiers.invitee(found.tenant_id, found.email)
    assert await world.stores.invitations.put(invitee, TokenRef(sha256_hex(token)), found, TTL, seen=None)
    return token


async def test_an_invitation_to_a_role_that_is_gone_is_refused(world: World) -> None:
    """An account with a role that nothing knows could do nothing, or too much after the next deployment."""
    token = await planted(world, role="OWNER")
    with pytest.raises(InvalidInvitationToken):
        await accept(world, token)
    rejected = world.events.last(InvitationRecordRejected)
    assert (rejected.tenant_id, rejected.role) == (TENANT, "OWNER")
    assert (
        await world.stores.invitations.read_pending(world.engine.identifiers.invitee(TENANT, GUEST)) is None
    )


async def test_an_address_that_registered_meanwhile_is_told_so(world: World) -> None:
    """Whoever holds the mail owns the address, and has to sign in instead."""
    token = await invite(world)
    world.users.add(replace(ANA, id="u9", email=GUEST))
    with pytest.raises(EmailAlreadyExists):
        await accept(world, token)
    assert not await is_usable(world, token)


async def test_an_address_that_registers_at_the_same_moment_is_told_so(world: World) -> None:
    """The database decides between two that found the address free."""
    token = await invite(world)

    async def register(_number: int, name: str) -> None:
        if name == "users.create":
            world.users.add(replace(ANA, id="u9", email=GUEST))

    world.trace.before = register
    with pytest.raises(EmailAlreadyExists):
        await accept(world, token)
    world.trace.before = None
    assert not await is_usable(world, token)


@pytest.mark.parametrize("status", ["PENDING_APPROVAL", "pending"])
async def test_a_blocked_account_is_created_without_a_session(
    build: Callable[..., World], status: str
) -> None:
    """Somebody who waits for approval must not be inside the application already."""

    def pending(rows: InMemoryUserRepository) -> Any:
        class Pending:
            def __getattr__(self, name: str) -> Any:
                return getattr(rows, name)

            async def create(self, data: CreateUserData) -> AuthUser:
                return await rows.create(replace(data, status=status))

        return Pending()

    world = build(users=pending, blocked_statuses=("pending_approval", "Pending"))
    result = await accept(world, await invite(world))
    await world.engine.drain()
    assert isinstance(result, AccountCreated)
    assert (result.user.email, result.user.status) == (GUEST, status)
    assert world.trace.count("sessions.create") == 0
    assert world.hooks.names.count("after_invitation_accepted") == 1
    assert world.events.last(InvitationAccepted).user_id == result.user.id


@pytest.mark.parametrize(("session", "signed_in"), [("always", True), ("verified", False)])
async def test_a_repository_that_forgets_the_proof_gives_no_session_where_one_needs_it(
    build: Callable[..., World], session: str, signed_in: bool
) -> None:
    """A host whose table has no such column must not sign in people whom no refresh will admit."""

    def forgetful(rows: InMemoryUserRepository) -> Any:
        class Forgetful:
            def __getattr__(self, name: str) -> Any:
                return getattr(rows, name)

            async def create(self, data: CreateUserData) -> AuthUser:
                return await rows.create(replace(data, email_verified=False))

        return Forgetful()

    world = build(users=forgetful, registration={"session": session})
    result = await accept(world, await invite(world))
    assert isinstance(result, AuthResult) is signed_in


async def test_a_caller_who_leaves_still_has_the_account(world: World) -> None:
    """A closed tab between the two steps would leave neither an invitation nor an account."""
    token = await invite(world)
    running = asyncio.create_task(accept(world, token))

    async def leave(_number: int, name: str) -> None:
        if name == "users.create":
            running.cancel()

    world.trace.before = leave
    with pytest.raises(asyncio.CancelledError):
        await running
    await world.engine.drain()
    assert await world.users.find_by_email(GUEST, tenant_id=TENANT) is not None


async def test_a_revoked_invitation_is_like_an_unknown_one(world: World) -> None:
    """The page must not say that somebody changed their mind."""
    token = await invite(world)
    assert await revoke(world)
    with pytest.raises(InvalidInvitationToken):
        await accept(world, token)


async def test_no_event_and_no_input_shows_a_secret(world: World) -> None:
    """What is logged of an invitation must not be one."""
    token = await invite(world)
    assert token not in repr(given(token))
    assert NEW_PASSWORD not in repr(given(token))
    await accept(world, token)
    assert not [event for event in world.events.events if token in repr(event) or GUEST in repr(event)]

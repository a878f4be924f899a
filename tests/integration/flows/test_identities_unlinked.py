"""Identities of providers are unlinked by their owner, and never the last way in."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import (
    AccountBanned,
    Forbidden,
    InvalidCredentials,
    OAuthFailed,
    ReauthenticationRequired,
    RefreshTokenInvalid,
    StoreUnavailable,
    TokenInvalid,
    ValidationFailed,
)
from bymax_auth.ports.events import IdentityReauthenticationRefused, IdentityUnlinked
from bymax_auth.ports.hooks import Link
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.results import AuthResult
from tests.integration.flows.owners import ELSEWHERE, ana, identities, linked, opened, unlink, world_with
from tests.integration.flows.strangers import Doorkeeper, signed_in
from tests.integration.flows.world import ANA, CONTEXT, TENANT, WRONG_PASSWORD, World


@pytest.fixture
def other() -> InMemoryOAuthProvider:
    return InMemoryOAuthProvider("other")


@pytest.fixture
async def world(provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider) -> AsyncIterator[World]:
    ready = world_with(provider, other)
    yield ready
    await ready.engine.aclose()


async def without_password(world: World) -> None:
    world.users.replace(dataclasses.replace(await ana(world), password_hash=None))


async def test_an_unlinked_identity_signs_nobody_in(world: World, provider: InMemoryOAuthProvider) -> None:
    """Whoever has taken over the account at the provider would still be in this one."""
    session = await opened(world)
    identity = await linked(world, session, provider)
    thief = await signed_in(world, provider, ELSEWHERE)
    assert isinstance(thief, AuthResult)
    await unlink(world, identity.id, session)
    assert await identities(world) == []
    assert isinstance(world.hooks, Doorkeeper)
    world.hooks.decision = Link()
    with pytest.raises(OAuthFailed):
        await signed_in(world, provider, ELSEWHERE)
    with pytest.raises(RefreshTokenInvalid):
        await world.engine.refresh(thief.refresh_token, CONTEXT)
    with pytest.raises(TokenInvalid):
        await world.engine.authenticate(thief.access_token)
    await world.engine.refresh(session.refresh_token, CONTEXT)
    assert world.events.of(IdentityUnlinked) == [
        IdentityUnlinked(user_id="u1", tenant_id=TENANT, provider="memory")
    ]
    [(user, removed, about)] = world.hooks.of("after_identity_unlinked")
    assert (user.id, removed, about.user_id) == ("u1", identity, "u1")


async def test_without_a_session_to_keep_every_session_ends(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """A client that cannot name its session would leave a thief's open."""
    identity = await linked(world, await opened(world), provider)
    await unlink(world, identity.id)
    assert await world.live_sessions() == 0


async def test_an_identity_is_unlinked_with_the_password(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """Whoever finds an unlocked browser could take its owner's way in away."""
    session = await opened(world)
    identity = await linked(world, session, provider)
    for wrong in (None, WRONG_PASSWORD):
        with pytest.raises(InvalidCredentials):
            await unlink(world, identity.id, session, wrong)
    assert len(world.events.of(IdentityReauthenticationRefused)) == 2
    assert await identities(world) == [("memory", "1234")]


async def test_an_empty_password_is_one_of_the_wrong_form_and_counts_as_no_guess(
    world: World, provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider
) -> None:
    """A form that was sent without being filled in must not lock its owner out."""
    session = await opened(world)
    identity = await linked(world, session, provider)
    with pytest.raises(ValidationFailed):
        await unlink(world, identity.id, session, "")
    with pytest.raises(ValidationFailed):
        await linked(world, session, other, password="")
    assert world.events.of(IdentityReauthenticationRefused) == []
    assert await identities(world) == [("memory", "1234")]


async def test_a_password_of_one_character_is_a_wrong_one(
    world: World, provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider
) -> None:
    """A host may have imported such a password, and no rule of today may keep its owner out."""
    session = await opened(world)
    identity = await linked(world, session, provider)
    with pytest.raises(InvalidCredentials):
        await unlink(world, identity.id, session, "x")
    with pytest.raises(InvalidCredentials):
        await linked(world, session, other, password="x")
    assert len(world.events.of(IdentityReauthenticationRefused)) == 2


async def test_without_a_password_the_sign_in_must_be_recent(
    world: World, provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider
) -> None:
    """A stolen session would be good for locking its owner out."""
    session = await opened(world)
    first = await linked(world, session, provider)
    await linked(world, session, other)
    await without_password(world)
    world.clock.advance(timedelta(minutes=6))
    with pytest.raises(ReauthenticationRequired):
        await unlink(world, first.id, session, None)
    again = await signed_in(world, other, ELSEWHERE)
    assert isinstance(again, AuthResult)
    await unlink(world, first.id, again, None)
    assert await identities(world) == [("other", "1234")]


async def test_the_last_way_in_is_not_unlinked(
    world: World, provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider
) -> None:
    """Somebody would lock themselves out with one click."""
    session = await opened(world)
    identity = await linked(world, session, provider)
    await without_password(world)
    with pytest.raises(Forbidden):
        await unlink(world, identity.id, session, None)
    # A provider that the deployment has given up is no way in.
    await world.users.link_oauth(ANA.id, "retired", "1", tenant_id=TENANT)
    with pytest.raises(Forbidden):
        await unlink(world, identity.id, session, None)
    assert (await identities(world))[0] == ("memory", "1234")
    assert await world.live_sessions() == 1
    assert world.events.of(IdentityUnlinked) == []
    await linked(world, session, other, password=None)
    await unlink(world, identity.id, session, None)
    assert ("memory", "1234") not in await identities(world)


async def test_of_two_that_are_unlinked_at_once_one_stays(
    world: World, provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider
) -> None:
    """Two tabs would each remove what the other counts on."""
    session = await opened(world)
    held = [await linked(world, session, one) for one in (provider, other)]
    await without_password(world)
    outcomes = await asyncio.gather(
        *(unlink(world, one.id, session, None) for one in held), return_exceptions=True
    )
    assert sorted(map(type, outcomes), key=str) == [type(None), Forbidden]
    assert len(await identities(world)) == 1


@pytest.mark.parametrize("identity_id", ["", "a" * 64, "\ud800"])
async def test_what_an_account_does_not_have_counts_as_unlinked(
    world: World, provider: InMemoryOAuthProvider, identity_id: str
) -> None:
    """A call that was interrupted could not be completed by repeating it: a thief's session would stay."""
    session = await opened(world)
    await linked(world, session, provider)
    await opened(world)
    await unlink(world, identity_id, session)
    assert await identities(world) == [("memory", "1234")]
    assert await world.live_sessions() == 1
    assert world.events.of(IdentityUnlinked) == []


async def test_an_identity_that_another_call_has_removed_is_not_announced_again(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """The owner would read of two removals."""
    session = await opened(world)
    identity = await linked(world, session, provider)

    async def faster(_number: int, name: str) -> None:
        if name == "users.unlink_oauth":
            world.trace.before = None
            await world.users.unlink_oauth(ANA.id, "memory", "1234", tenant_id=TENANT)

    world.trace.before = faster
    await unlink(world, identity.id, session)
    assert world.events.of(IdentityUnlinked) == world.hooks.of("after_identity_unlinked") == []
    assert await world.live_sessions() == 1


async def test_an_interrupted_removal_is_completed_by_repeating_it(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """The identity would be gone, and the sessions that it has opened would go on."""
    session = await opened(world)
    identity = await linked(world, session, provider)
    await opened(world)

    async def fail(_number: int, name: str) -> None:
        if name.startswith("sessions.revoke"):
            raise StoreUnavailable

    world.trace.before = fail
    with pytest.raises(StoreUnavailable):
        await unlink(world, identity.id, session)
    world.trace.before = None
    assert await world.live_sessions() == 2
    await unlink(world, identity.id, session)
    assert await world.live_sessions() == 1
    # The second call finds nothing to remove, so the first one has told of it.
    assert len(world.events.of(IdentityUnlinked)) == len(world.hooks.of("after_identity_unlinked")) == 1


@pytest.mark.parametrize("status", ["BANNED", None])
async def test_a_blocked_account_or_none_unlinks_nothing(
    world: World, provider: InMemoryOAuthProvider, status: str | None
) -> None:
    """A guard that let its caller in may have used an older status."""
    session: Any = await opened(world)
    identity = await linked(world, session, provider)
    if status is None:
        await world.users.remove(ANA.id, tenant_id=TENANT)
    else:
        world.users.replace(dataclasses.replace(await ana(world), status=status))
    with pytest.raises(TokenInvalid if status is None else AccountBanned):
        await unlink(world, identity.id, session)

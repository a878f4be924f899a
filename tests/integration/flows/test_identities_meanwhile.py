"""A link that is under way while its login ends, its browser leaves or a store fails."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bymax_auth.errors import (
    OAuthFailed,
    RepositoryBackendError,
    StoreUnavailable,
)
from bymax_auth.ports.events import (
    IdentityLinked,
    IdentityLinkStale,
)
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.testing import InMemoryOAuthProvider
from tests.integration.flows.owners import ENDS, begun, identities, opened, world_with
from tests.integration.flows.strangers import arrive
from tests.integration.flows.world import ANA, TENANT, World

STALE = IdentityLinkStale(user_id="u1", tenant_id=TENANT, provider="memory")


@pytest.fixture
def other() -> InMemoryOAuthProvider:
    return InMemoryOAuthProvider("other", uses_form_post=True)


@pytest.fixture
async def world(provider: InMemoryOAuthProvider, other: InMemoryOAuthProvider) -> AsyncIterator[World]:
    ready = world_with(provider, other)
    yield ready
    await ready.engine.aclose()


@pytest.mark.parametrize("end", ["signed out", "every session ended", "password written", "epoch raised"])
async def test_what_ends_a_login_while_it_links_takes_the_identity_away(
    world: World, provider: InMemoryOAuthProvider, end: str
) -> None:
    """A link that is written in the moment in which its thief is thrown out would stay."""
    session = await opened(world)
    back = await begun(world, session, provider)

    async def meanwhile(_number: int, name: str) -> None:
        if name == "users.link_oauth":
            world.trace.before = None
            await ENDS[end](world, session)

    world.trace.before = meanwhile
    with pytest.raises(OAuthFailed):
        await arrive(world, back)
    assert await identities(world) == []
    assert world.events.of(IdentityLinkStale) == [STALE]
    assert world.events.of(IdentityLinked) == []


async def test_an_identity_that_cannot_be_confirmed_is_withdrawn(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """An outage at the wrong moment would leave what nobody may have."""
    session = await opened(world)
    back = await begun(world, session, provider)
    written = False

    async def fail(_number: int, name: str) -> None:
        nonlocal written
        if written and name == "sessions.list":
            raise StoreUnavailable
        written = written or name == "users.link_oauth"

    world.trace.before = fail
    with pytest.raises(StoreUnavailable):
        await arrive(world, back)
    world.trace.before = None
    assert written
    assert await identities(world) == []


async def test_an_identity_that_is_unlinked_at_once_is_not_announced_as_there(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """The page would show what is gone."""
    back = await begun(world, await opened(world), provider)

    async def unlink(_number: int, name: str) -> None:
        if name == "users.list_identities":
            world.trace.before = None
            await world.users.unlink_oauth(ANA.id, "memory", "1234", tenant_id=TENANT)

    world.trace.before = unlink
    with pytest.raises(OAuthFailed):
        await arrive(world, back)


async def test_a_browser_that_goes_away_does_not_leave_a_link_half_way(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """An identity would be written, and never confirmed."""
    back = await begun(world, await opened(world), provider)
    leaving = asyncio.create_task(arrive(world, back))

    async def leave(_number: int, name: str) -> None:
        if name == "users.link_oauth":
            leaving.cancel()

    world.trace.after = leave
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await world.engine.drain()
    assert await identities(world) == [("memory", "1234")]
    assert len(world.events.of(IdentityLinked)) == 1


async def test_a_list_that_cannot_be_read_is_a_failure(provider: InMemoryOAuthProvider) -> None:
    """Somebody would believe that they have no identity."""

    class Away(InMemoryUserRepository):
        async def list_identities(self, *_arguments: Any, **_named: Any) -> Any:
            raise OSError("hunter2")

    def away(_rows: InMemoryUserRepository) -> InMemoryUserRepository:
        return Away()

    world = world_with(provider, users=away)
    with pytest.raises(RepositoryBackendError):
        await identities(world)
    await world.engine.aclose()

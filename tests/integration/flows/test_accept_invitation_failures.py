"""Acceptances that fail for another reason than the invitation: it is there for the next attempt."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import (
    RepositoryBackendError,
    RepositoryValueRefused,
    StoreUnavailable,
    ValidationFailed,
)
from bymax_auth.repositories.memory import InMemoryUserRepository
from bymax_auth.types.account import AuthUser, CreateUserData
from tests.integration.flows.test_accept_invitation import TTL, accept, build, is_usable, world
from tests.integration.flows.test_invite import invite, invite_in_between
from tests.integration.flows.tracing import failing_at
from tests.integration.flows.world import World

__all__ = ["build", "world"]


class Refusing:
    """A repository that cannot hold one name."""

    def __init__(self, rows: InMemoryUserRepository, field: str) -> None:
        self._rows = rows
        self._field = field

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    async def create(self, data: CreateUserData) -> AuthUser:
        if data.name == "Too long for the column":
            raise RepositoryValueRefused(self._field, "is too long")
        return await self._rows.create(data)


async def test_a_name_that_the_database_cannot_hold_leaves_the_invitation(
    build: Callable[..., World],
) -> None:
    """The invitee can choose another name, and must be able to."""
    world = build(users=lambda rows: Refusing(rows, "name"))
    token = await invite(world)
    with pytest.raises(ValidationFailed) as refusal:
        await accept(world, token, name="Too long for the column")
    assert [error.field for error in refusal.value.fields] == ["name"]
    assert await is_usable(world, token)


async def test_a_role_that_the_database_cannot_hold_is_an_internal_error(
    build: Callable[..., World],
) -> None:
    """The invitee did not choose the role, and cannot choose another."""
    world = build(users=lambda rows: Refusing(rows, "role"))
    with pytest.raises(RepositoryValueRefused):
        await accept(world, await invite(world), name="Too long for the column")


async def test_an_outage_after_the_invitation_was_taken_puts_it_back(world: World) -> None:
    """Everybody who accepts during a failover would have to be invited again."""
    token = await invite(world)
    world.trace.clear()
    await is_usable(world, token)
    calls = list(world.trace.calls)
    assert calls[0] == "invitations.take"
    for number, call in enumerate(calls[1 : calls.index("users.create") + 1], 1):
        if call == "kdf.run":
            continue
        token = await invite(world, email=f"guest-{number}@example.com")
        world.trace.clear()
        stored = call.startswith("invitations.")
        failure = StoreUnavailable if stored else TimeoutError
        world.trace.before = failing_at(number, failure)
        with pytest.raises(StoreUnavailable if stored else RepositoryBackendError):
            await accept(world, token)
        world.trace.before = None
        assert await is_usable(world, token), call


@pytest.mark.parametrize("failure", [MemoryError, RuntimeError, asyncio.CancelledError])
async def test_an_invitation_outlives_a_process_that_cannot_hash(
    world: World, failure: type[BaseException]
) -> None:
    """A server without memory or threads, or one that restarts, would spend every link it is sent."""
    token = await invite(world)

    async def fail(_number: int, name: str) -> None:
        if name == "kdf.run":
            raise failure

    world.trace.before = fail
    with pytest.raises(failure):
        await accept(world, token)
    world.trace.before = None
    assert await is_usable(world, token)


async def test_an_invitation_is_put_back_for_the_time_that_is_left(world: World) -> None:
    """A failure must not buy two more days, however often it happens."""
    token = await invite(world)
    world.clock.advance(TTL - timedelta(minutes=1))
    await fail_once(world, token)
    late = await invite(world, email="late@example.com")
    world.clock.advance(timedelta(minutes=1))
    assert not await is_usable(world, token)
    world.clock.advance(TTL - timedelta(minutes=1, seconds=1))
    await fail_once(world, late)
    last = await invite(world, email="last@example.com")
    world.clock.advance(timedelta(milliseconds=500))
    await fail_once(world, late)
    assert not await is_usable(world, late)
    assert await is_usable(world, last)


async def test_an_invitation_that_was_replaced_meanwhile_is_not_put_back(world: World) -> None:
    """An address would have two links, one of which nobody can revoke."""
    token = await invite(world)

    async def replace_it(_number: int, name: str) -> None:
        if name == "users.create":
            world.trace.before = None
            await invite_in_between(world)
            raise TimeoutError

    world.trace.before = replace_it
    with pytest.raises(RepositoryBackendError):
        await accept(world, token)
    await world.engine.drain()
    assert not await is_usable(world, token)
    assert await is_usable(world, world.mail.last("invitation").code)


async def test_an_invitation_that_cannot_be_put_back_changes_no_answer(world: World) -> None:
    """The first failure is what the operator has to see."""
    token = await invite(world)

    async def fail(_number: int, name: str) -> None:
        if name == "users.create":
            raise TimeoutError
        if name == "invitations.put":
            raise StoreUnavailable

    world.trace.before = fail
    with pytest.raises(RepositoryBackendError):
        await accept(world, token)


async def fail_once(world: World, token: str) -> None:
    """Accept while the database is away."""

    async def fail(_number: int, name: str) -> None:
        if name == "users.create":
            raise TimeoutError

    world.trace.before = fail
    with pytest.raises(RepositoryBackendError):
        await accept(world, token)
    world.trace.before = None

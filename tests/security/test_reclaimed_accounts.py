"""A stranger who is signed in, or signs in, while an account becomes its owner's: I-39."""

import contextlib
from typing import Any

import pytest

from bymax_auth.errors import (
    InternalError,
    InvalidCredentials,
    StoreUnavailable,
)
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.results import AuthResult
from tests.integration.flows.strangers import (
    STRANGER,
    account_of,
    arrive,
    deployment,
    keeps_out,
    returned,
    sessions_of,
    signed_in,
    squatted,
)
from tests.integration.flows.tracing import failing_at, once
from tests.integration.flows.world import CONTEXT, World


@pytest.fixture
def provider() -> InMemoryOAuthProvider:
    return InMemoryOAuthProvider()


async def steps_of(provider: InMemoryOAuthProvider) -> list[str]:
    """Everything that a reclamation asks for, in order."""
    world = deployment(provider)
    await squatted(world)
    back = await returned(world, provider)
    world.trace.clear()
    await arrive(world, back)
    await world.engine.aclose()
    return world.trace.calls


async def test_a_stranger_who_signs_in_at_any_step_is_out_at_the_end(
    provider: InMemoryOAuthProvider,
) -> None:
    """Of a sign-in and a reclamation at one moment, the sign-in would win."""
    steps = await steps_of(provider)
    assert steps.index("users.reclaim_with_oauth") > steps.index("sessions.revoke_all")
    for number in range(len(steps)):
        world = deployment(provider)
        await squatted(world)
        back = await returned(world, provider)
        got: list[AuthResult] = []

        async def sign_in(world: World = world, got: list[AuthResult] = got) -> None:
            try:
                result = await world.engine.login(STRANGER, CONTEXT)
            except InvalidCredentials:
                return
            assert isinstance(result, AuthResult)
            got.append(result)

        world.trace.clear()
        world.trace.before = once(number, sign_in)
        result = await arrive(world, back)
        world.trace.before = None
        assert isinstance(result, AuthResult), steps[number]
        for tokens in got:
            await keeps_out(world, tokens)
        await world.engine.authenticate(result.access_token)
        assert len(await sessions_of(world, await account_of(world))) == 1, steps[number]
        await world.engine.aclose()


async def test_a_sign_in_that_is_overtaken_at_any_step_lets_nobody_in(
    provider: InMemoryOAuthProvider,
) -> None:
    """A stranger whose password was proven just before would keep a session."""
    measured = deployment(provider)
    await squatted(measured)
    measured.trace.clear()
    await measured.engine.login(STRANGER, CONTEXT)
    steps = list(measured.trace.calls)
    await measured.engine.aclose()
    for number in range(len(steps)):
        world = deployment(provider)
        await squatted(world)
        back = await returned(world, provider)

        async def reclaim(world: World = world, back: Any = back) -> None:
            await arrive(world, back)

        world.trace.clear()
        world.trace.before = once(number, reclaim)
        try:
            tokens = await world.engine.login(STRANGER, CONTEXT)
        except InvalidCredentials:
            tokens = None
        world.trace.before = None
        if isinstance(tokens, AuthResult):
            await keeps_out(world, tokens)
        assert len(await sessions_of(world, await account_of(world))) == 1, steps[number]
        await world.engine.aclose()


async def test_a_failure_at_any_step_leaves_nobody_inside_with_the_owner(
    provider: InMemoryOAuthProvider,
) -> None:
    """An outage in the middle would leave the stranger signed in to an account that is the owner's."""
    steps = await steps_of(provider)
    for number, name in enumerate(steps):
        world = deployment(provider)
        stranger = await squatted(world)
        back = await returned(world, provider)
        world.trace.clear()
        world.trace.before = failing_at(number, StoreUnavailable)
        with contextlib.suppress(InternalError):
            await arrive(world, back)
        world.trace.before = None
        if (await account_of(world)).email_verified:
            await keeps_out(world, stranger)
        assert isinstance(await signed_in(world, provider), AuthResult), name
        await keeps_out(world, stranger)
        await world.engine.aclose()

"""The second step of a sign-in whose client hangs up, or whose store is away."""

import asyncio
from collections.abc import Callable

import pytest

from bymax_auth.errors import (
    AccountLocked,
    StoreUnavailable,
)
from tests.integration.flows.factors import MFA, App, enrolled
from tests.integration.flows.world import RealmView, World

Worlds = Callable[..., World]


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds(mfa=MFA)


@pytest.fixture
async def app(world: World, view: RealmView) -> App:
    """An account of either realm with a second factor."""
    return await enrolled(world, view.realm)


async def test_a_client_that_hangs_up_has_still_guessed(world: World, app: App) -> None:
    """Else a guess would cost nothing."""
    token = await app.challenge()
    waiting = asyncio.Event()

    async def hold(number: int, name: str) -> None:
        if name == "attempts.fail":
            waiting.set()
            await asyncio.sleep(0)

    world.trace.before = hold
    for _ in range(5):
        waiting.clear()
        guess = asyncio.create_task(app.answer(token, app.wrong_code()))
        await waiting.wait()
        guess.cancel()
        with pytest.raises(asyncio.CancelledError):
            await guess
    await world.engine.drain()
    with pytest.raises(AccountLocked):
        await app.answer(token, app.code())


async def test_an_outage_opens_no_session(world: World, app: App) -> None:
    """A second factor that cannot be checked has not been passed."""
    for name in ("mfa.temp_state", "attempts.begin", "mfa.consume_challenge", "sessions.create"):
        token = await app.challenge()

        async def failing(number: int, called: str, name: str = name) -> None:
            if called == name:
                raise StoreUnavailable

        world.trace.before = failing
        with pytest.raises(StoreUnavailable):
            await app.answer(token, app.code(1))
        world.trace.before = None
        assert await world.live_sessions(app.view.realm) == 0

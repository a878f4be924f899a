"""When password hashing is at its bound, everybody hears the same and nothing is spent."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.errors import Overloaded
from bymax_auth.ports.events import KdfOverloaded
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import ForgotPasswordInput, LoginInput, RegisterInput, ResetPasswordInput
from tests.cheap import COST_OPTIONS
from tests.integration.flows.world import (
    ANA,
    CONTEXT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    TENANT,
    World,
    stored_hash,
)
from tests.servers.patience import PATIENCE


class SlowVerifier:
    """Holds a thread until the test lets go."""

    def __init__(self) -> None:
        self.release = threading.Event()

    def matches(self, stored: str) -> bool:
        return stored == "slow"

    def verify(self, password: str, stored: str) -> bool:
        return self.release.wait(PATIENCE)


@pytest.fixture
async def overloaded(worlds: Callable[..., World]) -> AsyncIterator[World]:
    """A world in which every thread and every place in the queue is taken."""
    slow = SlowVerifier()
    world = worlds(
        password={"scrypt": COST_OPTIONS, "kdf_max_waiting": 0, "legacy_verifiers": (slow,)},
        brute_force={"max_attempts": 100},
    )
    await world.engine.forgot_password(ForgotPasswordInput(email=EMAIL, tenant_id=TENANT), CONTEXT)
    await world.engine.drain()
    passwords = world.engine.login.passwords
    busy = []
    for _ in range(passwords._pool.budget.workers):
        busy.append(asyncio.create_task(passwords.verify(PASSWORD, "slow")))
        await asyncio.sleep(0)
    world.trace.clear()
    yield world
    slow.release.set()
    await asyncio.gather(*busy)


def sign_in(email: str) -> LoginInput:
    return LoginInput(email=email, password=PASSWORD, tenant_id=TENANT)


async def refusal(call: Any) -> tuple[Any, ...]:
    with pytest.raises(Overloaded) as refused:
        await call
    return (refused.value.code, refused.value.status, refused.value.retry_after, refused.value.fields)


async def test_everybody_hears_the_same(overloaded: World) -> None:
    """A busy server must not say which addresses have an account."""
    world = overloaded
    started = world.clock.monotonic()
    answers = {
        await refusal(world.engine.login(sign_in(EMAIL), CONTEXT)),
        await refusal(world.engine.login(sign_in("nobody@example.com"), CONTEXT)),
        await refusal(world.engine.platform.login(LoginInput(email="x@y", password=PASSWORD), CONTEXT)),
    }
    await world.change_account(Realm.DASHBOARD, password_hash=None)
    answers.add(await refusal(world.engine.login(sign_in(EMAIL), CONTEXT)))
    for email in (EMAIL, "new@example.com"):
        applicant = RegisterInput(email=email, name="Bea", password=NEW_PASSWORD, tenant_id=TENANT)
        answers.add(await refusal(world.engine.register(applicant, CONTEXT)))
    assert answers == {("auth.overloaded", 503, timedelta(seconds=1), ())}
    assert world.clock.monotonic() == started
    assert world.trace.count("attempts.fail", "attempts.ok") == 0
    assert world.trace.count("attempts.begin") == world.trace.count("attempts.abandon") == 4
    assert world.trace.count("users.create") == 0
    assert "kdf.overloaded" in world.events.names
    assert world.events.last(KdfOverloaded).workers >= 2


async def test_a_reset_keeps_its_proof(overloaded: World) -> None:
    """Somebody who meets a busy server must be able to try the same link again."""
    world = overloaded
    request = ResetPasswordInput(
        email=EMAIL, tenant_id=TENANT, new_password=NEW_PASSWORD, token=world.mail.last().code
    )
    await refusal(world.engine.reset_password(request, CONTEXT))
    assert world.trace.calls == []


async def test_a_change_keeps_the_old_password(overloaded: World) -> None:
    """A refused change must leave everything as it was."""
    world = overloaded
    change = world.engine.change_password(
        ANA.id, tenant_id=TENANT, current_password=PASSWORD, new_password=NEW_PASSWORD
    )
    await refusal(change)
    assert world.trace.count("users.update_password", "attempts.fail") == 0
    assert world.trace.count("attempts.abandon") == 1


async def test_a_renewal_that_finds_no_place_is_dropped(worlds: Callable[..., World]) -> None:
    """Renewing a hash must never be in the way of somebody signing in."""
    world = worlds()
    flow = world.engine.login
    place = flow.passwords._pool
    real = place.acquire
    taken = 0

    def second_is_refused() -> Any:
        nonlocal taken
        taken += 1
        if taken == 2:
            raise Overloaded
        return real()

    place.acquire = second_is_refused  # type: ignore[method-assign]
    weak = stored_hash(log2_n=12)
    await world.change_account(Realm.DASHBOARD, password_hash=weak)
    await world.login()
    await world.engine.drain()
    assert (await world.account(Realm.DASHBOARD)).password_hash == weak
    assert "detached.failed" not in world.events.names

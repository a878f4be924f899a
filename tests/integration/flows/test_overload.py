"""When password hashing is at its bound, everybody hears the same and nothing is spent."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

import pytest

from bymax_auth.errors import AccountLocked, InvalidCredentials, Overloaded
from bymax_auth.ports.events import KdfOverloaded
from bymax_auth.types.identity import Realm
from bymax_auth.types.inputs import (
    AcceptInvitationInput,
    ForgotPasswordInput,
    LoginInput,
    RegisterInput,
    ResetPasswordInput,
)
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


class BusyThreads:
    """A world with every thread busy until `release`, and sign-ins that wait behind them."""

    def __init__(self, worlds: Callable[..., World], **options: Any) -> None:
        self._slow = SlowVerifier()
        self.world = worlds(password={"scrypt": COST_OPTIONS, "legacy_verifiers": (self._slow,)}, **options)
        self._tasks: list[asyncio.Task[Any]] = []

    async def __aenter__(self) -> Self:
        passwords = self.world.engine.login.passwords
        for number in range(passwords._pool.budget.workers):
            self._start(passwords.verify(PASSWORD, "slow", client=f"busy {number}"))
        await self._settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def sign_in(self, email: str, password: str, ip: str) -> "asyncio.Task[Any]":
        """Start a sign-in, and return once it waits for a thread."""
        context = replace(CONTEXT, ip=ip)
        credentials = LoginInput(email=email, password=password, tenant_id=TENANT)
        task = self._start(self.world.engine.login(credentials, context))
        await self._settle()
        return task

    def release(self) -> None:
        self._slow.release.set()

    def _start(self, call: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.create_task(call)
        self._tasks.append(task)
        return task

    async def _settle(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
async def test_waiting_for_a_thread_does_not_use_up_the_minimum_duration(
    worlds: Callable[..., World], email: str
) -> None:
    """While others sign in, a refusal would otherwise last as long as its derivation, and name accounts."""
    async with BusyThreads(worlds) as busy:
        started = busy.world.clock.monotonic()
        refused = await busy.sign_in(email, "wrong password", "203.0.113.1")
        busy.world.clock.advance(timedelta(seconds=5))
        busy.release()
        with pytest.raises(InvalidCredentials):
            await refused
        assert busy.world.clock.monotonic() - started == pytest.approx(5.3)


async def test_no_more_guesses_are_evaluated_than_may_fail_however_long_the_queue(
    worlds: Callable[..., World],
) -> None:
    """Whoever makes the queue long enough could otherwise try passwords without a limit."""
    limit = 5
    async with BusyThreads(worlds, brute_force={"max_attempts": limit}) as busy:
        guesses: list[asyncio.Task[Any]] = []
        for wave in range(4):
            for number in range(limit):
                password = PASSWORD if wave == 0 else f"wrong password {number}"
                guesses.append(await busy.sign_in(EMAIL, password, f"203.0.{wave}{number}.1"))
            busy.world.clock.advance(timedelta(seconds=31))
        busy.release()
        outcomes = await asyncio.gather(*guesses, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {Overloaded}
        assert busy.world.trace.count("attempts.fail", "attempts.ok", "sessions.create") == 0


async def test_an_attempt_that_lapsed_takes_no_other_ones_place_away(worlds: Callable[..., World]) -> None:
    """Its end would make room for one guess more than may fail."""
    async with BusyThreads(worlds, brute_force={"max_attempts": 1}) as busy:
        lapsed = await busy.sign_in(EMAIL, PASSWORD, "203.0.113.1")
        busy.world.clock.advance(timedelta(seconds=31))
        current = await busy.sign_in(EMAIL, "wrong password", "198.51.100.1")
        busy.release()
        with pytest.raises(Overloaded):
            await lapsed
        with pytest.raises(InvalidCredentials):
            await current
        with pytest.raises(AccountLocked):
            await (await busy.sign_in(EMAIL, PASSWORD, "192.0.2.1"))


async def test_a_network_with_many_addresses_keeps_nobody_from_signing_in(
    worlds: Callable[..., World],
) -> None:
    """A customer's own network of 256 buckets would otherwise fill every place in the queue."""
    async with BusyThreads(worlds) as busy:
        crowd = [
            await busy.sign_in(f"nobody{number}@example.com", "wrong", f"2001:db8:0:{number:x}::1")
            for number in range(256)
        ]
        owner = await busy.sign_in(EMAIL, PASSWORD, "203.0.113.1")
        assert any(task.done() for task in crowd)
        busy.release()
        assert (await owner).user.email == EMAIL


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


async def test_an_acceptance_keeps_its_invitation(overloaded: World) -> None:
    """Nobody is invited twice because a server was busy, and a guessed token hears the same."""
    world = overloaded
    given = AcceptInvitationInput(token="0" * 64, name="Gus", password=NEW_PASSWORD)
    heard = await refusal(world.engine.accept_invitation(given, CONTEXT))
    assert heard[:2] == ("auth.overloaded", 503)
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

    def second_is_refused(client: str) -> Any:
        nonlocal taken
        taken += 1
        if taken == 2:
            raise Overloaded
        return real(client)

    place.acquire = second_is_refused  # type: ignore[method-assign]
    weak = stored_hash(log2_n=12)
    await world.change_account(Realm.DASHBOARD, password_hash=weak)
    await world.login()
    await world.engine.drain()
    assert (await world.account(Realm.DASHBOARD)).password_hash == weak
    assert "detached.failed" not in world.events.names

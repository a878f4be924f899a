"""A stranger who is signed in, or signs in, while an account becomes its owner's: I-39."""

import contextlib
from typing import Any

import pytest

from bymax_auth.errors import (
    EmailAlreadyExists,
    InternalError,
    InvalidCredentials,
    MfaSetupRequired,
    MfaStateConflict,
    OAuthEmailMismatch,
    OAuthFailed,
    StoreUnavailable,
)
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.identity import Realm
from bymax_auth.types.results import AuthResult
from tests.integration.flows.factors import App
from tests.integration.flows.strangers import (
    REGISTRATION,
    STRANGER,
    account_of,
    arrive,
    deployment,
    ended,
    keeps_out,
    returned,
    sessions_of,
    signed_in,
    squatted,
)
from tests.integration.flows.tracing import Interruption, failing_at, once
from tests.integration.flows.world import CONTEXT, PASSWORD, TENANT, World


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
    order = ["users.remove_credentials", "sessions.revoke_all", "users.reclaim_with_oauth"]
    assert [step for step in steps if step in order] == order
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
        strangers = [await squatted(world)]
        await world.engine.mfa_setup(strangers[0].user.id, tenant_id=TENANT, password=PASSWORD)
        back = await returned(world, provider)
        world.trace.clear()
        world.trace.before = persistent(world, strangers, number)
        with contextlib.suppress(InternalError):
            await arrive(world, back)
        world.trace.before = None
        account = await account_of(world)
        if account.password_hash is None:
            subject = world.engine.identifiers.subject(Realm.DASHBOARD, account.id, TENANT)
            assert await world.stores.mfa.read_setup(subject) is None
        if account.email_verified:
            for tokens in strangers:
                await ended(world, tokens)
        assert isinstance(await signed_in(world, provider), AuthResult), name
        for tokens in strangers:
            await ended(world, tokens)
        await keeps_out(world, strangers[0])
        await world.engine.aclose()


def persistent(world: World, got: list[AuthResult], failing: int) -> Interruption:
    """A stranger who signs in before every call of the repository while they can, and a step that fails."""
    fail, step, busy, shut = failing_at(failing, StoreUnavailable), -1, False, False

    async def interrupt(_number: int, name: str) -> None:
        nonlocal step, busy, shut
        if busy or name == "users.update_last_login":
            return
        step += 1
        busy = name.startswith("users.") and not shut
        if busy:
            try:
                result = await world.engine.login(STRANGER, CONTEXT)
                assert isinstance(result, AuthResult)
                got.append(result)
            except InvalidCredentials:
                shut = True
            busy = False
        await fail(step, name)

    return interrupt


async def test_a_registration_that_is_overtaken_at_any_step_lets_nobody_in(
    provider: InMemoryOAuthProvider,
) -> None:
    """A stranger whose account was created a moment ago would get their first session in the owner's."""
    for number in range(len(await calls_of_registration(provider))):
        world = deployment(provider)
        back = await returned(world, provider)

        async def arrive_first(world: World = world, back: Any = back) -> None:
            assert isinstance(await arrive(world, back), AuthResult)

        world.trace.clear()
        world.trace.before = once(number, arrive_first)
        with contextlib.suppress(EmailAlreadyExists):
            result = await world.engine.register(REGISTRATION, CONTEXT)
            if isinstance(result, AuthResult):
                await ended(world, result)
        world.trace.before = None
        await world.engine.drain()
        assert len(await sessions_of(world, await account_of(world))) == 1, number
        await world.engine.aclose()


async def calls_of_registration(provider: InMemoryOAuthProvider) -> list[str]:
    world = deployment(provider)
    await world.engine.register(REGISTRATION, CONTEXT)
    calls = list(world.trace.calls)
    await world.engine.aclose()
    return calls


async def test_a_first_sign_in_that_is_overtaken_at_any_step_lets_nobody_in(
    provider: InMemoryOAuthProvider,
) -> None:
    """So would one who came by a provider that verifies nothing."""
    number, steps = 0, 1
    while number < steps:
        careless = InMemoryOAuthProvider("careless")
        world = deployment(provider, careless)
        stranger = await returned(world, careless, provider_id="stranger", verified=False)
        owner = await returned(world, provider)

        async def arrive_first(world: World = world, owner: Any = owner) -> None:
            assert isinstance(await arrive(world, owner), AuthResult)

        world.trace.clear()
        if number > 0:  # the first turn counts the steps
            world.trace.before = once(number - 1, arrive_first)
        with contextlib.suppress(OAuthFailed, OAuthEmailMismatch):
            result = await arrive(world, stranger, "careless")
            await world.engine.drain()
            if isinstance(result, AuthResult) and number > 0:
                await ended(world, result)
        if number == 0:
            steps += len(world.trace.calls)
        world.trace.before = None
        await world.engine.drain()
        assert len(await sessions_of(world, await account_of(world))) == 1, number
        await world.engine.aclose()
        number += 1


@pytest.mark.parametrize("has_password", [True, False])
async def test_an_enrolment_that_is_overtaken_at_any_step_leaves_the_owner_no_factor(
    provider: InMemoryOAuthProvider, has_password: bool
) -> None:
    """The owner would be asked for codes of an app that the stranger has."""
    number, steps = 0, 1
    while number < steps:
        careless = InMemoryOAuthProvider("careless")
        world = deployment(provider, careless)
        if has_password:
            user = (await squatted(world)).user
            shown = await world.engine.mfa_setup(user.id, tenant_id=TENANT, password=PASSWORD)
        else:
            tokens = await signed_in(world, careless, provider_id="stranger", verified=False)
            assert isinstance(tokens, AuthResult)
            user = tokens.user
            shown = await world.engine.mfa_setup(user.id, tenant_id=TENANT)
        owner = await returned(world, provider)

        async def arrive_first(world: World = world, owner: Any = owner) -> None:
            with contextlib.suppress(OAuthEmailMismatch):
                await arrive(world, owner)

        world.trace.clear()
        if number > 0:  # the first turn counts the steps
            world.trace.before = once(number - 1, arrive_first)
        code = App(world, world.realm(Realm.DASHBOARD), shown.secret, ()).code()
        with contextlib.suppress(MfaSetupRequired, MfaStateConflict):
            await world.engine.mfa_verify_enable(user.id, code, tenant_id=TENANT, context=CONTEXT)
        if number == 0:
            steps += len(world.trace.calls)
        world.trace.before = None
        await world.engine.drain()
        account = await account_of(world)
        assert not (account.email_verified and account.mfa_enabled), number
        await world.engine.aclose()
        number += 1

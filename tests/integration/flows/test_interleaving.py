"""A revocation that lands at any step of a flow: whatever the flow answers is dead."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bymax_auth.errors import AuthError
from bymax_auth.types.identity import Realm
from tests.integration.flows.journeys import Journey, calls_of, journey
from tests.integration.flows.tracing import once
from tests.integration.flows.world import CONTEXT

Revocation = Callable[[Journey], Awaitable[Any]]


async def _revoke_all(at: Journey) -> None:
    await at.world.stores.sessions.revoke_all(at.world.subject(at.view.realm))


async def _reset(at: Journey) -> None:
    """A password reset: the password first, the sessions after it."""
    await at.world.change_account(at.view.realm, password_hash="plain:what the owner chose")
    await _revoke_all(at)


async def _ban(at: Journey) -> None:
    await at.world.change_account(at.view.realm, status="BANNED")
    await _revoke_all(at)


async def _interrupted(at: Journey, number: int, revocation: Revocation, *, after: bool) -> Any:
    interruption = once(number, lambda: revocation(at))
    if after:
        at.world.trace.after = interruption
    else:
        at.world.trace.before = interruption
    try:
        answer = await at.run()
    except AuthError:
        answer = None
    await at.world.engine.drain()
    at.world.trace.before = at.world.trace.after = None
    return answer


async def _is_dead(at: Journey, answer: Any) -> None:
    assert await at.world.live_sessions(at.view.realm) == 0
    tokens = [at.session] if answer is None else [at.session, getattr(answer, "tokens", answer)]
    for pair in tokens:
        with pytest.raises(AuthError):
            await at.view.flows.refresh(pair.refresh_token, CONTEXT)
        with pytest.raises(AuthError):
            await at.view.flows.authenticate(pair.access_token)


@pytest.mark.untraced
@pytest.mark.parametrize("realm", list(Realm))
@pytest.mark.parametrize("revocation", [_reset, _ban])
async def test_a_sign_in_never_outlives_what_ended_its_password(realm: Realm, revocation: Revocation) -> None:
    """Whoever signs in with a stolen password while its owner recovers the account must come out empty."""
    for number, call in enumerate(await calls_of("login", realm)):
        if call.endswith("update_last_login"):
            continue
        for after in (False, True):
            async with journey("login", realm) as at:
                await _is_dead(at, await _interrupted(at, number, revocation, after=after))


@pytest.mark.parametrize("realm", list(Realm))
async def test_a_sign_in_in_flight_is_reached_by_a_revocation(realm: Realm) -> None:
    """Signing out everywhere must include the device that is just signing in."""
    calls = await calls_of("login", realm)
    read_again = next(number for number, call in enumerate(calls) if call.endswith("find_by_id"))
    fenced = [calls.index("revocation.current_epoch"), *range(read_again, len(calls))]
    for number in fenced:
        if calls[number].endswith("update_last_login"):
            continue
        async with journey("login", realm) as at:
            await _is_dead(at, await _interrupted(at, number, _revoke_all, after=True))


@pytest.mark.untraced
@pytest.mark.parametrize("realm", list(Realm))
@pytest.mark.parametrize("name", ["refresh", "recovery"])
@pytest.mark.parametrize("revocation", [_revoke_all, _reset, _ban])
async def test_a_refresh_never_outlives_a_revocation(name: str, realm: Realm, revocation: Revocation) -> None:
    """Signing out everywhere must include the device that is just refreshing."""
    for number in range(len(await calls_of(name, realm))):
        for after in (False, True):
            async with journey(name, realm) as at:
                await _is_dead(at, await _interrupted(at, number, revocation, after=after))

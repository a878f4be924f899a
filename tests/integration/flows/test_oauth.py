"""Sign-in with a provider: the departure and the state."""

import asyncio
import dataclasses
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bymax_auth.config.resolvers import TenantUnresolved
from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.pkce import challenge_of, nonce_of
from bymax_auth.errors import Forbidden, OAuthFailed, StoreUnavailable, ValidationFailed
from bymax_auth.ports.events import LoginSucceeded, RegisterSucceeded
from bymax_auth.ports.one_time import OAUTH_STATE, OAuthState
from bymax_auth.services.oauth_states import NewState
from bymax_auth.testing import InMemoryOAuthProvider
from bymax_auth.types.results import AuthResult
from tests.integration.flows.strangers import (
    ZOE,
    Return,
    account_of,
    arrive,
    depart,
    returned,
    signed_in,
    world_of,
)
from tests.integration.flows.tracing import failing_at
from tests.integration.flows.world import CONTEXT, TENANT, World


@pytest.fixture
async def world(provider: InMemoryOAuthProvider) -> AsyncIterator[World]:
    ready = world_of(provider, InMemoryOAuthProvider("other"))
    yield ready
    await ready.engine.aclose()


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# ── departure ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_browser_leaves_with_a_state_a_challenge_and_a_nonce(world: World) -> None:
    """Without any of the three, a code that was stolen on the way back would be good for whoever has it."""
    redirect = await depart(world)
    assert re.fullmatch("[0-9a-f]{64}", redirect.state)
    kept = await world.stores.proofs.read(OAUTH_STATE, sha256_hex(redirect.state))
    assert kept is not None
    assert (kept.provider, kept.tenant_id) == ("memory", TENANT)
    sent = query_of(redirect.authorize_url)
    assert sent["state"] == redirect.state
    assert (sent["code_challenge"], sent["nonce"]) == (
        challenge_of(kept.code_verifier),
        nonce_of(kept.code_verifier),
    )
    assert (await depart(world)).state != redirect.state


async def test_a_redirect_shows_neither_state_nor_query(world: World) -> None:
    """A log of the departure would hold what binds the browser."""
    redirect = await depart(world)
    assert redirect.state not in repr(redirect)
    assert redirect.authorize_url.partition("?")[0] in repr(redirect)


def test_a_new_state_prints_nothing() -> None:
    """An error reporter would send away what binds the browser, and what completes the exchange."""
    assert repr(NewState("0" * 64, "verifier")) == "NewState()"


@pytest.mark.parametrize("name", ["", "google", "Memory", "memory ", "a" * 65, "../memory"])
async def test_nobody_is_sent_to_an_unknown_provider(world: World, name: str) -> None:
    """A name that is not registered must cost nothing: no tenant is asked for, and nothing is stored."""
    with pytest.raises(OAuthFailed):
        await world.engine.oauth_initiate(name, None, CONTEXT)
    assert world.trace.count("proofs.put") == 0


async def test_the_tenant_is_decided_before_a_state_is_kept(provider: InMemoryOAuthProvider) -> None:
    """A refusal of the tenant would fill the store."""

    class Nowhere:
        async def resolve(self, _parts: Any) -> str:
            raise TenantUnresolved

    world = world_of(provider)
    with pytest.raises(ValidationFailed):
        await world.engine.oauth_initiate("memory", None, CONTEXT)
    closed = world_of(provider, tenancy={"resolver": Nowhere()})
    with pytest.raises(Forbidden):
        await closed.engine.oauth_initiate("memory", TENANT, CONTEXT)
    assert world.trace.count("proofs.put") == closed.trace.count("proofs.put") == 0
    await world.engine.aclose()
    await closed.engine.aclose()


async def test_a_departure_that_is_not_kept_is_a_failure(world: World) -> None:
    """The browser would come back to be refused."""
    world.trace.before = failing_at(0, StoreUnavailable)
    with pytest.raises(StoreUnavailable):
        await depart(world)


# ── the state ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_person_comes_back_and_is_signed_in(world: World, provider: InMemoryOAuthProvider) -> None:
    """The whole way: a new account with the identity, without a password, and a session of it."""
    result = await signed_in(world, provider)
    assert isinstance(result, AuthResult)
    zoe = await account_of(world)
    assert (zoe.password_hash, zoe.email_verified, zoe.status) == (None, True, "active")
    assert (zoe.oauth_provider, zoe.oauth_provider_id, zoe.name) == ("memory", "1234", "zoe")
    assert (await world.engine.authenticate(result.access_token)).claims.sub == zoe.id
    assert world.events.of(RegisterSucceeded) == [RegisterSucceeded(user_id=zoe.id, tenant_id=TENANT)]
    assert world.events.of(LoginSucceeded) == [LoginSucceeded(user_id=zoe.id, tenant_id=TENANT)]


async def test_a_new_account_gets_no_alert_and_its_sign_in_is_recorded(
    provider: InMemoryOAuthProvider,
) -> None:
    """Whoever has just made an account would be warned of themselves; the host would not see them sign in."""
    world = world_of(provider, sessions={"enabled": True})
    await signed_in(world, provider)
    assert world.mail.of("new_session_alert") == []
    [(user, about)] = world.hooks.of("after_login")
    zoe = await account_of(world)
    assert (user.id, about.user_id, about.email, about.tenant_id) == (zoe.id, zoe.id, ZOE, TENANT)
    assert (about.ip, about.user_agent) == (CONTEXT.ip, CONTEXT.user_agent)
    assert zoe.last_login_at is not None
    assert "after_register" not in world.hooks.names
    await signed_in(world, provider)
    assert len(world.hooks.of("on_new_session")) == 2
    await world.engine.aclose()


BROKEN: dict[str, Callable[[Return], Return]] = {
    "no cookie": lambda back: dataclasses.replace(back, cookie=None),
    "an empty cookie": lambda back: dataclasses.replace(back, cookie=""),
    "another browser's cookie": lambda back: dataclasses.replace(back, cookie="a" * 64),
    "a longer cookie": lambda back: dataclasses.replace(back, cookie=f"{back.cookie}0"),
    "half a character in the cookie": lambda back: dataclasses.replace(back, cookie="\ud800"),
    "a state in capitals": lambda back: dataclasses.replace(
        back, state=back.state.upper() + "A", cookie=back.state.upper() + "A"
    ),
    "a state with a line feed": lambda back: dataclasses.replace(
        back, state=back.state + "\n", cookie=f"{back.cookie}\n"
    ),
    "half a character in the state": lambda back: dataclasses.replace(back, state="\ud800", cookie="\ud800"),
}


@pytest.mark.parametrize("change", BROKEN)
async def test_a_state_of_another_browser_is_refused_and_not_consumed(
    world: World, provider: InMemoryOAuthProvider, change: str
) -> None:
    """A link on another page would end somebody's sign-in, or finish it with a stranger's account."""
    back = await returned(world, provider)
    world.trace.clear()
    with pytest.raises(OAuthFailed):
        await arrive(world, BROKEN[change](back))
    assert world.trace.calls == []
    assert isinstance(await arrive(world, back), AuthResult)


async def test_a_state_works_once(world: World, provider: InMemoryOAuthProvider) -> None:
    """Whoever finds the address in the browser's history would be signed in."""
    back = await returned(world, provider)
    await arrive(world, back)
    with pytest.raises(OAuthFailed):
        await arrive(world, back)
    assert len(provider.callbacks) == 1


async def test_of_two_returns_at_once_one_is_signed_in(world: World, provider: InMemoryOAuthProvider) -> None:
    """A double click would make two accounts, or two sessions of one code."""
    back = await returned(world, provider)
    outcomes = await asyncio.gather(*(arrive(world, back) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(outcome, AuthResult) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, OAuthFailed) for outcome in outcomes) == 5
    assert len(provider.callbacks) == 1


async def test_a_state_of_another_provider_is_refused_and_consumed(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """A dishonest provider would get the code that an honest one has issued."""
    back = await returned(world, provider)
    for name in ("other", "memory"):
        with pytest.raises(OAuthFailed):
            await arrive(world, back, name)
    assert provider.callbacks == []


async def test_a_state_ends_after_ten_minutes(world: World, provider: InMemoryOAuthProvider) -> None:
    """A page that was left open at the provider would sign in whoever comes to the desk next."""
    early, late = await returned(world, provider), await returned(world, provider)
    world.clock.advance(timedelta(seconds=599))
    assert isinstance(await arrive(world, early), AuthResult)
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(OAuthFailed):
        await arrive(world, late)


async def test_a_state_that_cannot_be_read_is_refused(world: World, provider: InMemoryOAuthProvider) -> None:
    """A record without a provider would accept the code of any."""
    back = await returned(world, provider)
    damaged = OAuthState(provider="", tenant_id=TENANT, code_verifier="v" * 43)
    await world.stores.proofs.put(OAUTH_STATE, sha256_hex(back.state), damaged, timedelta(minutes=1))
    with pytest.raises(OAuthFailed):
        await arrive(world, back)
    assert provider.callbacks == []


async def test_the_tenant_is_the_one_of_the_departure(provider: InMemoryOAuthProvider) -> None:
    """The return is an address that anybody can write."""

    class ByPath:
        async def resolve(self, parts: Any) -> str:
            return str(parts.path)

    world = world_of(provider, tenancy={"resolver": ByPath()})
    there = dataclasses.replace(CONTEXT, path="globex")
    redirect = await world.engine.oauth_initiate("memory", None, there)
    brought = provider.sign_in(redirect.authorize_url, email=ZOE)
    result = await world.engine.oauth_callback(
        "memory", **brought, state_cookie=redirect.state, context=CONTEXT
    )
    assert isinstance(result, AuthResult)
    assert result.user.tenant_id == "globex"
    [(_, _, about)] = world.hooks.of("on_oauth_login")
    assert about.tenant_id == "globex"
    await world.engine.aclose()


async def test_a_browser_that_goes_away_does_not_stop_half_way(
    world: World, provider: InMemoryOAuthProvider
) -> None:
    """The state would be spent, and the person would have an account or none by chance."""
    back = await returned(world, provider)
    leaving = asyncio.create_task(arrive(world, back))

    async def leave(_number: int, name: str) -> None:
        if name == "proofs.consume":
            leaving.cancel()

    world.trace.after = leave
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await world.engine.drain()
    await account_of(world)

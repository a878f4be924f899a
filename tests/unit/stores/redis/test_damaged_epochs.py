"""Epochs that somebody else has written over: no token comes back, and nothing half happens."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from bymax_auth.errors import StoreCorrupt, StoreError
from bymax_auth.ports.revocation import REVOKED, TokenState
from bymax_auth.ports.sessions import InGrace
from bymax_auth.stores.redis import RedisStores
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import CachedStatus
from tests.contract.samples import account, exchange, new_session, recovery, sign_in, token

OWNER = account(Realm.DASHBOARD)
EPOCH = f"auth:ep:{OWNER.hash}"
NO_EPOCHS = ("", "nan", "1e3", " 1", "1\n", "-1", "007", "9" * 16, "9" * 5000)

Step = Callable[[RedisStores], Awaitable[Any]]


@pytest.fixture(autouse=True)
async def sessions(stores: RedisStores) -> None:
    """What an account has whose epoch is damaged."""
    for name in ("a", "b"):
        await sign_in(stores, OWNER, name)
    await exchange(stores, OWNER, "b", "c")


async def create(stores: RedisStores) -> Any:
    return await stores.sessions.create(OWNER, new_session(OWNER, "d"))


async def recover(stores: RedisStores) -> Any:
    seen = await stores.sessions.snapshot(OWNER.realm, token("b"))
    assert isinstance(seen, InGrace)
    return await stores.sessions.recover(OWNER, recovery(OWNER, "b", seen, "f"))


async def revoke_all(stores: RedisStores) -> Any:
    return await stores.sessions.revoke_all(OWNER)


async def revoke_others(stores: RedisStores) -> Any:
    return await stores.sessions.revoke_all_except(OWNER, token("a").hash, must_exist=True)


async def bump(stores: RedisStores) -> Any:
    return await stores.revocation.bump_epoch(OWNER)


WRITERS = (create, recover, revoke_all, revoke_others, bump)


def contents(raw: Redis) -> dict[Any, Any]:
    sets = {key: raw.smembers(key) for key in raw.keys("*") if raw.type(key) == "set"}
    return sets | {key: raw.dump(key) for key in raw.keys("*") if key not in sets}


@pytest.mark.parametrize("value", NO_EPOCHS, ids=lambda value: repr(value[:8]))
@pytest.mark.parametrize("step", WRITERS)
async def test_an_epoch_that_no_count_reaches_stops_every_step_before_it_writes(
    stores: RedisStores, raw: Redis, step: Step, value: str
) -> None:
    """Signing out everywhere would end the sessions and leave every access token alive."""
    raw.set(EPOCH, value, ex=60)
    before = contents(raw)
    with pytest.raises(StoreCorrupt):
        await step(stores)
    assert contents(raw) == before


@pytest.mark.parametrize("step", WRITERS)
async def test_an_epoch_of_another_type_stops_every_step_before_it_writes(
    stores: RedisStores, raw: Redis, step: Step
) -> None:
    """The same, where a whole record was written over."""
    raw.rpush(EPOCH, "1")
    raw.expire(EPOCH, 60)
    before = contents(raw)
    with pytest.raises(StoreCorrupt):
        await step(stores)
    assert contents(raw) == before


@pytest.mark.parametrize("value", NO_EPOCHS, ids=lambda value: repr(value[:8]))
async def test_an_epoch_that_no_count_reaches_is_never_compared(
    stores: RedisStores, raw: Redis, value: str
) -> None:
    """A request would end in an error of the interpreter, or pass on a number nobody wrote."""
    raw.set(EPOCH, value, ex=60)
    for step in (stores.revocation.token_state(OWNER, "jti"), stores.revocation.current_epoch(OWNER)):
        with pytest.raises(StoreCorrupt):
            await step


@pytest.mark.parametrize("value", NO_EPOCHS, ids=lambda value: repr(value[:8]))
async def test_a_damaged_epoch_ends_its_own_account_and_no_other(
    stores: RedisStores, raw: Redis, value: str
) -> None:
    """Open sockets are checked together: one record would throw everybody out, or leave everybody in."""
    other = account(Realm.DASHBOARD, "u2")
    raw.set(EPOCH, value, ex=60)
    states = await stores.revocation.token_states([(OWNER, "j1"), (other, "j2")])
    assert list(states) == [REVOKED, TokenState(False, 0, None)]


async def test_an_epoch_of_another_type_is_never_taken_for_zero(stores: RedisStores, raw: Redis) -> None:
    """A sign-in that began before a reset would pass the fence that the reset has raised."""
    raw.rpush(EPOCH, "1")
    raw.expire(EPOCH, 60)
    with pytest.raises(StoreError):
        await stores.revocation.current_epoch(OWNER)


@pytest.mark.parametrize("value", ["", "x", "true", "2"])
async def test_a_verification_that_is_neither_yes_nor_no_is_asked_again(
    stores: RedisStores, raw: Redis, value: str
) -> None:
    """A person who has proven the address would be told to prove it."""
    await stores.revocation.remember_status(OWNER, CachedStatus("ACTIVE", True), timedelta(minutes=1))
    (key,) = raw.keys("auth:uev:*")
    raw.set(key, value, ex=60)
    state = await stores.revocation.token_state(OWNER, "jti")
    assert state.status == CachedStatus("ACTIVE", None)

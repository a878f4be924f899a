"""Scripts on a Redis that lets them touch no key that they were not given."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, Literal

import pytest
from redis import Redis

from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.sessions import Created, FamilyRevoked, Missing, RevokedAll, Rotated
from bymax_auth.stores.redis.connection.connect import Limits, connect
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.mfa import RedisMfaStore
from bymax_auth.stores.redis.replies import Argument
from bymax_auth.stores.redis.scripts.declared_keys import DeclaredKeysExecutor
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.sessions import RedisSessionStore
from bymax_auth.types.identity import KeyLayout, Realm
from tests.contract.samples import FAMILY, IDENTIFIERS, START, account, new_session, rotation, token
from tests.servers.patience import redis_stores
from tests.servers.redis import RedisProcess

OWNER = account(Realm.DASHBOARD)
INDEX = f"auth:sess:{OWNER.hash}"
HOUR = timedelta(hours=1)
MANY_KEYS = ("DEL", "EXISTS", "MGET")

Happening = Callable[[], object]


class Interrupted(DeclaredKeysExecutor):
    """An executor under which something happens between each read of a set and the script that follows."""

    __slots__ = ("happens",)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.happens: list[Happening] = []

    async def read(self, *command: Argument) -> Any:
        reply = await super().read(*command)
        if command[0] == "SMEMBERS" and self.happens:
            self.happens.pop()()
        return reply


@pytest.fixture
async def executor(redis_server: RedisProcess) -> AsyncIterator[Interrupted]:
    client = connect(redis_server.url, Limits())
    opened = Interrupted(client, KeyBuilder("auth", KeyLayout.SHARED))
    yield opened
    await opened.aclose()
    await client.aclose()


@pytest.fixture
def sessions(executor: Interrupted) -> RedisSessionStore:
    return RedisSessionStore(executor)


@pytest.fixture
async def free(redis_server: RedisProcess) -> AsyncIterator[RedisSessionStore]:
    client = connect(redis_server.url, Limits())
    executor = ScriptExecutor(client, KeyBuilder("auth", KeyLayout.SHARED))
    yield RedisSessionStore(executor)
    await executor.aclose()
    await client.aclose()


def name_of(pruning: bool, start: str) -> str:
    """A token's name whose hash makes its exchange prune, or not."""
    numbers = (f"{start}-{number}" for number in range(10_000))
    return next(name for name in numbers if (int(token(name).hash[:4], 16) % 64 == 0) is pruning)


async def everything(sessions: RedisSessionStore, raw: Redis) -> None:
    """Every step that rebuilds keys, on an account with live, ended and exchanged sessions."""
    for name in ("a", "b", "ended"):
        await sessions.create(OWNER, new_session(OWNER, name))
    raw.delete(f"auth:rt:{token('ended').hash}")
    presented = "a"
    for number in range(70):
        successor = name_of(number == 60, f"step-{number}")
        rotated = await sessions.rotate(OWNER, rotation(OWNER, presented, successor, grace=HOUR))
        assert isinstance(rotated, Rotated)
        raw.delete(f"auth:rp:{token(presented).hash}")
        presented = successor
    await sessions.list(OWNER)
    await sessions.create(OWNER, new_session(OWNER, "c", family=None, cap=2))
    await sessions.rotate(OWNER, rotation(OWNER, "c", "c-next", family=None))
    kept = await sessions.revoke_all_except(OWNER, token("c").hash, must_exist=True)
    assert isinstance(kept, RevokedAll)
    for name in ("d", "e"):
        await sessions.create(OWNER, new_session(OWNER, name, family="of two"))
    assert await sessions.revoke(OWNER, token("e").hash)
    await sessions.create(OWNER, new_session(OWNER, "f"))
    await sessions.revoke_family(OWNER.realm, FAMILY, None, IDENTIFIERS.subject_factory(OWNER.realm))
    await sessions.revoke_all(OWNER)


async def undeclared(process: RedisProcess, steps: Awaitable[None]) -> set[str]:
    """The commands of scripts, all of them known to Redis, that touched a key which theirs was not given."""
    found: set[str] = set()
    given: set[str] = set()
    with process.client() as client, client.monitor() as monitor:
        await steps
        client.echo("done")
        while True:
            seen = monitor.next_command()
            command, *words = seen["command"].split(" ")
            if command == "ECHO":
                return found
            if command == "EVALSHA":
                given = set(words[2 : 2 + int(words[1])])
            elif seen["client_type"] == "lua":
                touched = words if command in MANY_KEYS else words[:1]
                found |= {command} if set(touched) - given else set()


async def test_no_script_touches_a_key_that_it_was_not_given(
    sessions: RedisSessionStore, raw: Redis, redis_server: RedisProcess
) -> None:
    """A managed Redis would refuse to sign anybody out everywhere."""
    await everything(sessions, raw)
    assert await undeclared(redis_server, everything(sessions, raw)) == set()


async def test_scripts_rebuild_keys_where_they_may(
    free: RedisSessionStore, raw: Redis, redis_server: RedisProcess
) -> None:
    """The test above would see nothing, and pass whatever the scripts touch."""
    await everything(free, raw)
    assert await undeclared(redis_server, everything(free, raw)) == {"DEL", "EXISTS", "GET"}


async def test_a_second_factor_touches_only_keys_that_it_was_given(
    executor: Interrupted, redis_server: RedisProcess
) -> None:
    """A managed Redis would refuse every sign-in with a code."""
    mfa = RedisMfaStore(executor)

    async def second_steps() -> None:
        for name in ("first", "second"):
            await mfa.put_temp(OWNER, token(name).hash, HOUR)
            await mfa.consume_challenge(OWNER, token("code").hash, token(name).hash, HOUR)
        await mfa.consume_challenge(OWNER, token("late").hash, token("first").hash, HOUR)
        await mfa.acquire_lock(OWNER, "nonce", HOUR)
        for nonce in ("another", "nonce"):
            await mfa.release_lock(OWNER, nonce)

    await second_steps()
    assert await undeclared(redis_server, second_steps()) == set()


async def test_a_session_that_begins_meanwhile_is_ended_too(
    executor: Interrupted, sessions: RedisSessionStore, raw: Redis
) -> None:
    """A thief who signs in at that moment would stay signed in."""
    await sessions.create(OWNER, new_session(OWNER, "a"))
    await sessions.create(OWNER, new_session(OWNER, "b"))

    def sign_in() -> None:
        raw.set(f"auth:rt:{token('late').hash}", "{}", ex=60)
        raw.sadd(INDEX, f"rt:{token('late').hash}")

    def exchange() -> None:
        raw.srem(INDEX, f"rt:{token('a').hash}")
        raw.sadd(INDEX, f"rt:{token('a-next').hash}")

    executor.happens = [sign_in, exchange]
    assert await sessions.revoke_all(OWNER) == RevokedAll(2, 1)
    assert raw.exists(INDEX, f"auth:rt:{token('late').hash}", f"auth:rt:{token('b').hash}") == 0


async def test_an_account_that_never_rests_is_refused_and_unchanged(
    executor: Interrupted, sessions: RedisSessionStore, raw: Redis
) -> None:
    """A request would hang for as long as somebody else goes on."""
    await sessions.create(OWNER, new_session(OWNER, "a"))
    before = raw.scard(INDEX)
    executor.happens = [partial(raw.sadd, INDEX, f"rt:{number}") for number in range(9)]
    with pytest.raises(StoreUnavailable):
        await sessions.revoke_all(OWNER)
    assert len(executor.happens) == 4
    assert raw.scard(INDEX) == before + 5
    assert raw.exists(f"auth:ep:{OWNER.hash}") == 0


async def test_an_exchange_stands_when_its_account_cannot_be_tidied(
    executor: Interrupted, sessions: RedisSessionStore, raw: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """A person would be signed out by housekeeping."""
    await sessions.create(OWNER, new_session(OWNER, "a"))
    executor.happens = [partial(raw.sadd, INDEX, f"rt:{number}") for number in range(5)]
    exchange = rotation(OWNER, "a", name_of(True, "b"))
    assert await sessions.rotate(OWNER, exchange) == Rotated(0)
    assert "not removed" in caplog.text


@pytest.mark.parametrize("revocation", ["read_through", "feed"])
async def test_a_deployment_asks_for_it_in_one_word(
    redis_server: RedisProcess, raw: Redis, revocation: Literal["read_through", "feed"]
) -> None:
    """A host would be refused by its Redis whatever it configures."""
    stores = redis_stores(redis_server.url, revocation=revocation, declare_all_keys=True)
    await everything(stores.sessions, raw)
    assert await undeclared(redis_server, everything(stores.sessions, raw)) == set()
    assert await stores.revocation.current_epoch(OWNER) == 4
    await stores.aclose()


async def test_each_step_answers_as_it_does_elsewhere(sessions: RedisSessionStore, raw: Redis) -> None:
    """A strict Redis would change who is signed out."""
    for hour, name in enumerate(("a", "b", "c")):
        await sessions.create(OWNER, new_session(OWNER, name, at=START + hour * HOUR, family=name))
    created = await sessions.create(OWNER, new_session(OWNER, "d", at=START + 3 * HOUR, family=None, cap=3))
    assert created == Created(0, (token("a").hash,))
    raw.delete(*(f"auth:{prefix}:{token('b').hash}" for prefix in ("rt", "sd")))
    assert [shown.session_hash for shown in await sessions.list(OWNER)] == [token("d").hash, token("c").hash]
    assert raw.scard(INDEX) == 2
    ended = await sessions.revoke_family(OWNER.realm, "c", None, IDENTIFIERS.subject_factory(OWNER.realm))
    assert ended == FamilyRevoked(OWNER, 1)
    assert await sessions.revoke_all_except(OWNER, token("c").hash, must_exist=True) == Missing()
    assert await sessions.revoke_all_except(OWNER, token("d").hash, must_exist=True) == RevokedAll(0, 1)
    await sessions.rotate(OWNER, rotation(OWNER, "d", "e", family=None))
    assert raw.scard(INDEX) == 2
    assert await sessions.revoke_all(OWNER) == RevokedAll(1, 2)
    assert [
        key for key in raw.keys("*") if not str(key).startswith(("auth:ep:", "auth:cf:", "auth:fam:"))
    ] == []
    assert await sessions.revoke_all(OWNER) == RevokedAll(0, 3)

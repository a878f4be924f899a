"""An account that has more sessions than a step may handle, from before their number was limited."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from redis import Redis

from bymax_auth.errors import StoreUnavailable
from bymax_auth.ports.sessions import Created, Gone, Missing, RevokedAll, Rotated
from bymax_auth.stores.redis.connection.connect import Limits, connect
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.replies import Argument, Reply
from bymax_auth.stores.redis.scripts.declared_keys import DeclaredKeysExecutor
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.sessions import RedisSessionStore
from bymax_auth.stores.session_details import HANDLED_AT_ONCE
from bymax_auth.types.identity import KeyLayout, Realm
from tests.contract.samples import account, new_session, rotation, token
from tests.servers.redis import RedisProcess

OWNER = account(Realm.DASHBOARD)
INDEX = f"auth:sess:{OWNER.hash}"
MANY = 50_000
MORE = HANDLED_AT_ONCE + 500
SESSIONS_OF_ITS_OWN = ("rt", "sd", "rp", "sess", "sess-ended")

OLD_SESSIONS = """
for number = 1, ARGV[1] do
  local hash = string.rep(string.sub(redis.sha1hex(number), 1, 32), 2)
  redis.call('SADD', KEYS[1], 'rt:' .. hash)
  redis.call('SET', 'auth:rt:' .. hash, '{}', 'EX', 600)
  redis.call('SET', 'auth:sd:' .. hash, '{}', 'EX', 600)
end
redis.call('SADD', KEYS[1], 'rp:pointer')
redis.call('SET', 'auth:rp:pointer', 'spent', 'EX', 600)
redis.call('EXPIRE', KEYS[1], 600)
"""


class Failing(ScriptExecutor):
    """An executor whose deletions fail when they are told to."""

    __slots__ = ("fails_from", "writes")

    fails_from: int
    writes: int

    async def write(self, *command: Argument, durable: bool = False) -> Reply:
        self.writes += command[0] in {"DEL", "SREM"}
        if self.writes > self.fails_from and command[0] != "EVAL":
            raise StoreUnavailable("Redis did not answer.")
        return await super().write(*command, durable=durable)


@dataclass
class Steps:
    """What Redis was asked to do, step by step: a command, or a script with its commands."""

    sizes: list[int] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)

    def see(self, command: str, *, in_script: bool) -> None:
        name, *words = command.split(" ")
        self.names[name] += 1
        if in_script:
            self.sizes[-1] += 1
        else:
            self.sizes.append(len(words))


async def steps_of(process: RedisProcess, work: Awaitable[object]) -> Steps:
    seen = Steps()
    with process.client() as client, client.monitor() as monitor:
        await work
        client.echo("done")
        while True:
            entry = monitor.next_command()
            if entry["command"].startswith("ECHO"):
                return seen
            seen.see(entry["command"], in_script=entry["client_type"] == "lua")


@asynccontextmanager
async def a_store(
    process: RedisProcess, executor: type[ScriptExecutor]
) -> AsyncIterator[tuple[RedisSessionStore, ScriptExecutor]]:
    client = connect(process.url, Limits())
    opened = executor(client, KeyBuilder("auth", KeyLayout.SHARED))
    yield RedisSessionStore(opened), opened
    await opened.aclose()
    await client.aclose()


def left(raw: Redis) -> list[str]:
    """The keys of the account's sessions."""
    return [key for key in raw.keys("auth:*") if str(key).split(":")[1] in SESSIONS_OF_ITS_OWN]


@pytest.mark.parametrize("executor", [ScriptExecutor, DeclaredKeysExecutor])
async def test_no_step_of_a_revocation_handles_more_than_its_bound(
    redis_server: RedisProcess, raw: Redis, executor: type[ScriptExecutor]
) -> None:
    """Everybody else would wait while one account's sessions end, and the shared connection give up."""
    raw.eval(OLD_SESSIONS, 1, INDEX, MANY)
    async with a_store(redis_server, executor) as (sessions, _):
        await sessions.list(account(user_id="u2"))
        results: list[RevokedAll] = []

        async def revoke() -> None:
            results.append(await sessions.revoke_all(OWNER))

        steps = await steps_of(redis_server, revoke())
    assert results == [RevokedAll(MANY, 1)]
    assert max(steps.sizes) <= HANDLED_AT_ONCE + 30
    assert steps.names["SMEMBERS"] == 0
    assert left(raw) == []


@pytest.mark.parametrize("executor", [ScriptExecutor, DeclaredKeysExecutor])
async def test_a_list_and_a_sign_in_look_at_no_more_than_their_bound(
    redis_server: RedisProcess, raw: Redis, executor: type[ScriptExecutor]
) -> None:
    """One account's list would stall a stranger's request for seconds."""
    raw.eval(OLD_SESSIONS, 1, INDEX, MORE)
    raw.delete(*raw.keys("auth:rt:0*"))
    async with a_store(redis_server, executor) as (sessions, _):
        await sessions.list(account(user_id="u2"))
        steps = await steps_of(redis_server, sessions.list(OWNER))
        assert max(steps.sizes) <= 2 * HANDLED_AT_ONCE + 30
        assert steps.names["SMEMBERS"] == 0
        created = await sessions.create(OWNER, new_session(OWNER, "new", family="new", cap=100))
        assert isinstance(created, Created)
        assert isinstance(await sessions.rotate(OWNER, rotation(OWNER, "new", "next", family="new")), Rotated)


async def test_a_revocation_that_is_interrupted_has_ended_every_session(
    redis_server: RedisProcess, raw: Redis
) -> None:
    """A thief would stay signed in with whatever was not reached, or its owner be told that nothing ended."""
    async with a_store(redis_server, Failing) as (sessions, executor):
        assert isinstance(executor, Failing)
        executor.writes, executor.fails_from = 0, 9_999
        await sessions.create(OWNER, new_session(OWNER, "thief", family="thief"))
        raw.eval(OLD_SESSIONS, 1, INDEX, 3 * MORE)
        executor.writes, executor.fails_from = 0, 4
        revoked = await sessions.revoke_all(OWNER)
        assert revoked.epoch == 1
        assert 0 < revoked.removed < 3 * MORE
        assert await sessions.list(OWNER) == ()
        assert await sessions.rotate(OWNER, rotation(OWNER, "thief", "on", family="thief")) == Gone()
        assert raw.ttl(f"auth:sess-ended:{OWNER.hash}") > 0
        executor.fails_from = 9_999
        await sessions.create(OWNER, new_session(OWNER, "mine", family="mine"))
        assert [shown.session_hash for shown in await sessions.list(OWNER)] == [token("mine").hash]
        again = await sessions.revoke_all(OWNER)
        assert 0 < again.removed <= 3 * MORE + 2 - revoked.removed
        assert again.epoch == 2
    assert left(raw) == []


@pytest.mark.parametrize("executor", [ScriptExecutor, DeclaredKeysExecutor])
async def test_the_kept_login_is_kept_whole(
    redis_server: RedisProcess, raw: Redis, executor: type[ScriptExecutor]
) -> None:
    """Whoever signs all other devices out would be signed out too."""
    async with a_store(redis_server, executor) as (sessions, _):
        for name in ("mine", "my other tab"):
            await sessions.create(OWNER, new_session(OWNER, name, family="mine"))
        raw.eval(OLD_SESSIONS, 1, INDEX, MORE)
        gone = await sessions.revoke_all_except(OWNER, token("else").hash, must_exist=True)
        assert gone == Missing()
        kept = await sessions.revoke_all_except(OWNER, token("mine").hash, must_exist=True)
        assert kept == RevokedAll(MORE, 1)
        assert raw.smembers(INDEX) == {f"rt:{token(name).hash}" for name in ("mine", "my other tab")}
        assert 0 < raw.ttl(INDEX) <= 7 * 86_400
        assert isinstance(await sessions.rotate(OWNER, rotation(OWNER, "mine", "on", family="mine")), Rotated)
        assert await sessions.revoke_all(OWNER) == RevokedAll(2, 2)
    assert left(raw) == []


@pytest.mark.parametrize(
    ("executor", "kept"), [(ScriptExecutor, RevokedAll(MORE, 1)), (DeclaredKeysExecutor, Missing())]
)
async def test_a_token_that_was_just_exchanged_names_the_kept_login(
    redis_server: RedisProcess, raw: Redis, executor: type[ScriptExecutor], kept: object
) -> None:
    """A refresh at the wrong moment would sign its own device out; a strict Redis cannot follow the token."""
    async with a_store(redis_server, executor) as (sessions, _):
        await sessions.create(OWNER, new_session(OWNER, "before", family="mine"))
        await sessions.rotate(OWNER, rotation(OWNER, "before", "mine", family="mine"))
        raw.eval(OLD_SESSIONS, 1, INDEX, MORE)
        assert await sessions.revoke_all_except(OWNER, token("before").hash, must_exist=True) == kept
        assert raw.sismember(INDEX, f"rt:{token('mine').hash}")
        assert await sessions.revoke_all_except(OWNER, token("mine").hash, must_exist=True) != Missing()


async def test_an_account_that_was_left_without_expiry_ends_as_well(
    redis_server: RedisProcess, raw: Redis
) -> None:
    """A session of another server of the wire would be out of reach."""
    raw.eval(OLD_SESSIONS, 1, INDEX, MORE)
    raw.persist(INDEX)
    async with a_store(redis_server, ScriptExecutor) as (sessions, _):
        assert await sessions.revoke_all(OWNER) == RevokedAll(MORE, 1)
    assert left(raw) == []


async def test_a_pointer_that_was_set_aside_leads_to_nothing(redis_server: RedisProcess, raw: Redis) -> None:
    """Whoever signs all other devices out would leave the copy of an older token working."""
    async with a_store(redis_server, Failing) as (sessions, executor):
        assert isinstance(executor, Failing)
        executor.writes, executor.fails_from = 0, 9_999
        await sessions.create(OWNER, new_session(OWNER, "copied", family="mine"))
        exchange = rotation(OWNER, "copied", "mine", family="mine")
        assert await sessions.rotate(OWNER, exchange) == await sessions.rotate(OWNER, exchange) == Rotated(0)
        raw.eval(OLD_SESSIONS, 1, INDEX, MORE)
        executor.fails_from = -1
        await sessions.revoke_all_except(OWNER, token("mine").hash, must_exist=True)
        assert raw.exists(f"auth:rp:{token('copied').hash}")
        assert await sessions.reissue(OWNER, token("copied"), token("mine")) == Gone()
        assert await sessions.rotate(OWNER, exchange) == Gone()
        executor.fails_from = 9_999
        assert isinstance(await sessions.rotate(OWNER, rotation(OWNER, "mine", "on", family="mine")), Rotated)

"""Starting, stopping and doing without: what the stores promise on a real server."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as PlainRedis
from redis.asyncio import Redis

from bymax_auth.errors import StoreCorrupt, StoreUnavailable
from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.stores.redis import Limits, RedisStores, revocation, server_checks
from bymax_auth.stores.redis.keys import KeyBuilder
from bymax_auth.stores.redis.scripts.attempt_scripts import AttemptReadArguments
from bymax_auth.stores.redis.scripts.executor import ScriptExecutor
from bymax_auth.stores.redis.scripts.script import Script
from bymax_auth.stores.redis.scripts.session_scripts import IndexPruneKeys
from bymax_auth.types.identity import KeyLayout, Realm
from tests.contract.samples import account, new_session, token
from tests.servers.patience import LIMITS, opened, redis_stores
from tests.servers.redis import RedisProcess, until

NOBODY_LISTENS = "redis://127.0.0.1:1/0"
OWNER = account(Realm.DASHBOARD)


async def test_a_fit_redis_starts_without_a_word(
    redis_server: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning that comes always is one that nobody reads."""
    stores = redis_stores(redis_server.url, strict=True)
    with caplog.at_level(logging.WARNING):
        await stores.start()
    await stores.aclose()
    await stores.aclose()
    assert caplog.records == []
    assert (stores.volatile, stores.allow_in_production) == (False, False)


async def test_a_redis_that_may_forget_revocations_is_named(
    redis_server: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """A full Redis would quietly let blocked sessions in again."""
    with PlainRedis.from_url(redis_server.url) as raw:
        raw.config_set("maxmemory-policy", "volatile-lru")
        try:
            trusting, strict = (redis_stores(redis_server.url, strict=flag) for flag in (False, True))
            await trusting.start()
            with pytest.raises(StoreUnavailable, match="volatile-lru"):
                await strict.start()
        finally:
            raw.config_set("maxmemory-policy", "noeviction")
    assert "volatile-lru" in caplog.text
    await trusting.aclose()
    await strict.aclose()


async def test_a_user_that_may_not_read_settings_starts(redis_server: RedisProcess) -> None:
    """A Redis that is locked down as it should be could not be used."""
    with PlainRedis.from_url(redis_server.url) as raw:
        raw.execute_command("ACL", "SETUSER", "narrow", "on", ">secret", "~*", "+@all", "-config")
        stores = redis_stores(redis_server.url.replace("redis://", "redis://narrow:secret@"))
        await stores.start()
        await stores.aclose()
        raw.execute_command("ACL", "DELUSER", "narrow")


async def test_an_absent_redis_is_an_outage_at_the_start_and_after() -> None:
    """A request would wait for ever, or be let in."""
    stores = redis_stores(NOBODY_LISTENS, limits=Limits(connect=0.2))
    with pytest.raises(StoreUnavailable):
        await stores.start()
    with pytest.raises(StoreUnavailable):
        await stores.sessions.create(OWNER, new_session(OWNER, "a"))
    with pytest.raises(StoreUnavailable):
        await stores.revocation.token_state(OWNER, "jti")
    await stores.aclose()


async def test_a_server_that_lost_its_scripts_is_given_them_again(redis_server: RedisProcess) -> None:
    """After a restart of Redis nobody could sign in until the application restarted too."""
    stores = redis_stores(redis_server.url)
    await stores.sessions.create(OWNER, new_session(OWNER, "before"))
    with PlainRedis.from_url(redis_server.url) as raw:
        raw.script_flush()
    await stores.sessions.create(OWNER, new_session(OWNER, "after"))
    assert len(await stores.sessions.list(OWNER)) == 2
    await stores.aclose()


@pytest.mark.parametrize("decoded", [False, True])
async def test_a_client_of_the_hosts_stays_open(redis_server: RedisProcess, *, decoded: bool) -> None:
    """The host's own use of Redis would end with the engine."""
    client = opened(Redis.from_url(redis_server.url, decode_responses=decoded))
    stores = opened(RedisStores(client, limits=LIMITS))
    await stores.sessions.create(OWNER, new_session(OWNER, "mine"))
    assert len(await stores.sessions.list(OWNER)) == 1
    await stores.aclose()
    assert await client.ping() is True
    await client.aclose()


async def test_a_revocation_that_reaches_too_few_replicas_is_logged(
    redis_server: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator who asked for replicas would believe that there are some."""
    stores = redis_stores(redis_server.url, wait_replicas=1)
    await stores.revocation.blacklist(OWNER, "jti", timedelta(minutes=1))
    assert (await stores.revocation.token_state(OWNER, "jti")).blacklisted
    assert "0 of 1 replicas" in caplog.text
    await stores.aclose()


async def test_a_revocation_that_reached_its_replica_says_nothing(
    redis_server: RedisProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator would be woken by a deployment that is well."""
    replica = RedisProcess(tmp_path, "--save", "", "--replicaof", "127.0.0.1", str(redis_server.port))
    replica.start()
    try:
        until(redis_server.is_followed, "the replica follows")
        stores = redis_stores(redis_server.url, wait_replicas=1, wait_timeout_ms=60_000)
        assert await stores.revocation.bump_epoch(OWNER) == 1
        await stores.aclose()
    finally:
        replica.stop()
    assert "replicas in time" not in caplog.text


async def test_a_server_that_is_too_old_is_refused(
    redis_server: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proofs would be refused at their first use, by a command that the server does not know."""
    monkeypatch.setattr(server_checks, "_OLDEST_VERSION", (99, 0))
    stores = redis_stores(redis_server.url)
    with pytest.raises(StoreUnavailable, match="too old"):
        await stores.start()
    await stores.aclose()


async def test_a_key_of_another_type_is_corrupt_and_not_an_outage(redis_server: RedisProcess) -> None:
    """An operator would look for a fault of the network, and the damage would stay."""
    stores = redis_stores(redis_server.url)
    with PlainRedis.from_url(redis_server.url) as raw:
        raw.rpush(f"auth:ep:{OWNER.hash}", "1")
    with pytest.raises(StoreCorrupt):
        await stores.revocation.current_epoch(OWNER)
    await stores.aclose()


async def test_a_refusal_of_redis_is_told_by_its_code_alone(redis_server: RedisProcess) -> None:
    """Redis repeats a refused command with its keys and records, which would be logged."""
    with PlainRedis.from_url(redis_server.url) as raw:
        raw.execute_command("ACL", "SETUSER", "narrow", "on", ">secret", "~*", "+@all", "-get")
        stores = redis_stores(redis_server.url.replace("redis://", "redis://narrow:secret@"))
        with pytest.raises(StoreUnavailable) as refusal:
            await stores.revocation.current_epoch(OWNER)
        await stores.aclose()
        raw.execute_command("ACL", "DELUSER", "narrow")
    assert str(refusal.value) == "A Redis command failed: NOPERM."


async def test_a_revocation_that_must_reach_a_replica_is_refused_without_one(
    redis_server: RedisProcess,
) -> None:
    """A sign-out would be confirmed that the next failover undoes."""
    stores = redis_stores(redis_server.url, wait_replicas=1, wait_timeout_ms=1, wait_strict=True)
    with pytest.raises(StoreUnavailable, match="too few replicas"):
        await stores.revocation.bump_epoch(OWNER)
    assert await stores.revocation.current_epoch(OWNER) == 1
    await stores.aclose()


async def test_a_code_whose_use_must_reach_a_replica_lets_nobody_in_without_one(
    redis_server: RedisProcess,
) -> None:
    """After a failover the code, or the temporary token, would let in whoever has seen it."""
    minute, code, temp = timedelta(minutes=1), token("code").hash, token("temp").hash
    stores = redis_stores(redis_server.url, wait_replicas=1, wait_timeout_ms=1, wait_strict=True)
    setup = MfaSetupRecord(encrypted_secret="s", recovery_codes=(), encrypted_codes="c")
    await stores.mfa.put_setup(OWNER, setup, minute)
    await stores.mfa.put_temp(OWNER, temp, minute)
    for using in (
        stores.mfa.consume_challenge(OWNER, code, temp, minute),
        stores.mfa.mark_totp_used(OWNER, code, minute),
        stores.mfa.claim_recovery_code(OWNER, code, minute),
        stores.mfa.delete_temp(OWNER, temp),
        stores.mfa.take_setup(OWNER),
    ):
        with pytest.raises(StoreUnavailable, match="too few replicas"):
            await using
    await stores.aclose()


async def test_stores_that_declare_every_key_list_what_they_created(redis_server: RedisProcess) -> None:
    """On a Redis that checks keys nobody could sign in, or see where they are signed in."""
    stores = redis_stores(redis_server.url, declare_all_keys=True)
    await stores.sessions.create(OWNER, new_session(OWNER, "a"))
    assert len(await stores.sessions.list(OWNER)) == 1
    assert (await stores.sessions.revoke_all(OWNER)).removed == 1
    await stores.aclose()


async def test_accounts_whose_keys_were_spelled_before_are_read_as_ever(
    redis_server: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One account in so many would be asked about under the keys of another, or memory would grow."""
    monkeypatch.setattr(revocation, "_MAX_CACHED_ACCOUNTS", 2)
    stores = redis_stores(redis_server.url)
    owners = [account(Realm.DASHBOARD, f"u{number}") for number in range(5)]
    for raised, owner in enumerate(owners):
        for _ in range(raised):
            await stores.revocation.bump_epoch(owner)
    assert [(await stores.revocation.token_state(owner, "jti")).epoch for owner in owners] == [0, 1, 2, 3, 4]
    await stores.aclose()


async def test_a_script_that_answers_in_another_form_is_not_believed(redis_server: RedisProcess) -> None:
    """An answer that means nothing would be taken for a yes."""
    client = Redis.from_url(redis_server.url)
    executor = ScriptExecutor(client, KeyBuilder("auth", KeyLayout.SHARED))
    odd = Script(
        "odd", IndexPruneKeys, AttemptReadArguments, "return 1", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
    )
    with pytest.raises(StoreCorrupt, match="odd"):
        await executor.run(odd, IndexPruneKeys("auth:a:b"), AttemptReadArguments())
    await executor.aclose()
    await client.aclose()


async def test_closed_stores_do_not_answer(redis_server: RedisProcess) -> None:
    """A late request would open a connection that is never closed."""
    stores = redis_stores(redis_server.url)
    owner = account(Realm.DASHBOARD)
    assert await stores.revocation.current_epoch(owner) == 0
    await stores.aclose()
    with pytest.raises(StoreUnavailable, match="closed"):
        await stores.revocation.current_epoch(owner)


async def test_a_connection_that_closes_late_does_not_fail_a_shutdown(
    redis_server: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """The rest of a host's shutdown would be skipped because one server was slow."""
    stores = redis_stores(redis_server.url)
    await stores.start()
    client: Any = vars(stores)["_executor"].client
    (connection,) = client.connection_pool._available_connections
    connection.socket_connect_timeout = 0
    await stores.aclose()
    assert "was not closed in time: TimeoutError" in caplog.text


async def test_stores_that_were_closed_start_again_on_the_same_loop(redis_server: RedisProcess) -> None:
    """An application that is stopped and started in one process could not sign anybody in."""
    stores = redis_stores(redis_server.url)
    await stores.start()
    raised = await stores.revocation.bump_epoch(OWNER)
    await stores.aclose()
    await stores.start()
    assert await stores.revocation.current_epoch(OWNER) == raised
    await stores.aclose()

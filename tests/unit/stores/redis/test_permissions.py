"""A user of Redis that may do what the guide lists, and nothing else."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from redis import Redis

from bymax_auth.ports.attempts import Go
from bymax_auth.ports.mfa import MfaSetupRecord, MfaTempState
from bymax_auth.ports.one_time import PASSWORD_RESET, OtpVerdict, ResetContext
from bymax_auth.ports.sessions import Created, FamilyRevoked, InGrace, Recovered, RevokedAll
from bymax_auth.stores.redis import RedisStores
from bymax_auth.types.identity import Realm
from bymax_auth.types.session import CachedStatus
from tests.contract.samples import (
    FAMILY,
    IDENTIFIERS,
    START,
    account,
    counter,
    exchange,
    new_session,
    otp,
    recovery,
    sign_in,
    token,
)
from tests.servers.patience import redis_stores
from tests.servers.redis import RedisProcess

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "redis.md"
OWNER = account(Realm.DASHBOARD)
MINUTE = timedelta(minutes=1)

Revocation = Literal["read_through", "feed"]


def listed(revocation: Revocation) -> list[str]:
    """The permissions that the guide gives without a condition, and those for a feed where there is one."""
    groups = re.findall(r"`([^`]*\+[a-z|]+)`([^`]*)", GUIDE.read_text("utf-8"))
    wanted = {",", ""} | ({"for a feed."} if revocation == "feed" else set())
    return [
        word for words, when in groups if when.partition("\n")[0].strip() in wanted for word in words.split()
    ]


@pytest.fixture(params=["read_through", "feed"])
def revocation(request: pytest.FixtureRequest) -> Revocation:
    """Both ways to answer whether a token was taken back."""
    return "feed" if request.param == "feed" else "read_through"


@pytest.fixture
def url(redis_server: RedisProcess, revocation: Revocation) -> Iterator[str]:
    with redis_server.client() as client:
        client.execute_command("ACL", "SETUSER", "ours", "on", ">secret", *listed(revocation))
        yield redis_server.url.replace("redis://", "redis://ours:secret@")
        client.execute_command("ACL", "DELUSER", "ours")


async def test_the_listed_permissions_are_enough(
    url: str, redis_server: RedisProcess, revocation: Revocation
) -> None:
    """An operator who follows the guide would find out at the first refresh, or the first theft."""
    stores = redis_stores(url, strict=True, revocation=revocation)
    await stores.start()
    with redis_server.client() as raw:
        raw.script_flush()
        await sessions(stores, raw)
    await revocations(stores)
    await secrets(stores)
    await second_factor(stores)
    await stores.aclose()


async def test_the_listed_permissions_are_enough_to_wait(url: str) -> None:
    """A revocation that has to reach a replica would be refused."""
    stores = redis_stores(url, wait_replicas=1)
    assert await stores.revocation.bump_epoch(OWNER) == 1
    await stores.aclose()


async def sessions(stores: RedisStores, raw: Redis) -> None:
    store = stores.sessions
    for name in ("a", "b", "c"):
        await sign_in(stores, OWNER, name)
    raw.delete(f"auth:rt:{token('c').hash}")
    assert len(await store.list(OWNER)) == 2
    await exchange(stores, OWNER, "a", "a2")
    seen = await store.snapshot(OWNER.realm, token("a"))
    assert isinstance(seen, InGrace)
    assert await store.recover(OWNER, recovery(OWNER, "a", seen, "a3")) == Recovered(0)
    await store.drop_grace(OWNER.realm, token("a"))
    for number in range(70):
        # So many exchanges meet every pruning of the index on the way.
        await exchange(stores, OWNER, "b" if number == 0 else f"b{number}", f"b{number + 1}")
    await sign_in(stores, OWNER, "old", at=START - timedelta(hours=1), family="old")
    created = await store.create(OWNER, new_session(OWNER, "d", family="d", cap=2))
    assert isinstance(created, Created)
    assert len(created.evicted) == 1
    assert not await store.has_recent_auth(OWNER)
    assert await store.revoke(OWNER, token("d").hash)
    subject_of = IDENTIFIERS.subject_factory(OWNER.realm)
    assert await store.revoke_family(OWNER.realm, FAMILY, None, subject_of) == FamilyRevoked(OWNER, 3)
    await sign_in(stores, OWNER, "e", family=None)
    kept = await store.revoke_all_except(OWNER, token("e").hash, must_exist=True)
    assert kept == RevokedAll(0, 1)
    assert await store.revoke_all(OWNER) == RevokedAll(1, 2)


async def revocations(stores: RedisStores) -> None:
    store = stores.revocation
    await store.blacklist(OWNER, "jti", MINUTE)
    assert await store.bump_epoch(OWNER) == await store.current_epoch(OWNER) == 3
    await store.remember_status(OWNER, CachedStatus("ACTIVE", True), MINUTE)
    assert (await store.token_state(OWNER, "jti")).blacklisted
    await store.forget_status(OWNER)


async def secrets(stores: RedisStores) -> None:
    assert await stores.attempts.begin(counter(), 5) == Go()
    assert (await stores.attempts.fail(counter(), MINUTE)).count == 1
    await stores.attempts.abandon(counter())
    await stores.attempts.ok(counter())
    await stores.attempts.clear(counter())
    assert (await stores.attempts.failures(counter())).count == 0
    assert (await stores.rate_limits.hit("login", "client", 1, MINUTE)).allowed
    assert await stores.otps.try_begin_resend(otp(), MINUTE)
    await stores.otps.put(otp(), "right", MINUTE)
    assert await stores.otps.verify(otp(), "wrong", 5) is OtpVerdict.WRONG
    assert await stores.otps.verify(otp(), "right", 5) is OtpVerdict.OK
    context = ResetContext(user_id="u1", email="a@b.c", tenant_id="t", password_fingerprint=None)
    for name in ("used", "withdrawn"):
        await stores.proofs.put(PASSWORD_RESET, token(name).hash, context, MINUTE)
    assert await stores.proofs.consume(PASSWORD_RESET, token("used").hash) == context
    await stores.proofs.delete(PASSWORD_RESET, token("withdrawn").hash)


async def second_factor(stores: RedisStores) -> None:
    mfa, setup = stores.mfa, MfaSetupRecord(encrypted_secret="s", recovery_codes=(), encrypted_codes="c")
    assert await mfa.put_setup(OWNER, setup, MINUTE)
    assert await mfa.read_setup(OWNER) == await mfa.take_setup(OWNER) == setup
    for name in ("by code", "by recovery code"):
        await mfa.put_temp(OWNER, token(name).hash, MINUTE)
    assert await mfa.temp_state(OWNER, token("by code").hash) == MfaTempState(OWNER.user_id, 3)
    assert await mfa.consume_challenge(OWNER, token("code").hash, token("by code").hash, MINUTE)
    assert not await mfa.mark_totp_used(OWNER, token("code").hash, MINUTE)
    assert await mfa.claim_recovery_code(OWNER, token("code").hash, MINUTE)
    assert await mfa.delete_temp(OWNER, token("by recovery code").hash)
    assert await mfa.acquire_lock(OWNER, "nonce", MINUTE)
    assert await mfa.release_lock(OWNER, "nonce")

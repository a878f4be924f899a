"""How often a request waits for Redis, counted on the way there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bymax_auth.ports.mfa import MfaSetupRecord
from bymax_auth.stores.redis import FeedLimits, RedisStores
from tests.contract.samples import account, token
from tests.integration.http.world import EMAIL, TENANT, World, a_world, user
from tests.integration.keeping import kept_in
from tests.servers.meter import Meter
from tests.servers.patience import FEED_LIMITS, redis_stores
from tests.servers.redis import RedisProcess

MINUTE = timedelta(minutes=1)
FIRST_OF_THE_FEED = {"k": "status", "v": "x", "x": 0, "n": "first", "h": 3_600_000}


class Derivation:
    """Verifies a password, and notes what had been asked of Redis until then."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self.before = 0

    def matches(self, stored: str) -> bool:
        return stored == "noted"

    def verify(self, password: str, stored: str) -> bool:
        self.before = len(self._meter.waits)
        return password == "right"


@dataclass
class Metered:
    """A deployment on Redis, and what it asks of it."""

    world: World
    meter: Meter
    derivation: Derivation

    async def waits(self, method: str, path: str, **options: Any) -> tuple[Any, list[list[str]]]:
        """Return the answer to a request, and what it waited for."""
        await self.world.engine.drain()
        self.meter.waits.clear()
        answer = await self.world.driver.call(method, path, **options)
        await self.world.engine.drain()
        return answer, [sorted(wait) for wait in self.meter.waits]

    async def login(self, password: str = "right") -> tuple[Any, list[list[str]]]:
        body = {"email": EMAIL, "password": password, "tenantId": TENANT}
        return await self.waits("POST", "/login", json_body=body)


@asynccontextmanager
async def metered(
    server: RedisProcess, revocation: str | FeedLimits = "read_through"
) -> AsyncIterator[Metered]:
    """A deployment that has met every script once: a Redis that starts has to be told them."""
    async with Meter(server.port) as meter:
        derivation = Derivation(meter)
        opened: Callable[[], RedisStores] = lambda: redis_stores(  # noqa: E731
            meter.url, revocation=revocation
        )
        password = {"legacy_verifiers": (derivation,), "rehash_on_verify": False}
        with kept_in(opened):
            async with a_world(accounts=(user(password_hash="noted"),), password=password) as world:
                deployment = Metered(world, meter, derivation)
                await deployment.login("wrong")
                born, _ = await deployment.login()
                for _ in ("rotated", "repeated"):
                    answer, _ = await deployment.waits("POST", "/refresh", cookies=born.cookies)
                    assert answer.status == 200
                yield deployment


@pytest.fixture
async def deployment(redis_server: RedisProcess) -> AsyncIterator[Metered]:
    """A deployment that reads revocations through."""
    async with metered(redis_server) as opened:
        yield opened


async def test_authenticating_a_request_waits_once(deployment: Metered) -> None:
    """Each further wait is latency on every request of everybody."""
    born, _ = await deployment.login()
    answer, waits = await deployment.waits("GET", "/me", cookies=born.cookies)
    assert answer.status == 200
    assert waits == [["MGET"]]


async def test_signing_in_waits_twice_after_the_password(deployment: Metered) -> None:
    """Each further wait is latency on every sign-in."""
    answer, waits = await deployment.login()
    assert answer.status == 200
    assert deployment.derivation.before == 1
    assert waits == [["attempt_begin"], ["GET", "attempt_end"], ["session_create"]]


async def test_a_refused_sign_in_waits_once_after_the_password(deployment: Metered) -> None:
    """A guess would cost the store more than a sign-in."""
    answer, waits = await deployment.login("wrong")
    assert answer.status == 401
    assert deployment.derivation.before == 1
    assert waits == [["attempt_begin"], ["attempt_fail"]]


async def test_refreshing_waits_twice(deployment: Metered) -> None:
    """Each further wait is latency on every refresh."""
    born, _ = await deployment.login()
    answer, waits = await deployment.waits("POST", "/refresh", cookies=born.cookies)
    assert answer.status == 200
    assert waits == [["MGET"], ["refresh_rotate"]]
    again, waits = await deployment.waits("POST", "/refresh", cookies=born.cookies)
    assert again.status == 200
    assert waits == [["MGET"], ["refresh_reissue"]]


async def test_a_feed_that_is_trusted_answers_without_redis(redis_server: RedisProcess) -> None:
    """The feed would cost what it is there to save."""
    asked: Any
    with redis_server.client() as asked:
        asked.xadd("auth:feed:revocations", FIRST_OF_THE_FEED, id="5-0")
    async with metered(redis_server, FEED_LIMITS) as deployment:
        born, _ = await deployment.login()
        await trusted(deployment)
        for _ in range(5):
            answer, waits = await deployment.waits("GET", "/me", cookies=born.cookies)
            assert answer.status == 200
            assert waits == []


async def test_what_is_asked_together_is_one_wait(redis_server: RedisProcess) -> None:
    """A flow that asks one thing after another would pass for one that does not."""
    async with Meter(redis_server.port) as meter:
        stores = redis_stores(meter.url)
        owner = account()
        await asyncio.gather(*(stores.revocation.current_epoch(owner) for _ in range(2)))
        meter.waits.clear()
        await asyncio.gather(*(stores.revocation.current_epoch(owner) for _ in range(2)))
        assert meter.waits == [["GET", "GET"]]
        for _ in range(2):
            await stores.revocation.current_epoch(owner)
        assert meter.waits == [["GET", "GET"], ["GET"], ["GET"]]
        await stores.aclose()


async def test_each_step_of_a_second_factor_waits_once(redis_server: RedisProcess) -> None:
    """Each further wait is latency on every sign-in with a code."""
    owner, code, temp = account(), token("code").hash, token("temp").hash
    setup = MfaSetupRecord(encrypted_secret="s", recovery_codes=(), encrypted_codes="c")
    async with Meter(redis_server.port) as meter:
        stores = redis_stores(meter.url)
        mfa = stores.mfa
        # A Redis that starts has to be told the scripts.
        await mfa.consume_challenge(owner, code, temp, MINUTE)
        await mfa.release_lock(owner, "nonce")
        for step, expected in (
            (mfa.put_setup(owner, setup, MINUTE), "SET"),
            (mfa.read_setup(owner), "GET"),
            (mfa.take_setup(owner), "GETDEL"),
            (mfa.put_temp(owner, temp, MINUTE), "SET"),
            (mfa.temp_state(owner, temp), "MGET"),
            (mfa.consume_challenge(owner, code, temp, MINUTE), "mfa_challenge"),
            (mfa.mark_totp_used(owner, code, MINUTE), "SET"),
            (mfa.claim_recovery_code(owner, code, MINUTE), "SET"),
            (mfa.delete_temp(owner, temp), "DEL"),
            (mfa.acquire_lock(owner, "nonce", MINUTE), "SET"),
            (mfa.release_lock(owner, "nonce"), "release_lock"),
        ):
            meter.waits.clear()
            await step
            assert meter.waits == [[expected]]
        await stores.aclose()


async def trusted(deployment: Metered) -> None:
    """Wait until memory may answer."""
    stores = deployment.world.stores
    assert isinstance(stores, RedisStores)
    assert stores.feed is not None
    await stores.feed.refresh()
    assert stores.feed.current_cache() is not None

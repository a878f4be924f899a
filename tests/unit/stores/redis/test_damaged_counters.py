"""Counters and codes that somebody else has written over: nothing is admitted on them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from bymax_auth.errors import StoreCorrupt
from bymax_auth.ports.attempts import Go
from bymax_auth.ports.one_time import OtpVerdict
from bymax_auth.stores.redis import RedisStores
from tests.contract.samples import counter, otp

NO_COUNTS = (
    "",
    "x",
    "nan",
    "inf",
    "1e3",
    "0x1",
    " 1",
    "1\n",
    "-1",
    "-100",
    "1.5",
    "007",
    "9" * 16,
    "9" * 5000,
)
MINUTE = timedelta(minutes=1)
RIGHT, WRONG = "a" * 64, "b" * 64

Step = Callable[[RedisStores], Awaitable[Any]]

FAILED = f"auth:lf:{counter().hash}"
FLYING = f"auth:lfi:{counter().hash}"
REQUESTS = "auth:rl:login:client"
CODE = f"auth:otp:{otp().purpose}:{otp().hash}"
WRONG_CODES = f"auth:lf:{otp().ceiling}"


async def begin(stores: RedisStores) -> Any:
    return await stores.attempts.begin(counter(), 5)


async def fail(stores: RedisStores) -> Any:
    return await stores.attempts.fail(counter(), MINUTE)


async def ok(stores: RedisStores) -> Any:
    return await stores.attempts.ok(counter())


async def abandon(stores: RedisStores) -> Any:
    return await stores.attempts.abandon(counter())


async def failures(stores: RedisStores) -> Any:
    return await stores.attempts.failures(counter())


async def hit(stores: RedisStores) -> Any:
    return await stores.rate_limits.hit("login", "client", 5, MINUTE)


async def verify_right(stores: RedisStores) -> Any:
    return await stores.otps.verify(otp(), RIGHT, 5)


async def verify_wrong(stores: RedisStores) -> Any:
    return await stores.otps.verify(otp(), WRONG, 5)


READERS = (
    (begin, FAILED),
    (begin, FLYING),
    (fail, FAILED),
    (fail, FLYING),
    (ok, FLYING),
    (abandon, FLYING),
    (failures, FAILED),
    (hit, REQUESTS),
    (verify_right, WRONG_CODES),
    (verify_wrong, WRONG_CODES),
)


@pytest.fixture(autouse=True)
async def code(stores: RedisStores) -> None:
    """The code that is damaged."""
    await stores.otps.put(otp(), RIGHT, MINUTE)


async def assert_stopped(step: Awaitable[Any], raw: Redis) -> None:
    """It is corrupt, and every key is as it was."""
    before = contents(raw)
    with pytest.raises(StoreCorrupt):
        await step
    assert contents(raw) == before


def contents(raw: Redis) -> dict[Any, Any]:
    return {key: raw.dump(key) for key in raw.keys("*")}


@pytest.mark.parametrize("value", NO_COUNTS, ids=lambda value: repr(value[:8]))
@pytest.mark.parametrize(("step", "key"), READERS)
async def test_a_counter_that_is_no_number_stops_every_step_before_it_writes(
    stores: RedisStores, raw: Redis, step: Step, key: str, value: str
) -> None:
    """Whoever can write one would guess passwords and codes without end."""
    raw.set(key, value, ex=60)
    await assert_stopped(step(stores), raw)


@pytest.mark.parametrize(("step", "key"), READERS)
async def test_a_counter_of_another_type_stops_every_step_before_it_writes(
    stores: RedisStores, raw: Redis, step: Step, key: str
) -> None:
    """Half a step would have counted an attempt out and no failure in."""
    raw.rpush(key, "1")
    raw.expire(key, 60)
    await assert_stopped(step(stores), raw)


@pytest.mark.parametrize("attempts", NO_COUNTS, ids=lambda value: repr(value[:8]))
@pytest.mark.parametrize("submitted", [RIGHT, WRONG])
async def test_a_code_whose_attempts_are_no_number_is_not_judged(
    stores: RedisStores, raw: Redis, attempts: str, submitted: str
) -> None:
    """Six digits would fall to whoever may try them all."""
    raw.hset(CODE, "attempts", attempts)
    await assert_stopped(stores.otps.verify(otp(), submitted, 5), raw)


async def test_a_code_under_another_type_is_not_judged(stores: RedisStores, raw: Redis) -> None:
    """An address would be verified, or a password reset, without a code."""
    raw.set(CODE, RIGHT, ex=60)
    await assert_stopped(stores.otps.verify(otp(), RIGHT, 5), raw)


async def test_a_new_code_mends_a_damaged_one(stores: RedisStores, raw: Redis) -> None:
    """Asking for another mail would not help for as long as the record lasts."""
    raw.set(CODE, "x", ex=60)
    await stores.otps.put(otp(), RIGHT, MINUTE)
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.OK


async def test_a_code_without_a_count_has_been_tried_as_often_as_it_then_is(
    stores: RedisStores, raw: Redis
) -> None:
    """A record that a sibling wrote without the field would never be judged, or for ever."""
    raw.hdel(CODE, "attempts")
    for _ in range(5):
        assert await stores.otps.verify(otp(), WRONG, 5) is OtpVerdict.WRONG
    assert await stores.otps.verify(otp(), RIGHT, 5) is OtpVerdict.MAX


@pytest.mark.parametrize("key", [FAILED, FLYING])
async def test_an_unlock_mends_damaged_counters(stores: RedisStores, raw: Redis, key: str) -> None:
    """Support could do nothing for a person whose counter is damaged."""
    raw.set(key, "x", ex=60)
    await stores.attempts.clear(counter())
    assert await stores.attempts.begin(counter(), 1) == Go()


@pytest.mark.parametrize(("step", "key"), [(fail, FAILED), (hit, REQUESTS), (verify_wrong, WRONG_CODES)])
async def test_a_counter_without_a_lifetime_is_given_one_at_the_next_count(
    stores: RedisStores, raw: Redis, step: Step, key: str
) -> None:
    """A person would stay refused for ever."""
    raw.set(key, "2")
    await step(stores)
    assert raw.get(key) == "3"
    assert 0 < raw.ttl(key) <= 86_400

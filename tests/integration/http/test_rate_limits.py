"""Rate limits: how often one client may call one route."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bymax_auth.http.app import auth_app
from bymax_auth.http.client_ip import TrustedForwardedFor
from bymax_auth.http.config import RateLimit, RateLimitConfig
from bymax_auth.http.routes import ROUTES, AnyRoute
from tests.integration.http.driver import Driver
from tests.integration.http.requests import path_of, route_id
from tests.integration.http.world import LOGIN, World, a_world

LIMITED = [spec for spec in ROUTES if spec.limit is not None]


def limit_of(spec: AnyRoute) -> RateLimit:
    limit = None if spec.limit is None else spec.limit(RateLimitConfig())
    assert limit is not None
    return limit


@pytest.mark.parametrize("spec", LIMITED, ids=route_id)
async def test_a_limit_admits_its_number_and_refuses_the_next(spec: AnyRoute) -> None:
    """One too few locks an ordinary user out; one too many is a guess more for everybody else."""
    limit = limit_of(spec)
    async with a_world(rate_limits=RateLimitConfig()) as world:

        async def status() -> int:
            return (await world.driver.call(spec.method, path_of(spec), raw=b"{")).status

        assert 429 not in [await status() for _ in range(limit.requests)]
        world.clock.advance(timedelta(seconds=limit.window_seconds - 1, milliseconds=-1))
        answer = await world.driver.call(spec.method, path_of(spec), raw=b"{")
        assert (answer.status, answer.code) == (429, "auth.too_many_requests")
        waits = int(answer.header("retry-after") or 0)
        assert waits in {1, 2}
        assert answer.error["details"] == {"retryAfterSeconds": waits}
        world.clock.advance(timedelta(seconds=2))
        assert await status() != 429


async def test_the_account_may_be_read_as_often_as_it_takes() -> None:
    """Every page of an application asks who its visitor is."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        cookies = await world.signed_in()
        for _ in range(60):
            assert (await world.driver.call("GET", "/me", cookies=cookies)).status == 200


async def test_routes_count_apart_and_two_spellings_together() -> None:
    """Asking for a code must not use up the sign-ins; a second spelling must not double the budget."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        for _ in range(3):
            await world.driver.call("POST", "/password/forgot-password", raw=b"{")
        assert (await world.driver.call("POST", "/password/forgot-password", raw=b"{")).status == 429
        assert (await world.driver.call("POST", "/password/resend-otp", raw=b"{")).status == 400
        for _ in range(3):
            assert (await world.driver.call("DELETE", "/sessions/all")).status == 401
            status = (await world.driver.call("POST", "/sessions/revoke-all")).status
        assert status == 429


async def test_a_lifted_limit_leaves_the_route() -> None:
    """A host with a limiter of its own still has every route."""
    async with a_world(rate_limits=RateLimitConfig(login=None)) as world:
        for _ in range(20):
            assert (await world.driver.call("POST", "/login", raw=b"{")).status == 400


def of_client(world: World, address: str | None) -> Driver:
    return replace(world.driver, client=None if address is None else (address, 1), scopes=[])


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:DB8:85a3:08d3::1", True),
        ("2001:db8:85a3:8d3::1", "2001:db8:85a3:8d4::1", False),
        ("testclient", None, True),
        ("testclient", "203.0.113.9", False),
    ],
)
async def test_clients_are_told_apart_by_what_they_own(
    first: str | None, second: str | None, shared: bool
) -> None:
    """One IPv6 client owns a /64; counting each address of it would be no limit at all."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        for _ in range(6):
            answer = await of_client(world, first).call("POST", "/login", raw=b"{")
        assert answer.status == 429
        answer = await of_client(world, second).call("POST", "/login", raw=b"{")
        assert answer.status == (429 if shared else 400)


@pytest.mark.parametrize(
    ("network", "admitted", "outside"),
    [
        ("2001:db8:0:{:x}::1", 4 * 5, "2001:db8:0:100::1"),
        ("2001:db8:0:{:x}00::1", 16 * 5, "2001:db8:1::1"),
    ],
    ids=["/56", "/48"],
)
async def test_the_networks_of_one_customer_have_a_limit_together(
    network: str, admitted: int, outside: str
) -> None:
    """Whoever is assigned 256 networks would otherwise have 256 times the limit of everybody else."""
    async with a_world(rate_limits=RateLimitConfig()) as world:

        async def status(address: str) -> int:
            return (await of_client(world, address).call("POST", "/login", raw=b"{")).status

        seen = [await status(network.format(number // 5)) for number in range(admitted)]
        assert set(seen) == {400}
        assert await status(network.format(admitted)) == 429
        assert await status(outside) == 400


async def test_a_client_that_is_refused_uses_up_no_limit_of_its_neighbours() -> None:
    """One customer of a provider could otherwise lock out all the others."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        for _ in range(40):
            await of_client(world, "2001:db8:0:1::1").call("POST", "/login", raw=b"{")
        assert (await of_client(world, "2001:db8:0:2::1").call("POST", "/login", raw=b"{")).status == 400


async def test_behind_a_proxy_the_forwarded_client_counts() -> None:
    """Otherwise every user of the service would share the proxy's budget, and its session list."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        http = replace(world.http, client_ip_source=TrustedForwardedFor())
        driver = Driver(auth_app(world.engine, http, app_at_prefix=True), client=("10.0.0.2", 1))
        first, second = [("x-forwarded-for", "6.6.6.6, 198.51.100.7")], [("x-forwarded-for", "198.51.100.8")]
        for _ in range(6):
            answer = await driver.call("POST", "/login", raw=b"{", headers=first)
        assert answer.status == 429
        answer = await driver.call("POST", "/login", json_body=LOGIN, headers=second)
        assert answer.status == 200
        listed = (await driver.call("GET", "/sessions", cookies=answer.cookies)).json()
        assert isinstance(listed, list)
        assert listed[0]["ip"] == "198.51.100.8"


async def test_no_address_is_kept_in_the_store() -> None:
    """A counter needs to know that it is the same client, not which one."""
    async with a_world(rate_limits=RateLimitConfig()) as world:
        await world.driver.call("POST", "/login", raw=b"{")
        verdict = await world.stores.rate_limits.hit(
            "login", world.engine.identifiers.rate_bucket("203.0.113.9"), 1, timedelta(seconds=60)
        )
        assert not verdict.allowed

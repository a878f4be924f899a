"""Access tokens: one answer to every token that is not good."""

from datetime import timedelta

import pytest

from bymax_auth.engine import AuthEngine
from bymax_auth.http.app import auth_app
from bymax_auth.http.routes import AnyRoute
from bymax_auth.testing import FakeClock
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.requests import GUARDED, path_of, route_id
from tests.integration.http.world import PASSWORD, World, a_world, settings, user


@pytest.mark.parametrize("spec", GUARDED, ids=route_id)
async def test_no_bad_token_can_be_told_from_another(spec: AnyRoute) -> None:
    """Whoever tries tokens must not learn that one of them was once good."""
    async with a_world(token_delivery="both") as world:
        answers: list[Answer] = []

        async def present(**credentials: object) -> None:
            answers.append(await world.driver.call(spec.method, path_of(spec), **credentials))  # type: ignore[arg-type]

        body = (await world.login()).members
        good = str(body["accessToken"])
        head, payload, signature = good.split(".")
        await present()
        for token in (
            "garbage",
            "é" * 10,
            "a" * 5_000,
            f"{head}.{payload}.",
            f"{head}.{payload}.{'A' * len(signature)}",
            f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.",
            str(body["refreshToken"]),
        ):
            await present(bearer=token)
            await present(cookies={"access_token": token.encode().decode("latin-1")})
        await present(headers=[("authorization", f"Basic {good}")])
        await present(headers=[("authorization", f"Bearer {good}")] * 2)
        await present(query=f"access_token={good}".encode())
        await present(cookies={"access_token": "garbage"}, bearer=good)
        await world.driver.call("POST", "/logout", bearer=good)
        await present(bearer=good)
        expiring = str((await world.login()).members["accessToken"])
        world.clock.advance(timedelta(minutes=16))
        await present(bearer=expiring)
        swept = str((await world.login()).members["accessToken"])
        await world.engine.revoke_all_sessions("u1", tenant_id="acme")
        await present(bearer=swept)
        assert {(answer.status, answer.headers, answer.body) for answer in answers} == {
            (
                401,
                answers[0].headers,
                b'{"error":{"code":"auth.token_invalid","message":"Invalid token","details":null}}',
            )
        }


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER\t", "  Bearer   "])
async def test_a_bearer_token_is_heard_however_it_is_spelt(scheme: str) -> None:
    """The scheme's case and spacing are the client library's choice."""
    async with a_world(token_delivery="bearer") as world:
        token = str((await world.login()).members["accessToken"])
        answer = await world.driver.call("GET", "/me", headers=[("authorization", f"{scheme}{token}")])
        assert answer.status == 200


async def test_each_mode_reads_its_own_channel() -> None:
    """A channel that is read by surprise is a way in that nobody guards."""
    for delivery, by_cookie, by_header in (("cookie", 200, 401), ("bearer", 401, 200), ("both", 200, 200)):
        async with a_world(token_delivery=delivery) as world:
            answer = await world.login()
            token = answer.cookies.get("access_token") or str(answer.members["accessToken"])
            cookies = {"access_token": token}
            assert (await world.driver.call("GET", "/me", cookies=cookies)).status == by_cookie
            assert (await world.driver.call("GET", "/me", bearer=token)).status == by_header
            both = await world.driver.call("GET", "/me", cookies={"access_token": ""}, bearer=token)
            assert both.status == by_header


async def test_a_token_is_good_in_its_own_tenant_only(world: World) -> None:
    """Two tenants may each have a user with the same id."""
    world.users.add(user(tenant_id="other", email="eve@example.com", name="Eve"))
    mine = await world.driver.call("GET", "/me", cookies=await world.signed_in())
    theirs = await world.login(email="eve@example.com", tenantId="other", password=PASSWORD)
    assert mine.members["name"] == "Ada Lovelace"
    assert (await world.driver.call("GET", "/me", cookies=theirs.cookies)).members["name"] == "Eve"


@pytest.mark.parametrize("lag", [1, 2, 5, 60])
async def test_a_host_whose_clock_is_behind_serves_a_token_of_this_moment(world: World, lag: int) -> None:
    """Whoever signs in at one host and asks the next must not be refused until that one has caught up."""
    signed_in = await world.signed_in()
    behind = FakeClock(world.clock.now() - timedelta(seconds=lag))
    other_host = AuthEngine(
        settings(), users=world.users, stores=world.stores, email=world.mailer, clock=behind
    )
    driver = Driver(auth_app(other_host, world.http, app_at_prefix=True))
    assert (await driver.call("GET", "/me", cookies=signed_in)).status == 200
    await other_host._services.passwords.aclose()
